import { assertBytes, equalBytes, toHex } from '../../foundation/bytes.js';
import {
  baseGenerator,
  COMPRESSED_POINT_LENGTH,
  decodeCompressedPoint,
  encodeCompressedPoint,
  encodeScalar,
  GROUP_ORDER,
  type GroupPoint,
  multiplyBase,
  SCALAR_LENGTH,
} from '../../foundation/p256-group.js';
import { drawBytes, type Random } from '../../foundation/random.js';

/**
 * Shamir's sharing over Z_n with Feldman commitments, n the order of P-256. Custodian i holds f(i); f(0) is the secret scalar.
 *
 * Every coefficient but the constant is uniform in [0, n), the leading one too: a leading coefficient that is never zero would exclude one
 * value of the secret for any t-1 shares. Zero is where this group and `p256-group` differ: a share or coefficient may be zero.
 * The commitments C_j = a_j·G are public; they hide f as well as the public key hides the scalar.
 */
export interface ScalarSharing {
  /** f(1) … f(n), 32 bytes each. Secret. */
  readonly shares: readonly Uint8Array[];
  /** a_0 … a_{t-1}, for the commitments. Secret. */
  readonly coefficients: readonly bigint[];
}

const IDENTITY = new Uint8Array(COMPRESSED_POINT_LENGTH);
/** A fair source exceeds n once in 2^32 draws; so many in a row mean that the source is broken. */
const MAX_DRAWS = 16;

/** Shares a scalar (32 bytes, in [0, n)) among custodians 1 … `custodians`; `quorum` of them determine it. */
export function shareScalar(secret: Uint8Array, quorum: number, custodians: number, random: Random): ScalarSharing {
  const coefficients = [decodeElement(secret), ...Array.from({ length: quorum - 1 }, () => randomElement(random))];
  const shares = Array.from({ length: custodians }, (_, i) => encodeElement(evaluate(coefficients, BigInt(i + 1))));
  return { shares, coefficients };
}

/** C_0 … C_{t-1}, 33 bytes each. */
export function commitTo(coefficients: readonly bigint[]): readonly Uint8Array[] {
  return coefficients.map((coefficient) => (coefficient === 0n ? IDENTITY.slice() : encodeCompressedPoint(multiplyBase(coefficient))));
}

/**
 * Whether f(i)·G = Σ i^j·C_j. True means: this share and all others that pass belong to one polynomial, and any quorum of them gives the
 * scalar of C_0. False also for a share or commitment that is not canonical.
 */
export function isShareOf(commitments: readonly Uint8Array[], custodian: number, share: Uint8Array): boolean {
  try {
    const i = BigInt(custodian);
    const expected = commitments.map(decodeCommitment).reduceRight((sum, point) => sum.multiplyUnsafe(i).add(point));
    const value = decodeElement(share);
    return value === 0n ? expected.is0() : expected.equals(multiplyBase(value));
  } catch {
    return false;
  }
}

/** f(0) from shares at different custodians' numbers: Lagrange interpolation. The caller has verified every share. */
export function interpolateScalar(shares: readonly { readonly custodian: number; readonly share: Uint8Array }[]): Uint8Array {
  let secret = 0n;
  for (const { custodian, share } of shares) {
    let numerator = 1n;
    let denominator = 1n;
    for (const other of shares) {
      if (other.custodian === custodian) continue;
      numerator = modulo(numerator * BigInt(other.custodian));
      denominator = modulo(denominator * BigInt(other.custodian - custodian));
    }
    secret = modulo(secret + decodeElement(share) * numerator * invert(denominator));
  }
  return encodeElement(secret);
}

/** Horner's rule. */
function evaluate(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => modulo(sum * x + coefficient), 0n);
}

/** Uniform in [0, n), by rejection. */
function randomElement(random: Random): bigint {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const value = toInteger(drawBytes(random, SCALAR_LENGTH));
    if (value < GROUP_ORDER) return value;
  }
  throw new TypeError('random source is broken');
}

function decodeElement(bytes: Uint8Array): bigint {
  assertBytes(bytes, 'share', SCALAR_LENGTH);
  const value = toInteger(bytes);
  if (value >= GROUP_ORDER) throw new RangeError('share is out of range');
  return value;
}

function encodeElement(value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array(SCALAR_LENGTH) : encodeScalar(value);
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function decodeCommitment(bytes: Uint8Array): GroupPoint {
  assertBytes(bytes, 'commitment', COMPRESSED_POINT_LENGTH);
  return equalBytes(bytes, IDENTITY) ? baseGenerator.subtract(baseGenerator) : decodeCompressedPoint(bytes);
}

function modulo(value: bigint): bigint {
  const rest = value % GROUP_ORDER;
  return rest < 0n ? rest + GROUP_ORDER : rest;
}

/** Inverse of a public value: a quotient of custodians' numbers, below 16^16. Extended Euclid. */
function invert(value: bigint): bigint {
  let [a, b, x, y] = [GROUP_ORDER, value, 0n, 1n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return modulo(x);
}
