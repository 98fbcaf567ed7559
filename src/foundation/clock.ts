/** The time, injected. Nothing in the library reads the system clock except through this. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

const MILLISECONDS_PER_DAY = 86_400_000;

/** Whole days since 1970-01-01 (UTC): the finest unit of time that is ever stored. */
export function dayOf(milliseconds: number): number {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new RangeError('not a time');
  return Math.floor(milliseconds / MILLISECONDS_PER_DAY);
}

export function today(clock: Clock): number {
  return dayOf(clock.now());
}
