import { dateOfDay } from './period.js';
import type { Policy } from './policy.js';

const DAY = 86_400_000;
/** The longest window of `auto`. */
const MAX_DELAY = 28;
/** A day on either side for time zones, and for a batch that comes late. */
const GRACE_DAYS = 2;

/**
 * The date by which a statement sealed on `sealed` (`YYYY-MM-DD`) must be published under these rules, whatever was drawn: waiting for the
 * sort, the longest delay, the longest hold, and two days.
 */
export function latestPublication(sealed: string, policy: Pick<Policy, 'sortMaxWaitDays' | 'delayDays' | 'maxHoldDays'>): string {
  const { sortMaxWaitDays, delayDays, maxHoldDays } = policy;
  const days = sortMaxWaitDays + (delayDays === 'auto' ? MAX_DELAY : delayDays) + maxHoldDays + GRACE_DAYS;
  return dateOfDay(Date.parse(sealed) / DAY + days);
}
