import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealXChaCha } from '../../../src/foundation/aead.js';
import { openXChaCha } from '../../../src/foundation/aead-open.js';
import { concatBytes, toHex } from '../../../src/foundation/bytes.js';
import { deriveKey, hkdfExpand, hkdfExtract } from '../../../src/foundation/kdf.js';
import { LABELS } from '../../../src/foundation/labels.js';
import { encodeTuple } from '../../../src/foundation/tuple.js';
import { backends, flip, hex, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';

const bytes = fc.uint8Array({ maxLength: 300 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes24 = fc.uint8Array({ minLength: 24, maxLength: 24 });

describe('XChaCha20-Poly1305', () => {
  it('opens what it sealed, 16 bytes longer', () => {
    fc.assert(
      fc.property(bytes32, bytes24, bytes, bytes, (key, nonce, plaintext, aad) => {
        const sealed = sealXChaCha(key, nonce, plaintext, aad);
        expect(sealed).toHaveLength(plaintext.length + 16);
        expect(openXChaCha(key, nonce, sealed, aad)).toEqual(plaintext);
      }),
    );
  });

  it('any changed byte of key, nonce, aad or ciphertext, and any cut, gives OPEN_FAILED', () => {
    const random = seededRandom('aead');
    const [key, nonce, aad, plaintext] = [random.bytes(32), random.bytes(24), random.bytes(20), random.bytes(50)];
    const sealed = sealXChaCha(key, nonce, plaintext, aad);
    expect(outcomeOf(() => openXChaCha(key, nonce, sealed, aad))).toBe('returned');
    for (let i = 0; i < 32; i++) expect(outcomeOf(() => openXChaCha(flip(key, i), nonce, sealed, aad))).toBe('OPEN_FAILED');
    for (let i = 0; i < 24; i++) expect(outcomeOf(() => openXChaCha(key, flip(nonce, i), sealed, aad))).toBe('OPEN_FAILED');
    for (let i = 0; i < aad.length; i++) expect(outcomeOf(() => openXChaCha(key, nonce, sealed, flip(aad, i)))).toBe('OPEN_FAILED');
    for (let i = 0; i < sealed.length; i++) {
      expect(outcomeOf(() => openXChaCha(key, nonce, flip(sealed, i, 0x80), aad))).toBe('OPEN_FAILED');
      expect(outcomeOf(() => openXChaCha(key, nonce, sealed.slice(0, i), aad))).toBe('OPEN_FAILED');
    }
  });
});

describe('HKDF', () => {
  it.each(backends)('RFC 5869 test case 1, $name', (backend) => {
    const prk = hkdfExtract(hex('000102030405060708090a0b0c'), new Uint8Array(22).fill(0x0b), { backend });
    expect(toHex(prk)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
    const okm = hkdfExpand(prk, hex('f0f1f2f3f4f5f6f7f8f9'), 42, { backend });
    expect(toHex(okm)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  });

  it('a shorter output is a prefix of a longer one, up to 8160 bytes', () => {
    const prk = seededRandom('hkdf').bytes(32);
    const longest = hkdfExpand(prk, new Uint8Array(3), 8160);
    for (const length of [1, 31, 32, 33, 64, 8159]) expect(hkdfExpand(prk, new Uint8Array(3), length)).toEqual(longest.slice(0, length));
  });
});

describe('deriveKey', () => {
  const secret = seededRandom('deriveKey').bytes(32);

  it('is HKDF with the fixed salt over the injective encoding', () => {
    const expected = hkdfExpand(hkdfExtract(new TextEncoder().encode('cryptonym/v1/kdf'), secret), encodeTuple('l', 'c'), 32);
    expect(deriveKey(secret, 'l', 'c')).toEqual(expected);
  });

  it('labels and contexts never meet, however the same characters are cut', () => {
    const keys = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a', 'b', 'c']].map(([label, ...context]) =>
      toHex(deriveKey(secret, label as string, ...context)),
    );
    expect(new Set(keys).size).toBe(keys.length);
    const perLabel = Object.values(LABELS).map((label) => toHex(deriveKey(secret, label)));
    expect(new Set(perLabel).size).toBe(perLabel.length);
    expect(deriveKey(concatBytes(secret, new Uint8Array(1)), 'a')).not.toEqual(deriveKey(secret, 'a'));
  });
});
