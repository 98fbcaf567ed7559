import { ml_kem768_p256 } from '@noble/post-quantum/hybrid.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes } from '../../../src/foundation/bytes.js';
import {
  HYBRID_ENC_LENGTH,
  HYBRID_PUBLIC_KEY_LENGTH,
  type HybridPrivateKey,
  keyIdOf,
  splitEnc,
  splitPublicKey,
} from '../../../src/foundation/hybrid-kem.js';
import {
  decapsulate,
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridPrivateKey,
  hybridPublicKey,
  prepareHybridKey,
} from '../../../src/foundation/hybrid-kem-open.js';
import { encapsulate } from '../../../src/foundation/hybrid-kem-seal.js';
import { backends, flip, outcomeOf, privateKeyOfDraftSeed, scriptedRandom, seededRandom } from '../../support/crypto-fixtures.js';

const random = seededRandom('hybrid kem');
const privateKey = generateHybridPrivateKey({ random });
const publicKey = hybridPublicKey(privateKey);

describe.each(backends)('MLKEM768-P256 against noble as a whole, $name', (backend) => {
  it('keys, encapsulations and secrets are the same, for 20 seeds', () => {
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes32, (seed) => {
        const theirs = ml_kem768_p256.keygen(seed);
        const ours = privateKeyOfDraftSeed(seed);
        expect(equalBytes(hybridPublicKey(ours, { backend }), theirs.publicKey)).toBe(true);
        const coins = seededRandom(String(seed)).bytes(32 + 128);
        const sealed = encapsulate(theirs.publicKey, { backend, random: scriptedRandom(coins) });
        const reference = ml_kem768_p256.encapsulate(theirs.publicKey, coins);
        expect(equalBytes(sealed.enc, reference.cipherText)).toBe(true);
        expect(sealed.sharedSecret).toEqual(reference.sharedSecret);
        expect(decapsulate(reference.cipherText, ours, { backend })).toEqual(reference.sharedSecret);
        // Fresh randomness takes the native path where there is one.
        const fresh = encapsulate(theirs.publicKey, { backend });
        expect(ml_kem768_p256.decapsulate(fresh.enc, theirs.secretKey)).toEqual(fresh.sharedSecret);
      }),
      { numRuns: 20 },
    );
  });

  it('each backend opens the other', () => {
    for (const other of backends) {
      const { enc, sharedSecret } = encapsulate(publicKey, { backend: other });
      expect(decapsulate(enc, privateKey, { backend })).toEqual(sharedSecret);
    }
  });

  it('a prepared key gives what the key itself gives, for good, forged and malformed ones, and nothing right once it is wiped', () => {
    const prepared = prepareHybridKey(privateKey, { backend });
    for (const other of backends) {
      const { enc, sharedSecret } = encapsulate(publicKey, { backend: other });
      expect(prepared.decapsulate(enc)).toEqual(sharedSecret);
      for (const i of [0, 1087]) expect(prepared.decapsulate(flip(enc, i))).toEqual(decapsulate(flip(enc, i), privateKey, { backend }));
      expect(outcomeOf(() => prepared.decapsulate(flip(enc, 1100)))).toBe('OPEN_FAILED');
      expect(prepared.decapsulate(enc)).toEqual(sharedSecret);
    }
    const { enc } = encapsulate(publicKey, { backend });
    prepared.wipe();
    expect(() => prepared.decapsulate(enc)).toThrow(TypeError);
    expect(decapsulate(enc, privateKey, { backend })).toHaveLength(32);
  });

  it('the kept scalar is the one of the point in enc', () => {
    const { enc, ephemeralScalar } = encapsulate(publicKey, { backend });
    expect(enc).toHaveLength(HYBRID_ENC_LENGTH);
    expect(splitEnc(enc).point).toEqual(backend.p256PublicKey(ephemeralScalar));
  });

  it('seals to no malformed public key: KEYS_INVALID', () => {
    const wrongs = {
      'point off the curve': flip(publicKey, HYBRID_PUBLIC_KEY_LENGTH - 1),
      'point prefix': flip(publicKey, 1184),
      'point of zeros': concatBytes(publicKey.slice(0, 1184), new Uint8Array(65)),
      'unreduced ML-KEM coefficient': concatBytes(Uint8Array.of(0xff, 0xff, 0xff), publicKey.slice(3)),
    };
    for (const [what, wrong] of Object.entries(wrongs)) {
      expect(
        outcomeOf(() => encapsulate(wrong, { backend })),
        what,
      ).toBe('KEYS_INVALID');
      expect(
        outcomeOf(() => encapsulate(wrong, { backend, random: seededRandom(what) })),
        what,
      ).toBe('KEYS_INVALID');
    }
  });

  it('a malformed point in enc gives OPEN_FAILED, a forged ML-KEM ciphertext another secret', () => {
    const { enc, sharedSecret } = encapsulate(publicKey, { backend, random: seededRandom('enc') });
    for (let i = 1088; i < enc.length; i += 4)
      expect(outcomeOf(() => decapsulate(flip(enc, i), privateKey, { backend }))).toBe('OPEN_FAILED');
    const infinity = concatBytes(enc.slice(0, 1088), new Uint8Array(65));
    expect(outcomeOf(() => decapsulate(infinity, privateKey, { backend }))).toBe('OPEN_FAILED');
    for (const i of [0, 500, 1087]) expect(decapsulate(flip(enc, i), privateKey, { backend })).not.toEqual(sharedSecret);
  });

  it('both halves matter: with either half of another key the secret differs', () => {
    const other = generateHybridPrivateKey({ random: seededRandom('other') });
    const { enc, sharedSecret } = encapsulate(publicKey, { backend });
    expect(decapsulate(enc, { ...privateKey, scalar: other.scalar }, { backend })).not.toEqual(sharedSecret);
    expect(decapsulate(enc, { ...privateKey, seed: other.seed }, { backend })).not.toEqual(sharedSecret);
  });
});

