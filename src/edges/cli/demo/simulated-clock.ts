import type { Clock } from '../../../index.js';

const MILLISECONDS_PER_DAY = 86_400_000;
/** The hour of the daily batch. */
const HOUR = 20;

/** A clock that stands still until the demo moves it on by whole days. */
export class SimulatedClock implements Clock {
  #day: number;

  constructor(firstDay: number) {
    this.#day = firstDay;
  }

  now(): number {
    return this.#day * MILLISECONDS_PER_DAY + HOUR * 3_600_000;
  }

  get date(): string {
    return new Date(this.now()).toISOString().slice(0, 10);
  }

  get day(): number {
    return this.#day;
  }

  advanceTo(day: number): void {
    if (day < this.#day) throw new RangeError('a clock does not go back');
    this.#day = day;
  }
}

/** Days since 1970 of the real clock: the story ends today, so that the registry it leaves behind can be used at once. */
export function realDay(): number {
  return Math.floor((performance.timeOrigin + performance.now()) / MILLISECONDS_PER_DAY);
}
