import type { Clock } from '../foundation/clock.js';

/** A clock that stands still until it is moved. */
export interface FixedClock extends Clock {
  /** Moves by whole days; negative moves back. */
  advanceDays(days: number): void;
}

const MILLISECONDS_PER_DAY = 86_400_000;

/** `milliseconds` since 1970-01-01T00:00:00Z. */
export function fixedClock(milliseconds: number): FixedClock {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new RangeError('not a time');
  let now = milliseconds;
  return {
    now: () => now,
    advanceDays(days) {
      if (!Number.isInteger(days)) throw new RangeError('days must be whole');
      now += days * MILLISECONDS_PER_DAY;
    },
  };
}
