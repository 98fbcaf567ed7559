import { today } from '../foundation/clock.js';
import { delayWindow } from '../public/delay.js';
import type { RegistryContext } from './context.js';

/** Days over which the rate of statements is taken for `delayDays: 'auto'` (decision 002). */
const RATE_DAYS = 28;

/**
 * Days over which the delay of a statement or of a change is drawn now: the same for both, so that the day of a change says no more than the
 * day of a statement. `arriving`: statements about to be added to the pool.
 */
export async function currentDelayWindow(context: RegistryContext, arriving = 0): Promise<number> {
  const { public: store } = context.stores;
  const count = arriving + (await store.poolSize()) + (await store.publishedSince(today(context.clock) - RATE_DAYS));
  return delayWindow(context.settings.policy, { count, days: RATE_DAYS });
}
