import type { PublicKeys } from '../sealed/keys/public-keys.js';
import type { MakeSubmissionOptions } from '../submit/make-submission.js';
import { type SealJob, type SealOutcome, sealMany } from '../submit/seal-many.js';

/** Seals many registrations, possibly on several cores. Results come in the order of the jobs. `now`: milliseconds since 1970. */
export interface Sealer {
  seal(jobs: readonly SealJob[], publicKeys: PublicKeys, now: number): Promise<readonly SealOutcome[]>;
  close(): Promise<void>;
}

/** Seals one after the other on this thread. */
export function inlineSealer(options: MakeSubmissionOptions): Sealer {
  return {
    seal: async (jobs, publicKeys, now) => sealMany(jobs, publicKeys, { ...options, clock: { now: () => now } }),
    close: async () => undefined,
  };
}
