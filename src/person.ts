/**
 * `cryptonym/person` — for whoever comes back with a claim phrase: status, amendments, retraction, erasure. Runs in a browser; no Node
 * built-in. It opens the person's own row and replies and nothing else; the custodians' side is not in it.
 *
 * Whoever seizes such a device while a `Claim` is in use can do what the person can. Keep none.
 */
export type { Claim, ClaimSecret, LookUp } from './claims/claim.js';
export { type FindClaimOptions, findClaim } from './claims/find-claim.js';
export { readReply } from './claims/read-reply.js';
export type { EntryStatus, RecordStatus, RefusalReason, Reply } from './claims/reply.js';
export type { ReplyPlace } from './claims/reply-keys.js';
export type { CryptoOptions } from './foundation/backend.js';
export { RegistryError } from './foundation/errors.js';
export { Secret } from './foundation/secret.js';
export { latestPublication } from './vocabulary/latest-publication.js';
export { decodePublicKeys, type EpochPublicKey, type PublicKeys } from './sealed/keys/public-keys.js';
export { heldEntry, type OwnEntry, type OwnStatement } from './submit/held-entry.js';
export { type MadeRequest, type MakeRequestOptions, makeRequest, type Wish } from './submit/make-request.js';
export { SUBMISSION_LENGTH } from './submit/outer-format.js';
