import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../../../src/foundation/bytes.js';
import { publicKeyOfSeed, signMessage } from '../../../src/foundation/ed25519.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { verifyEd25519 } from '../../../src/foundation/verify-primitives.js';

const seed = new Uint8Array(32).fill(7);
const publicKey = publicKeyOfSeed(seed);
const message = utf8('a note');
const good = signMessage(message, seed);
/** Order of the base point, little-endian (RFC 8032 §5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Points of small order, and other spellings of them that a lax decoder takes. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0100000000000000000000000000000000000000000000000000000000000080',
];

function little(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

function littleBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** What registries sign and publish by, and what readers check with, must agree. */
function both(signature: Uint8Array, text: Uint8Array, key: Uint8Array): boolean {
  const [one, other] = [nobleBackend.ed25519Verify(signature, text, key), verifyEd25519(signature, text, key)];
  expect(other).toBe(one);
  return one;
}

describe('the Ed25519 of verifiers', () => {
  it('takes what the registry signs, and nothing that was altered', () => {
    expect(both(good, message, publicKey)).toBe(true);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const altered = Uint8Array.from(good);
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(both(altered, message, publicKey)).toBe(false);
    }
    expect(both(good, utf8('another'), publicKey)).toBe(false);
  });

  it('refuses the same signature with S + L: one message has one signature', () => {
    const s = little(good.subarray(32)) + L;
    expect(s < 2n ** 256n).toBe(true);
    expect(both(Uint8Array.from([...good.subarray(0, 32), ...littleBytes(s)]), message, publicKey)).toBe(false);
  });

  it('refuses keys and points of small order, in every spelling', () => {
    const [goodR, goodS] = [good.subarray(0, 32), good.subarray(32)];
    for (const key of SMALL_ORDER.map((hex) => fromHex(hex)))
      for (const r of [...SMALL_ORDER.map((hex) => fromHex(hex)), goodR])
        for (const s of [new Uint8Array(32), goodS]) {
          const signature = Uint8Array.from([...r, ...s]);
          expect(both(signature, message, key)).toBe(false);
          expect(both(signature, message, publicKey)).toBe(r === goodR && s === goodS);
        }
  });

  it('agrees on anything at all', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(64), bytes(32), fc.uint8Array({ maxLength: 64 }), (signature, key, text) => void both(signature, text, key)),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 64 }), (ownSeed, text) =>
        both(signMessage(text, ownSeed), text, publicKeyOfSeed(ownSeed)),
      ),
      { numRuns: 50 },
    );
  });

  it('asserts types and lengths', () => {
    expect(() => verifyEd25519('x' as unknown as Uint8Array, message, publicKey)).toThrow(TypeError);
    expect(() => verifyEd25519(good.slice(1), message, publicKey)).toThrow(RangeError);
    expect(() => verifyEd25519(good, message, publicKey.slice(1))).toThrow(RangeError);
  });
});
