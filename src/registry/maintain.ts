import type { RegistryContext } from './context.js';
import { destroyOldEpochs, ensureEpochKeys } from './epochs.js';
import { rotateKek } from './kek.js';
import { sortInbox } from './sort.js';

export interface MaintenanceReport {
  readonly epochKeysMade: number;
  readonly epochKeysDestroyed: number;
  /** Submissions whose epoch key was destroyed before they were sorted: 0 unless sorting stood still for a month. */
  readonly submissionsDropped: number;
  readonly shredsRewrapped: number;
  /** Shreds of an earlier key that do not open: 0 unless a key was lost or a row damaged. While it is not 0, their old key stays. */
  readonly shredsUnreadable: number;
  readonly keksDestroyed: number;
}

/**
 * The daily housekeeping; the host schedules it. Publishes epoch keys ahead, sorts what is due, destroys old epoch keys, and replaces the
 * shred KEK weekly.
 * May be interrupted and repeated at any point. Throws `STORE_*`.
 */
export async function maintainRegistry(context: RegistryContext): Promise<MaintenanceReport> {
  const epochKeysMade = await ensureEpochKeys(context);
  // Before any key is destroyed: what has waited longest is sorted.
  await sortInbox(context);
  const { destroyed, dropped } = await destroyOldEpochs(context);
  const { rewrapped, unreadable, destroyed: keksDestroyed } = await rotateKek(context);
  context.logger.info('maintained', { count: rewrapped });
  return {
    epochKeysMade,
    epochKeysDestroyed: destroyed,
    submissionsDropped: dropped,
    shredsRewrapped: rewrapped,
    shredsUnreadable: unreadable,
    keksDestroyed,
  };
}
