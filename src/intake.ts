/**
 * `cryptonym/intake` — for the device or page that hears a name. Public keys in, 24 KiB out. It holds no opening code: whoever seizes a
 * device after the intake has answered finds nothing it could open. Runs in a browser; no Node built-in.
 */
export type { ClaimRequest } from './claims/make-claim.js';
export type { PhraseLanguage } from './claims/phrase.js';
export type { CryptoOptions } from './foundation/backend.js';
export { RegistryError } from './foundation/errors.js';
export { Secret } from './foundation/secret.js';
export type { AliasSuggestion } from './public/alias-pack.js';
export { suggestAliases } from './public/suggest-aliases.js';
export type { Contact } from './sealed/contact.js';
export type { Identity } from './sealed/identity.js';
export { decodePublicKeys, type EpochPublicKey, encodePublicKeys, type PublicKeys } from './sealed/keys/public-keys.js';
export { checkRegistration } from './submit/check-registration.js';
export { type GroupOptions, type MadeGroup, makeGroup, type MakeGroupOptions, type RejectedMember } from './submit/make-group.js';
export { type MadeSubmission, type MakeSubmissionOptions, makeSubmission, rewrapSubmission } from './submit/make-submission.js';
export type { Refusal } from './submit/refusal.js';
export { type SealJob, type SealOutcome, sealMany } from './submit/seal-many.js';
export { SUBMISSION_LENGTH } from './submit/outer-format.js';
export type { ExtraFields, SubmitOptions } from './submit/prepare-registration.js';
export type { GroupMember, Registration, SharedFields, StatementInput } from './submit/registration.js';
