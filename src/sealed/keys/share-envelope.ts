import { ByteReader } from '../../foundation/byte-reader.js';
import { ByteWriter } from '../../foundation/byte-writer.js';
import { concatBytes, equalBytes, utf8 } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { KEY_ID_LENGTH } from '../../foundation/hybrid-kem.js';
import { LABELS } from '../../foundation/labels.js';
import { COMPRESSED_POINT_LENGTH, SCALAR_LENGTH } from '../../foundation/p256-group.js';
import { hashTuple, u32 } from '../../foundation/tuple.js';

/**
 * One custodian's share of one private key: wire format 'cn/shr/1' (docs/spec/share-envelope.md).
 *
 * Whoever seizes one envelope learns the public key's id, how many custodians there are and which one this is; below the quorum the shares say
 * nothing about the key.
 */
export const SHARE_PURPOSES = ['vault', 'link', 'quarantine'] as const;
export type SharePurpose = (typeof SHARE_PURPOSES)[number];

/** What all envelopes of one set have in common. */
export interface ShareSet {
  readonly purpose: SharePurpose;
  /** t: how many custodians open together, 2 to n. */
  readonly quorum: number;
  /** n: how many shares there are, at most 16. */
  readonly custodians: number;
  /** `keyIdOf` the public key, 16 bytes. */
  readonly keyId: Uint8Array;
  /** Feldman commitments C_0 … C_{t-1} to the polynomial over Z_n, 33 bytes each; 33 zero bytes stand for the identity. */
  readonly commitments: readonly Uint8Array[];
  /** Hashes of all n shares of the ML-KEM seed, 32 bytes each, in custodian order. */
  readonly seedHashes: readonly Uint8Array[];
}

export interface ShareEnvelope extends ShareSet {
  /** 16 bytes that bind everything in `ShareSet`. */
  readonly setId: Uint8Array;
  /** i, 1 to n. */
  readonly custodian: number;
  /** f(i) of the P-256 scalar's polynomial, 32 bytes big-endian in [0, n). Secret. */
  readonly scalarShare: Uint8Array;
  /** GF(256) share of the 64-byte ML-KEM seed, 65 bytes: 64 and its x coordinate. Secret. */
  readonly seedShare: Uint8Array;
}

export const MIN_QUORUM = 2;
export const MAX_CUSTODIANS = 16;
export const SEED_SHARE_LENGTH = 65;
const SET_ID_LENGTH = 16;
const HASH_LENGTH = 32;
const CHECKSUM_LENGTH = 16;
const FORMAT = 'cn/shr/1';
const CUSTODIAN_OFFSET = 11;
const FIXED_LENGTH = 8 + 4 + SET_ID_LENGTH + KEY_ID_LENGTH + SCALAR_LENGTH + SEED_SHARE_LENGTH + CHECKSUM_LENGTH;
const MAX_LENGTH = FIXED_LENGTH + MAX_CUSTODIANS * (COMPRESSED_POINT_LENGTH + HASH_LENGTH);

/** First 16 bytes of a hash over everything the set's members share: two sets never have the same id, however similar. */
export function shareSetId(set: ShareSet): Uint8Array {
  const { purpose, quorum, custodians, keyId, commitments, seedHashes } = set;
  const hash = hashTuple(LABELS.shareSet, purpose, u32(quorum), u32(custodians), keyId, ...commitments, ...seedHashes);
  return hash.slice(0, SET_ID_LENGTH);
}

/** The hash by which a wrong share of the seed is recognised: GF(256) shares have no algebra to check them by. */
export function seedShareHash(purpose: SharePurpose, keyId: Uint8Array, custodian: number, seedShare: Uint8Array): Uint8Array {
  return hashTuple(LABELS.shareSeed, purpose, keyId, u32(custodian), seedShare);
}

