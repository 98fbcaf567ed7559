import { describe, expect, it } from 'vitest';
import { sealXChaCha } from '../../../src/foundation/aead.js';
import { openXChaCha } from '../../../src/foundation/aead-open.js';
import { ERROR_CODES, openFailed, RegistryError } from '../../../src/foundation/errors.js';
import { deriveKey, deriveKeyWith, hkdfExpand, hkdfExtract } from '../../../src/foundation/kdf.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';

const of = (length: number): Uint8Array => new Uint8Array(length).fill(7);

describe('key derivation', () => {
  it('gives 1 to 8160 bytes from at least 32', () => {
    const limit = new RangeError('length must be 1 to 8160');
    for (const length of [0, -1, 8161, 1.5, Number.NaN]) expect(() => hkdfExpand(of(32), of(1), length)).toThrow(limit);
    for (const length of [1, 8160]) expect(hkdfExpand(of(32), of(1), length)).toHaveLength(length);
    expect(() => hkdfExpand(of(31), of(1), 32)).toThrow(new RangeError('prk must be at least 32 bytes'));
    expect(hkdfExpand(of(33), of(1), 32)).not.toEqual(hkdfExpand(of(32), of(1), 32));
  });

  it('names what is no bytes', () => {
    const text = 'x'.repeat(32) as never;
    const calls: readonly (readonly [string, () => unknown])[] = [
      ['salt', () => hkdfExtract(text, of(32))],
      ['ikm', () => hkdfExtract(of(32), text)],
      ['prk', () => hkdfExpand(text, of(1), 32)],
      ['info', () => hkdfExpand(of(32), text, 32)],
      ['secret', () => deriveKey(text, 'label')],
    ];
    for (const [name, call] of calls) expect(call, name).toThrow(new TypeError(`${name} must be a Uint8Array`));
  });

  it('uses the backend it is given, for all of it, and wipes what it derived the key from', () => {
    const made: Uint8Array[] = [];
    const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => {
      const mac = nobleBackend.hmacSha256(key, data);
      made.push(mac);
      return mac;
    };
    const key = deriveKeyWith({ backend: { ...nobleBackend, hmacSha256 } }, of(32), 'label', 'context');
    expect(key).toEqual(deriveKey(of(32), 'label', 'context'));
    expect(made).toHaveLength(2);
    expect(made[0]).toEqual(new Uint8Array(32));
    expect(key.some((byte) => byte !== 0)).toBe(true); // the positive control: the key itself is not wiped
  });
});

describe('XChaCha20-Poly1305', () => {
  const [key, nonce, aad] = [of(32), of(24), of(5)];
  it('names the argument that is wrong, on both sides', () => {
    for (const call of [sealXChaCha, openXChaCha]) {
      expect(() => call(of(31), nonce, of(40), aad)).toThrow(new RangeError('key must be 32 bytes'));
      expect(() => call(key, of(12), of(40), aad)).toThrow(new RangeError('nonce must be 24 bytes'));
      expect(() => call(key, nonce, of(40), 'aad' as never)).toThrow(new TypeError('aad must be a Uint8Array'));
    }
    expect(() => sealXChaCha(key, nonce, 'text' as never, aad)).toThrow(new TypeError('plaintext must be a Uint8Array'));
    expect(() => openXChaCha(key, nonce, 'text' as never, aad)).toThrow(new TypeError('ciphertext must be a Uint8Array'));
  });

  it('opens nothing that is shorter than its tag', () => {
    for (const length of [0, 15, 16])
      expect(() => openXChaCha(key, nonce, of(length), aad)).toThrow(expect.objectContaining({ code: 'OPEN_FAILED' }));
    expect(openXChaCha(key, nonce, sealXChaCha(key, nonce, of(0), aad), aad)).toEqual(of(0));
  });
});

describe('coded errors', () => {
  it('are not to be tried again unless they say so, and keep only their details', () => {
    const plain = new RegistryError('STORE_FAILED', 'no');
    expect([plain.retryable, plain.details, plain.name]).toEqual([false, {}, 'RegistryError']);
    const told = new RegistryError('STORE_BUSY', 'busy', { retryable: true, row: 3, field: 'identity.names', limit: 2 });
    expect([told.retryable, told.details]).toEqual([true, { row: 3, field: 'identity.names', limit: 2 }]);
    expect(told.toJSON()).toEqual({ code: 'STORE_BUSY', message: 'busy', retryable: true, details: told.details });
    expect([openFailed().code, openFailed().message, openFailed().details]).toEqual(['OPEN_FAILED', 'could not open', {}]);
  });

  it('have codes that are each one word in capitals, once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
    for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  });
});
