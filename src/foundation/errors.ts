/**
 * Coded errors.
 *
 * A message never holds an input value: codes, field names from our own schemas, row numbers and limits only.
 * What an attacker who reads every log and crash report learns from one: which rule refused something.
 */

/** Every code this library throws. The text is stable; programs may switch on it. */
export const ERROR_CODES = [
  // opening: one code, whatever the reason
  'OPEN_FAILED',
  // input from people
  'IDENTITY_INVALID',
  'CONTACT_INVALID',
  'STATEMENT_INVALID',
  'REGISTRATION_INVALID',
  'REGISTRATION_DUPLICATE',
  'COMPARTMENT_TOO_LARGE',
  'STATEMENT_TOO_LARGE',
  'CATEGORY_UNKNOWN',
  'ALIAS_INVALID',
  'STATEMENT_LEAKS_NAME',
  'STATEMENT_LEAKS_CONTACT',
  'GROUP_INVALID',
  'PIN_INVALID',
  // wire formats
  'FORMAT_INVALID',
  'SUBMISSION_INVALID',
  'JSON_INVALID',
  // claims and changes
  'CLAIM_THROTTLED',
  'REQUEST_INVALID',
  'CHANGE_REFUSED',
  'ENTRY_UNKNOWN',
  'RECORD_UNKNOWN',
  // the log and what is checked against it
  'NOTE_INVALID',
  'PROOF_INVALID',
  'WITNESSES_TOO_FEW',
  'LOG_INCONSISTENT',
  'LOG_POLICY_INVALID',
  'LOG_KEY_INVALID',
  'EXPORT_INVALID',
  'REPLAY_FAILED',
  // epochs
  'EPOCH_EXPIRED',
  'EPOCH_UNKNOWN',
  // custody
  'SHARE_INVALID',
  'SHARE_MIXED',
  'SHARE_DUPLICATE',
  'SHARE_BAD',
  'SHARES_TOO_FEW',
  'CUSTODY_INVALID',
  'CUSTODY_INSIDE_REGISTRY',
  // registry and stores
  'REGISTRY_NOT_INITIALISED',
  'REGISTRY_EXISTS',
  'REGISTRY_CLOSED',
  'POLICY_INVALID',
  'KEYS_INVALID',
  'STORE_FAILED',
  'STORE_BUSY',
  'STORE_INTEGRITY',
  'STORE_VERSION_UNKNOWN',
  'SQLITE_DRIVER_MISSING',
  'DEPENDENCY_MISSING',
  'SEALER_FAILED',
  'RECORD_ERASED',
  // import
  'IMPORT_INVALID',
  'IMPORT_MISMATCH',
  // command line
  'USAGE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts that may travel with an error: names of our own schema fields and small numbers, never a value from input. */
export interface ErrorDetails {
  /** Field name as our schema spells it, e.g. `identity.names`. */
  readonly field?: string;
  /** Index of a custodian's share (1-based). */
  readonly custodian?: number;
  /** 1-based row or member number. */
  readonly row?: number;
  /** The limit that was passed, in the unit the message names. */
  readonly limit?: number;
  /** Log index of a leaf: public by its nature. */
  readonly leaf?: number;
}

/**
 * The one error class of this library.
 *
 * `code` is stable, `retryable` says whether the same call may succeed later without any change by the caller.
 * There is no `cause`: a driver's message could echo values or a connection string.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: ErrorDetails & { readonly retryable?: boolean } = {}) {
    super(message);
    const { retryable = false, ...details } = options;
    this.code = code;
    this.retryable = retryable;
    this.details = details;
  }

  toJSON(): { code: ErrorCode; message: string; retryable: boolean; details: ErrorDetails } {
    const { code, message, retryable, details } = this;
    return { code, message, retryable, details };
  }
}

/** The single answer to "this could not be opened": wrong key, wrong context, altered bytes and wrong shape look the same. */
export function openFailed(): RegistryError {
  return new RegistryError('OPEN_FAILED', 'could not open');
}
