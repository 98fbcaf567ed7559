import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { assertBytes, compareBytes, concatBytes, utf8 } from '../foundation/bytes.js';
import { HYBRID_ENC_LENGTH, KEY_ID_LENGTH } from '../foundation/hybrid-kem.js';
import { LABELS } from '../foundation/labels.js';
import { TAG_LENGTH } from '../foundation/tdh2-challenge.js';
import { encodeTuple, hashTuple, u32 } from '../foundation/tuple.js';
import { ID_LENGTH } from '../vocabulary/ids.js';

/**
 * The sealed compartment: wire format and the values it binds. Spec: docs/spec/sealed-compartment.md.
 *
 * A seized compartment shows which keys can open it and which of the three it is; never a length, a time or an author. It opens only with
 * a private key of one of its wraps *and* the record's shred, which lies in another store.
 */
export const COMPARTMENTS = ['identity', 'contact', 'link'] as const;
export type CompartmentName = (typeof COMPARTMENTS)[number];

/** Padded plaintext sizes in bytes: every record has the same three. The plaintext is at most one byte shorter. */
export const BUCKETS: Readonly<Record<CompartmentName, number>> = { identity: 1024, contact: 2048, link: 256 };

/** The version bound into every context; another construction gets another number and another magic. */
export const COMPARTMENT_VERSION = 1;
/** CN1: HPKE with MLKEM768-P256, HKDF-SHA256, ChaCha20-Poly1305; XChaCha20-Poly1305 for the body. */
export const SUITE_CN1 = 1;

export const DEK_LENGTH = 32;
export const SHRED_LENGTH = 32;
export const COMMIT_LENGTH = 32;
export const NONCE_LENGTH = 24;
export const MAX_WRAPS = 4;
const AEAD_TAG_LENGTH = 16;
const WRAPPED_DEK_LENGTH = DEK_LENGTH + AEAD_TAG_LENGTH;
const WRAP_LENGTH = KEY_ID_LENGTH + HYBRID_ENC_LENGTH + WRAPPED_DEK_LENGTH + TAG_LENGTH;
const FORMAT = 'cn/cmp/1';
const HEADER_LENGTH = 8 + 1 + 1 + COMMIT_LENGTH + 1;

/** The data key for one recipient key. */
export interface Wrap {
  /** 16 bytes, `keyIdOf` the recipient's public key. */
  readonly keyId: Uint8Array;
  /** HPKE encapsulated key, 1153 bytes. */
  readonly enc: Uint8Array;
  /** HPKE ciphertext of the data key, 48 bytes. */
  readonly ciphertext: Uint8Array;
  /** TDH2 proof, 97 bytes. */
  readonly tag: Uint8Array;
}

export interface SealedCompartment {
  readonly compartment: CompartmentName;
  /** Commitment to the body key, 32 bytes. */
  readonly commit: Uint8Array;
  /** 1 to 4, key ids strictly ascending. */
  readonly wraps: readonly Wrap[];
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** Bucket + 16 bytes. */
  readonly body: Uint8Array;
}

/** Size of an encoded compartment in bytes: it depends on the name and the number of keys alone. */
export function compartmentLength(name: CompartmentName, wraps = 1): number {
  return HEADER_LENGTH + wraps * WRAP_LENGTH + NONCE_LENGTH + BUCKETS[name] + AEAD_TAG_LENGTH;
}

/** Throws TypeError or RangeError for a value no sealing makes. */
export function encodeCompartment(sealed: SealedCompartment): Uint8Array {
  if (!areAscending(sealed.wraps)) throw new RangeError('wraps: 1 to 4, key ids strictly ascending');
  const writer = new ByteWriter()
    .fixed(utf8(FORMAT), 8)
    .u8(SUITE_CN1)
    .u8(COMPARTMENTS.indexOf(sealed.compartment) + 1)
    .fixed(sealed.commit, COMMIT_LENGTH)
    .u8(sealed.wraps.length);
  for (const wrap of sealed.wraps) {
    writer
      .fixed(wrap.keyId, KEY_ID_LENGTH)
      .fixed(wrap.enc, HYBRID_ENC_LENGTH)
      .fixed(wrap.ciphertext, WRAPPED_DEK_LENGTH)
      .fixed(wrap.tag, TAG_LENGTH);
  }
  return writer
    .fixed(sealed.nonce, NONCE_LENGTH)
    .fixed(sealed.body, BUCKETS[sealed.compartment] + AEAD_TAG_LENGTH)
    .finish();
}

/** Exact inverse of `encodeCompartment`, the parts windows on `bytes`; checks form only, nothing cryptographic. Throws `FORMAT_INVALID`. */
export function decodeCompartment(bytes: Uint8Array): SealedCompartment {
  const reader = new ByteReader(bytes, FORMAT, compartmentLength('contact', MAX_WRAPS)).expect(utf8(FORMAT));
  const suite = reader.u8();
  const compartment = COMPARTMENTS[reader.u8() - 1];
  if (suite !== SUITE_CN1 || compartment === undefined) throw reader.invalid();
  const commit = reader.view(COMMIT_LENGTH);
  const count = reader.u8();
  if (count < 1 || count > MAX_WRAPS) throw reader.invalid();
  const wraps = Array.from({ length: count }, () => ({
    keyId: reader.view(KEY_ID_LENGTH),
    enc: reader.view(HYBRID_ENC_LENGTH),
    ciphertext: reader.view(WRAPPED_DEK_LENGTH),
    tag: reader.view(TAG_LENGTH),
  }));
  if (!areAscending(wraps)) throw reader.invalid();
  const nonce = reader.view(NONCE_LENGTH);
  const body = reader.view(BUCKETS[compartment] + AEAD_TAG_LENGTH);
  reader.end();
  return { compartment, commit, wraps, nonce, body };
}

/** `ctx`: 32 bytes that name the one place where this compartment is valid. Everything else is bound to it. */
export function compartmentContext(holderId: Uint8Array, name: CompartmentName, version: number = COMPARTMENT_VERSION): Uint8Array {
  assertBytes(holderId, 'holderId', ID_LENGTH);
  if (!COMPARTMENTS.includes(name)) throw new TypeError('no such compartment');
  return hashTuple(LABELS.sealedContext, holderId, name, u32(version), u32(SUITE_CN1));
}

/** HPKE aad of a wrap; all parts have fixed lengths. A wrap moved to another record, compartment, body or key id does not open. */
export function wrapAad(context: Uint8Array, commit: Uint8Array, keyId: Uint8Array): Uint8Array {
  return concatBytes(context, commit, keyId);
}

/** What the TDH2 tag of a wrap is bound to. */
export function tagContext(context: Uint8Array, commit: Uint8Array, wrap: Omit<Wrap, 'tag'>): Uint8Array {
  return encodeTuple(LABELS.sealedTag, context, commit, wrap.keyId, wrap.enc, wrap.ciphertext);
}

function areAscending(wraps: readonly Wrap[]): boolean {
  if (wraps.length < 1 || wraps.length > MAX_WRAPS) return false;
  return wraps.every((wrap, i) => i === 0 || compareBytes((wraps[i - 1] as Wrap).keyId, wrap.keyId) < 0);
}
