import { p256_hasher } from '@noble/curves/nist.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../src/foundation/bytes.js';
import {
  baseGenerator,
  decodeCompressedPoint,
  decodePoint,
  decodeScalar,
  encodeCompressedPoint,
  encodePoint,
  encodeScalar,
  GROUP_ORDER,
  multiplyBase,
  multiplySecret,
  publicDifference,
  randomScalar,
  reduceScalar,
  secondGenerator,
} from '../../../src/foundation/p256-group.js';
import { flip, hex, scriptedRandom } from '../../support/crypto-fixtures.js';

const scalar = fc.bigInt({ min: 1n, max: GROUP_ORDER - 1n });
const wide = (value: bigint): Uint8Array => hex(value.toString(16).padStart(64, '0'));

describe('scalars', () => {
  it('have one encoding each', () => {
    fc.assert(fc.property(scalar, (value) => decodeScalar(encodeScalar(value)) === value));
    for (const wrong of [0n, GROUP_ORDER, -1n, 2n ** 256n]) expect(() => encodeScalar(wrong)).toThrow(RangeError);
    for (const wrong of [0n, GROUP_ORDER, 2n ** 256n - 1n]) expect(() => decodeScalar(wide(wrong))).toThrow(RangeError);
  });

  it('are drawn by rejection: 0 and values from n on are drawn again', () => {
    const script = concatBytes(wide(0n), wide(GROUP_ORDER), wide(2n ** 256n - 1n), wide(GROUP_ORDER - 1n), wide(7n));
    expect(randomScalar(scriptedRandom(script))).toEqual(wide(GROUP_ORDER - 1n));
  });

  it('a stuck source is an error and not a hang', () => {
    expect(() => randomScalar({ bytes: (length) => new Uint8Array(length) })).toThrow(TypeError);
    expect(() => randomScalar({ bytes: (length) => new Uint8Array(length).fill(0xff) })).toThrow(TypeError);
  });

  it('are reduced from wide values', () => {
    const value = concatBytes(new Uint8Array(15), Uint8Array.of(1), new Uint8Array(32));
    expect(reduceScalar(value)).toBe(2n ** 256n % GROUP_ORDER);
  });
});

describe('points', () => {
  it('have one encoding per length', () => {
    fc.assert(
      fc.property(scalar, (value) => {
        const point = multiplyBase(value);
        expect(encodePoint(decodePoint(encodePoint(point)))).toEqual(encodePoint(point));
        expect(encodeCompressedPoint(decodeCompressedPoint(encodeCompressedPoint(point)))).toEqual(encodeCompressedPoint(point));
      }),
      { numRuns: 20 },
    );
  });

  it('the identity, other prefixes and coordinates from p on are refused', () => {
    const zero = multiplyBase(5n).subtract(multiplyBase(5n));
    expect(() => encodePoint(zero)).toThrow(RangeError);
    expect(() => encodeCompressedPoint(zero)).toThrow(RangeError);
    const compressed = encodeCompressedPoint(baseGenerator);
    for (const prefix of [0, 1, 4, 5, 6, 7, 0xff]) {
      expect(() => decodeCompressedPoint(Uint8Array.of(prefix, ...compressed.slice(1)))).toThrow(RangeError);
    }
    const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
    expect(() => decodeCompressedPoint(concatBytes(Uint8Array.of(2), wide(p + 5n)))).toThrow(RangeError);
    expect(decodeCompressedPoint(concatBytes(Uint8Array.of(2), wide(5n)))).toBeDefined();
    const good = encodePoint(baseGenerator);
    for (let i = 0; i < good.length; i++) expect(() => decodePoint(flip(good, i))).toThrow(RangeError);
  });

  it('multiplication is that of the group', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const product = multiplySecret(multiplyBase(a), b);
        expect(product.equals(multiplyBase((a * b) % GROUP_ORDER))).toBe(true);
        expect(publicDifference(a, baseGenerator, b, baseGenerator).equals(multiplyBase(a).subtract(multiplyBase(b)))).toBe(true);
      }),
      { numRuns: 15 },
    );
    expect(publicDifference(3n, baseGenerator, 0n, secondGenerator()).equals(multiplyBase(3n))).toBe(true);
    expect(multiplySecret(secondGenerator(), GROUP_ORDER - 1n).equals(secondGenerator().negate())).toBe(true);
  });
});

describe('the second generator', () => {
  it('comes from a hash_to_curve that agrees with RFC 9380 J.1.1', () => {
    const point = p256_hasher.hashToCurve(hex('616263'), { DST: 'QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_' });
    expect(point.toAffine().x).toBe(0x0bb8b87485551aa43ed54f009230450b492fead5f1cc91658775dac4a3388a0fn);
  });

  it('is a constant, neither G nor a small multiple of it', () => {
    expect(secondGenerator()).toBe(secondGenerator());
    const encoded = toHex(encodeCompressedPoint(secondGenerator()));
    expect(encoded).toBe('02c86e4ef2e9d41aae67d54658df8c26619ee290adbfd8e95b4f3163a82991e7ef');
    for (let k = 1n; k <= 100n; k++) expect(toHex(encodeCompressedPoint(multiplyBase(k)))).not.toBe(encoded);
  });
});
