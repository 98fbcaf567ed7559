import { nobleBackend } from '../foundation/noble-backend.js';
import { rememberKeys } from '../foundation/remembered-keys.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { makeSubmission, type MakeSubmissionOptions } from './make-submission.js';
import { type Refusal, refusalOf } from './refusal.js';
import type { Registration } from './registration.js';

export interface SealJob {
  readonly registration: Registration;
  /** 16 bytes shared by the members of a call. */
  readonly groupId: Uint8Array | undefined;
}

/** 24 KiB, or why not. */
export type SealOutcome = { readonly bytes: Uint8Array } | Refusal;

/** `makeSubmission` for many; results in the order of the jobs. A bad registration becomes an outcome, a caller's bug is thrown. */
export function sealMany(jobs: readonly SealJob[], publicKeys: PublicKeys, options: MakeSubmissionOptions = {}): SealOutcome[] {
  const backend = rememberKeys(options.backend ?? nobleBackend);
  return jobs.map((job) => sealOne(job, publicKeys, { ...options, backend }));
}

function sealOne({ registration, groupId }: SealJob, publicKeys: PublicKeys, options: MakeSubmissionOptions): SealOutcome {
  try {
    return { bytes: makeSubmission(registration, publicKeys, { ...options, ...(groupId === undefined ? {} : { groupId }) }).bytes };
  } catch (error) {
    return refusalOf(error);
  }
}
