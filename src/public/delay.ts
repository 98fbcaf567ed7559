import { type Random, randomInt } from '../foundation/random.js';
import type { Policy } from '../vocabulary/policy.js';

/** How many statements came in how many whole days. Two integers, so that no rounding decides a window. */
export interface StatementRate {
  readonly count: number;
  /** At least 1 where `count` is not 0. */
  readonly days: number;
}

const MAX_WINDOW_DAYS = 28;
const MIN_AUTO_WINDOW_DAYS = 2;
/** A window is to hold about so many statements: among them each one hides. */
const CROWD = 100;

/**
 * Days over which a statement's delay is drawn: the policy's number, or for `auto` min(28, max(2, ⌈100 / rate⌉)); a rate of 0 gives 28.
 * Whoever watches the line and the register finds a call's entry with chance 1 / statements of the window.
 * Throws RangeError for a rate that is not two whole numbers.
 */
export function delayWindow(policy: Pick<Policy, 'delayDays'>, rate: StatementRate): number {
  if (policy.delayDays !== 'auto') return policy.delayDays;
  const { count, days } = rate;
  if (!isCount(count) || !isCount(days)) throw new RangeError('rate must be whole numbers');
  if (count === 0) return MAX_WINDOW_DAYS;
  if (days === 0) throw new RangeError('rate needs at least one day');
  const rest = (CROWD * days) % count;
  const ceiling = (CROWD * days - rest) / count + (rest === 0 ? 0 : 1);
  return Math.min(MAX_WINDOW_DAYS, Math.max(MIN_AUTO_WINDOW_DAYS, ceiling));
}

/** Small enough that `CROWD` times it is exact. */
function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 2 ** 46;
}

/**
 * The first day whose batch may take a statement: uniform in `today … today + window − 1`. Each statement draws for itself, members of a
 * group too: a family never appears as a bump. The draw is stored and never repeated; who could repeat it could choose it.
 */
export function drawDueDay(today: number, window: number, random: Random): number {
  return today + randomInt(random, window);
}
