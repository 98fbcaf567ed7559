import { RegistryError } from '../foundation/errors.js';

/** Code and field of the rule that a registration broke; no value of it. */
export interface Refusal {
  readonly code: string;
  readonly field?: string;
}

/** A caller's bug is thrown on, and so is what may succeed later: it says nothing about this registration. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof RegistryError) || error.retryable) throw error;
  const { field } = error.details;
  return { code: error.code, ...(field === undefined ? {} : { field }) };
}
