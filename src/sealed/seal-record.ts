import type { CryptoOptions } from '../foundation/backend.js';
import { encodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import type { Contact } from './contact.js';
import type { Identity } from './identity.js';
import { encodeLink, type Link } from './link.js';
import type { SealedCompartments } from './record.js';
import { assertFits, sealCompartment } from './seal-compartment.js';

export interface SealRecordInput {
  /** 16 bytes. */
  readonly recordId: Uint8Array;
  /** From `normaliseIdentity`. */
  readonly identity: Identity;
  /** From `normaliseContact`; `{}` when nothing is known. */
  readonly contact: Contact;
  readonly link: Link;
  /** 32 bytes; goes to the shred store and nowhere else. */
  readonly shred: Uint8Array;
  /** Hybrid public key for identity and contact, 1249 bytes. */
  readonly vaultKey: Uint8Array;
  /** Hybrid public key for the link; another one than the vault key, so that the vault quorum never ties a name to an alias. */
  readonly linkKey: Uint8Array;
}

/**
 * The three compartments of one record; every record has all three in the same sizes.
 * Throws `COMPARTMENT_TOO_LARGE` (details.field `identity` or `contact`) before anything is sealed, `KEYS_INVALID` when the
 * vault key is the link key too; otherwise like `sealCompartment`.
 */
export function sealRecord(input: SealRecordInput, options: CryptoOptions = {}): SealedCompartments {
  const { recordId: holderId, shred } = input;
  assertBytes(input.vaultKey, 'vaultKey');
  assertBytes(input.linkKey, 'linkKey');
  if (equalBytes(input.vaultKey, input.linkKey)) throw new RegistryError('KEYS_INVALID', 'vault key and link key must differ');
  const { identity, contact } = encodeRecord(input);
  const vault = [input.vaultKey];
  return {
    identity: sealCompartment({ holderId, compartment: 'identity', plaintext: identity, shred, recipients: vault }, options),
    contact: sealCompartment({ holderId, compartment: 'contact', plaintext: contact, shred, recipients: vault }, options),
    link: sealCompartment(
      { holderId, compartment: 'link', plaintext: encodeLink(input.link), shred, recipients: [input.linkKey] },
      options,
    ),
  };
}

/** The plaintexts, before anything is sealed. Throws `COMPARTMENT_TOO_LARGE` (details.field `identity` or `contact`). */
export function encodeRecord(record: Pick<SealRecordInput, 'identity' | 'contact'>): {
  readonly identity: Uint8Array;
  readonly contact: Uint8Array;
} {
  const identity = encodeCanonicalJson(record.identity as unknown as JsonValue);
  const contact = encodeCanonicalJson(record.contact as unknown as JsonValue);
  assertFits('identity', identity);
  assertFits('contact', contact);
  return { identity, contact };
}