/** magic ‖ purpose ‖ t ‖ n ‖ i ‖ set id ‖ key id ‖ commitments ‖ hashes ‖ scalar share ‖ seed share ‖ checksum. Throws TypeError or RangeError. */
export function encodeShareEnvelope(envelope: ShareEnvelope): Uint8Array {
  if (!isInRange(envelope)) throw new RangeError('share numbers are out of range');
  const writer = new ByteWriter()
    .fixed(utf8(FORMAT), 8)
    .u8(SHARE_PURPOSES.indexOf(envelope.purpose) + 1)
    .u8(envelope.quorum)
    .u8(envelope.custodians)
    .u8(envelope.custodian)
    .fixed(envelope.setId, SET_ID_LENGTH)
    .fixed(envelope.keyId, KEY_ID_LENGTH)
    .fixed(concatBytes(...envelope.commitments), envelope.quorum * COMPRESSED_POINT_LENGTH)
    .fixed(concatBytes(...envelope.seedHashes), envelope.custodians * HASH_LENGTH)
    .fixed(envelope.scalarShare, SCALAR_LENGTH)
    .fixed(envelope.seedShare, SEED_SHARE_LENGTH);
  return writer.fixed(checksum(writer.finish()), CHECKSUM_LENGTH).finish();
}

/**
 * Inverse of `encodeShareEnvelope`: form and checksum only, see `verifyShare` for the rest.
 * Throws `SHARE_INVALID` for bytes that are no envelope, `SHARE_BAD` with `details.custodian` for an envelope that was altered or damaged: the
 * checksum comes before every other field, so that a misread character names its custodian and not a format.
 */
export function decodeShareEnvelope(bytes: Uint8Array): ShareEnvelope {
  const reader = new ByteReader(bytes, FORMAT, MAX_LENGTH, 'SHARE_INVALID').expect(utf8(FORMAT));
  if (bytes.length < FIXED_LENGTH) throw reader.invalid();
  const end = bytes.length - CHECKSUM_LENGTH;
  if (!equalBytes(checksum(bytes.slice(0, end)), bytes.slice(end))) throw badShare(bytes[CUSTODIAN_OFFSET]);
  const purpose = SHARE_PURPOSES[reader.u8() - 1];
  const [quorum, custodians, custodian] = [reader.u8(), reader.u8(), reader.u8()];
  if (purpose === undefined || !isInRange({ quorum, custodians, custodian })) throw reader.invalid();
  const setId = reader.fixed(SET_ID_LENGTH);
  const keyId = reader.fixed(KEY_ID_LENGTH);
  const commitments = Array.from({ length: quorum }, () => reader.fixed(COMPRESSED_POINT_LENGTH));
  const seedHashes = Array.from({ length: custodians }, () => reader.fixed(HASH_LENGTH));
  const scalarShare = reader.fixed(SCALAR_LENGTH);
  const seedShare = reader.fixed(SEED_SHARE_LENGTH);
  reader.fixed(CHECKSUM_LENGTH);
  reader.end();
  return { purpose, quorum, custodians, custodian, setId, keyId, commitments, seedHashes, scalarShare, seedShare };
}

/** `SHARE_BAD`; the custodian is left out when the number itself cannot be right. */
export function badShare(custodian?: number): RegistryError {
  const named = custodian !== undefined && custodian >= 1 && custodian <= MAX_CUSTODIANS;
  return named
    ? new RegistryError('SHARE_BAD', `the share of custodian ${custodian} is damaged or false`, { custodian })
    : new RegistryError('SHARE_BAD', 'a share is damaged or false');
}

/** 2 ≤ t ≤ n ≤ 16 and 1 ≤ i ≤ n. */
function isInRange(numbers: { readonly quorum: number; readonly custodians: number; readonly custodian: number }): boolean {
  const { quorum, custodians, custodian } = numbers;
  return quorum >= MIN_QUORUM && quorum <= custodians && custodians <= MAX_CUSTODIANS && custodian >= 1 && custodian <= custodians;
}

function checksum(content: Uint8Array): Uint8Array {
  return hashTuple(LABELS.shareChecksum, content).slice(0, CHECKSUM_LENGTH);
}
