import type { CryptoOptions } from '../foundation/backend.js';
import { type EpochKeys, type OpenJob, openMany, type OpenOutcome } from './open-many.js';
import type { RegistrySettings } from './settings.js';

/**
 * Opens the outer layers for a sort, possibly on several cores. Results come in the order of the jobs.
 * Fails as a whole, with a retryable `SEALER_FAILED`: the sort has written nothing then and drains nothing.
 */
export interface Opener {
  open(jobs: readonly OpenJob[], keys: EpochKeys, settings: RegistrySettings): Promise<readonly OpenOutcome[]>;
  close(): Promise<void>;
}

/** Opens one after the other on this thread. */
export function inlineOpener(options: CryptoOptions): Opener {
  return {
    open: async (jobs, keys, settings) => openMany(jobs, keys, settings, options),
    close: async () => undefined,
  };
}
