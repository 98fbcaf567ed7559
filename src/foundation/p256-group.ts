import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { p256, p256_hasher } from '@noble/curves/nist.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { assertBytes, utf8 } from './bytes.js';
import { LABELS } from './labels.js';
import { drawBytes, type Random } from './random.js';

/**
 * The group of P-256 (FIPS 186, SEC 2): prime order, cofactor 1, so a point that decodes is a point of the group.
 *
 * Decoding is canonical: one point, one spelling per length (65 uncompressed, 33 compressed). Off-curve points, coordinates ≥ p, hybrid
 * prefixes and the identity are refused with RangeError, because an attacker who gets a wrong point multiplied by a secret scalar learns
 * the scalar a few bits at a time.
 */
export type GroupPoint = WeierstrassPoint<bigint>;

export const SCALAR_LENGTH = 32;
export const POINT_LENGTH = 65;
export const COMPRESSED_POINT_LENGTH = 33;

/** n, the prime order of the group. */
export const GROUP_ORDER: bigint = p256.Point.Fn.ORDER;

/** A fair source exceeds n once in 2^32 draws; this many in a row means that the source is broken, and a loop would hang. */
const MAX_DRAWS = 16;

/** 32 bytes, big-endian, in [1, n). Throws TypeError or RangeError. */
export function decodeScalar(bytes: Uint8Array): bigint {
  assertBytes(bytes, 'scalar', SCALAR_LENGTH);
  const value = bytesToNumberBE(bytes);
  if (value === 0n || value >= GROUP_ORDER) throw new RangeError('scalar is out of range');
  return value;
}

/** Inverse of `decodeScalar`. Throws RangeError outside [1, n). */
export function encodeScalar(value: bigint): Uint8Array {
  if (typeof value !== 'bigint') throw new TypeError('scalar must be a bigint');
  if (value <= 0n || value >= GROUP_ORDER) throw new RangeError('scalar is out of range');
  return numberToBytesBE(value, SCALAR_LENGTH);
}

/** Uniform in [1, n), by rejection: reducing 32 bytes would favour small scalars. Draws 32 bytes a time. */
export function randomScalar(random: Random): Uint8Array {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const bytes = drawBytes(random, SCALAR_LENGTH);
    const value = bytesToNumberBE(bytes);
    if (value !== 0n && value < GROUP_ORDER) return bytes;
  }
  throw new TypeError('random source is broken');
}

/** Big-endian bytes modulo n. From 48 uniform bytes the bias is below 2^-128; from a 32-byte hash it is a challenge, not a secret. */
export function reduceScalar(bytes: Uint8Array): bigint {
  assertBytes(bytes, 'bytes');
  return bytesToNumberBE(bytes) % GROUP_ORDER;
}

/** 65 bytes: 0x04 ‖ x ‖ y (SEC 1 §2.3.4). */
export function decodePoint(bytes: Uint8Array): GroupPoint {
  assertBytes(bytes, 'point', POINT_LENGTH);
  return decode(bytes);
}

/** 33 bytes: 0x02 or 0x03 ‖ x. */
export function decodeCompressedPoint(bytes: Uint8Array): GroupPoint {
  assertBytes(bytes, 'point', COMPRESSED_POINT_LENGTH);
  return decode(bytes);
}

/** 65 bytes. Throws RangeError for the identity. */
export function encodePoint(point: GroupPoint): Uint8Array {
  return encode(point, false);
}

/** 33 bytes. Throws RangeError for the identity. */
export function encodeCompressedPoint(point: GroupPoint): Uint8Array {
  return encode(point, true);
}

/** The 33-byte form of a point that a backend gave as 65 bytes (SEC 1 §2.3.3): the parity of y, then x. Does not check the point. */
export function compressPoint(point: Uint8Array): Uint8Array {
  assertBytes(point, 'point', POINT_LENGTH);
  const compressed = new Uint8Array(point.subarray(0, COMPRESSED_POINT_LENGTH));
  compressed[0] = 2 + ((point[POINT_LENGTH - 1] as number) & 1);
  return compressed;
}

/** scalar·G for a secret scalar in [1, n); noble's precomputed table, the same operations for every scalar. */
export function multiplyBase(scalar: bigint): GroupPoint {
  return p256.Point.BASE.multiply(scalar);
}

/** scalar·point for a secret scalar in [1, n). */
export function multiplySecret(point: GroupPoint, scalar: bigint): GroupPoint {
  return point.multiply(scalar);
}

/** a·P − b·Q in variable time: only for values an attacker may know, such as a proof that is being verified. */
export function publicDifference(a: bigint, p: GroupPoint, b: bigint, q: GroupPoint): GroupPoint {
  return p.mulAddUnsafe(a, q.negate(), b);
}

/** G, the standard base point. */
export const baseGenerator: GroupPoint = p256.Point.BASE;

let secondGeneratorTable: GroupPoint | undefined;

/**
 * Ḡ, a second generator whose discrete logarithm to the base G nobody knows: hash_to_curve, suite P256_XMD:SHA-256_SSWU_RO_ (RFC 9380
 * §8.2), of `LABELS.tdh2Generator` under a domain separation tag of its own. A constant; its multiplication table is built at first use.
 */
export function secondGenerator(): GroupPoint {
  if (secondGeneratorTable === undefined) {
    const label = LABELS.tdh2Generator;
    const point = p256_hasher.hashToCurve(utf8(label), { DST: utf8(`${label}/P256_XMD:SHA-256_SSWU_RO_`) });
    secondGeneratorTable = p256.Point.fromAffine(point.toAffine()).precompute(6, false);
  }
  return secondGeneratorTable;
}

function decode(bytes: Uint8Array): GroupPoint {
  try {
    const point = p256.Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch {
    throw new RangeError('point is not on the curve');
  }
}

function encode(point: GroupPoint, compressed: boolean): Uint8Array {
  if (!(point instanceof p256.Point)) throw new TypeError('point must be a P-256 point');
  if (point.is0()) throw new RangeError('point is the identity');
  return point.toBytes(compressed);
}