describe('private keys', () => {
  it('encode to 96 bytes and back', () => {
    const encoded = encodeHybridPrivateKey(privateKey);
    expect(encoded).toHaveLength(96);
    expect(decodeHybridPrivateKey(encoded)).toEqual(privateKey);
    expect(encodeHybridPrivateKey(decodeHybridPrivateKey(encoded))).toEqual(encoded);
  });

  it('with a scalar outside [1, n) are refused: KEYS_INVALID in bytes, RangeError as an object', () => {
    for (const scalar of [new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      const wrong: HybridPrivateKey = { scalar, seed: privateKey.seed };
      expect(outcomeOf(() => decodeHybridPrivateKey(concatBytes(scalar, privateKey.seed)))).toBe('KEYS_INVALID');
      expect(outcomeOf(() => hybridPublicKey(wrong))).toBe('RangeError');
      expect(outcomeOf(() => encodeHybridPrivateKey(wrong))).toBe('RangeError');
      expect(outcomeOf(() => decapsulate(new Uint8Array(HYBRID_ENC_LENGTH), wrong))).toBe('RangeError');
    }
  });

  it('do not share memory with the random source', () => {
    const buffer = seededRandom('shared').bytes(64);
    const key = generateHybridPrivateKey({ random: { bytes: (length) => buffer.subarray(0, length) } });
    const before = encodeHybridPrivateKey(key);
    buffer.fill(0);
    expect(encodeHybridPrivateKey(key)).toEqual(before);
  });
});

describe('names and parts of keys', () => {
  it('a key id is 16 bytes and differs for every changed byte', () => {
    const ids = [0, 1, 600, 1184, 1248].map((i) => keyIdOf(flip(publicKey, i)).join());
    expect(new Set([...ids, keyIdOf(publicKey).join()]).size).toBe(6);
    expect(keyIdOf(publicKey)).toHaveLength(16);
  });

  it('what is taken out of bytes is a copy, also out of a Buffer, whose slice is a window', () => {
    const { enc } = encapsulate(publicKey);
    for (const make of [(bytes: Uint8Array) => bytes.slice(), (bytes: Uint8Array) => Buffer.from(bytes)]) {
      const [key, sealed, secret] = [make(publicKey), make(enc), make(encodeHybridPrivateKey(privateKey))];
      const taken = [splitPublicKey(key), splitEnc(sealed), decodeHybridPrivateKey(secret)];
      for (const bytes of [key, sealed, secret]) bytes.fill(0);
      expect(taken).toEqual([splitPublicKey(publicKey), splitEnc(enc), privateKey]);
    }
  });
});
