import { RegistryError } from '../foundation/errors.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { makeSubmission, type MakeSubmissionOptions } from './make-submission.js';
import type { Registration } from './registration.js';

export interface SealJob {
  readonly registration: Registration;
  /** 16 bytes shared by the members of a call. */
  readonly groupId: Uint8Array | undefined;
}

/** 24 KiB, or the code and field of the rule that was broken. */
export type SealOutcome = { readonly bytes: Uint8Array } | { readonly code: string; readonly field?: string };

/** `makeSubmission` for many; results in the order of the jobs. A bad registration becomes an outcome, a caller's bug is thrown. */
export function sealMany(jobs: readonly SealJob[], publicKeys: PublicKeys, options: MakeSubmissionOptions = {}): SealOutcome[] {
  return jobs.map((job) => sealOne(job, publicKeys, options));
}

function sealOne({ registration, groupId }: SealJob, publicKeys: PublicKeys, options: MakeSubmissionOptions): SealOutcome {
  try {
    return { bytes: makeSubmission(registration, publicKeys, { ...options, ...(groupId === undefined ? {} : { groupId }) }).bytes };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { code: error.code, ...(error.details.field === undefined ? {} : { field: error.details.field }) };
  }
}
