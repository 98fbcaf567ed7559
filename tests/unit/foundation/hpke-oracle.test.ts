import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ml_kem768_p256 } from '@noble/post-quantum/hybrid.js';
import * as HPKE from 'hpke';
import { describe, expect, it } from 'vitest';
import { nativeMlKem768 } from '../../../src/backends/node-ml-kem.js';
import { concatBytes } from '../../../src/foundation/bytes.js';
import { hpkeOpen } from '../../../src/foundation/hpke-open.js';
import { hpkeSeal } from '../../../src/foundation/hpke-seal.js';
import { hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { backends, flip, privateKeyOfDraftSeed, seededRandom } from '../../support/crypto-fixtures.js';

/**
 * The `hpke` package as an independent implementation of RFC 9180: its key schedule and message flow are its own. Its KEM and AEAD come
 * from WebCrypto, which has neither before Node 24.7; there it is given noble's KEM as a whole and OpenSSL's AEAD.
 */
interface SeedKey extends HPKE.Key {
  readonly bytes: Uint8Array;
}

const key = (bytes: Uint8Array, type: 'public' | 'private'): SeedKey => ({
  algorithm: { name: 'MLKEM768-P256' },
  extractable: true,
  type,
  bytes,
});

const pair = (seed?: Uint8Array): Promise<HPKE.KeyPair<SeedKey>> => {
  const { publicKey, secretKey } = ml_kem768_p256.keygen(seed);
  return Promise.resolve({ publicKey: key(publicKey, 'public'), privateKey: key(secretKey, 'private') });
};

const nobleKem: HPKE.KEMFactory<SeedKey> = () => ({
  ...({ id: 0x0050, type: 'KEM', name: 'MLKEM768-P256', Nsecret: 32, Nenc: 1153, Npk: 1249, Nsk: 32 } as const),
  DeriveKeyPair: () => Promise.reject(new Error('not needed')),
  GenerateKeyPair: () => pair(),
  SerializePublicKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePublicKey: (bytes) => Promise.resolve(key(bytes, 'public')),
  SerializePrivateKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePrivateKey: (bytes) => Promise.resolve(key(bytes, 'private')),
  Encap({ bytes }) {
    const { cipherText, sharedSecret } = ml_kem768_p256.encapsulate(bytes);
    return Promise.resolve({ enc: cipherText, shared_secret: sharedSecret });
  },
  Decap: (enc, { bytes }) => Promise.resolve(ml_kem768_p256.decapsulate(enc, bytes)),
});

const opensslAead: HPKE.AEADFactory = () => ({
  ...({ id: 0x0003, type: 'AEAD', name: 'ChaCha20Poly1305', Nk: 32, Nn: 12, Nt: 16 } as const),
  Seal(secret, nonce, aad, plaintext) {
    const cipher = createCipheriv('chacha20-poly1305', secret, nonce, { authTagLength: 16 }).setAAD(aad, {
      plaintextLength: plaintext.length,
    });
    return Promise.resolve(concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag()));
  },
  async Open(secret, nonce, aad, ciphertext) {
    const end = ciphertext.length - 16;
    const decipher = createDecipheriv('chacha20-poly1305', secret, nonce, { authTagLength: 16 }).setAAD(aad, { plaintextLength: end });
    decipher.setAuthTag(ciphertext.subarray(end));
    return concatBytes(decipher.update(ciphertext.subarray(0, end)), decipher.final());
  },
});

const random = seededRandom('oracle');
const seed = random.bytes(32);
const privateKey = privateKeyOfDraftSeed(seed);
const publicKey = hybridPublicKey(privateKey);
const messages = [0, 1, 32, 500].map((length) => ({ info: random.bytes(length), aad: random.bytes(33), plaintext: random.bytes(length) }));

describe.each(backends)('against the hpke package, $name', (backend) => {
  const suites = [
    ['with noble’s KEM', () => new HPKE.CipherSuite<HPKE.Key>(nobleKem, HPKE.KDF_HKDF_SHA256, opensslAead), true],
    [
      'with its own KEM and AEAD',
      () => new HPKE.CipherSuite<HPKE.Key>(HPKE.KEM_MLKEM768_P256, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_ChaCha20Poly1305),
      nativeMlKem768 !== undefined,
    ],
  ] as const;

  it.each(suites)('messages go both ways %s', async (_, makeSuite, available) => {
    if (!available) return expect(nativeMlKem768).toBeUndefined();
    const suite = makeSuite();
    const theirPublicKey = await suite.DeserializePublicKey(publicKey);
    const theirPrivateKey = await suite.DeserializePrivateKey(seed, true);
    for (const { info, aad, plaintext } of messages) {
      const ours = hpkeSeal({ publicKey, info, aad, plaintext }, { backend });
      expect(await suite.Open(theirPrivateKey, ours.enc, ours.ciphertext, { info, aad })).toEqual(plaintext);
      await expect(suite.Open(theirPrivateKey, ours.enc, flip(ours.ciphertext, 0), { info, aad })).rejects.toThrow();
      const theirs = await suite.Seal(theirPublicKey, plaintext, { info, aad });
      const { encapsulatedSecret: enc, ciphertext } = theirs;
      expect(hpkeOpen({ privateKey, enc, info, aad, ciphertext }, { backend })).toEqual(plaintext);
    }
    return undefined;
  });
});
