/**
 * For custodians: make keys as shares, check a share, open one record. It can open everything; it belongs on an offline station and never
 * into a service that takes statements.
 */
export type { CryptoOptions } from './foundation/backend.js';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, RegistryError } from './foundation/errors.js';
export type { HybridPrivateKey } from './foundation/hybrid-kem.js';
export { Secret } from './foundation/secret.js';
export type { CompartmentName } from './sealed/compartment.js';
export type { Contact } from './sealed/contact.js';
export type { JsonObject } from './sealed/fields.js';
export type { Identity } from './sealed/identity.js';
export {
  type Custody,
  type CustodyPublicKeys,
  type CustodySize,
  createCustody,
  type ShareEnvelopeFile,
} from './sealed/keys/create-custody.js';
export { inspectShare, type ShareInfo } from './sealed/keys/inspect-share.js';
export type { SharePurpose } from './sealed/keys/share-envelope.js';
export { type OpenedRecord, type OpeningKeys, openRecord, openRecordWithKey } from './sealed/open-record.js';
export { openQuarantined, type QuarantinedRow } from './sealed/open-quarantine.js';
export { decodeSealedRecord, encodeSealedRecord, type SealedCompartments, type SealedRecord } from './sealed/record.js';
