import * as crypto from 'node:crypto';
import type { MlKem768Decapsulator } from '../foundation/backend.js';
import { assertBytes, concatBytes } from '../foundation/bytes.js';
import { ML_KEM_CIPHERTEXT_LENGTH, ML_KEM_PUBLIC_KEY_LENGTH, ML_KEM_SEED_LENGTH } from '../foundation/hybrid-kem.js';

/** ML-KEM-768 of Node ≥ 24.7 (OpenSSL 3.5), behind the same contracts as the table in `foundation/backend.ts`. */
export interface NativeMlKem768 {
  publicKey(seed: Uint8Array): Uint8Array;
  encapsulate(publicKey: Uint8Array): { ciphertext: Uint8Array; sharedSecret: Uint8Array };
  decapsulate(ciphertext: Uint8Array, seed: Uint8Array): Uint8Array;
  decapsulator(seed: Uint8Array): MlKem768Decapsulator;
}

/** PKCS #8 of a seed and SPKI of an encapsulation key, without the key, which follows (RFC 9935 §4 and §6, seed-only form). */
const OID = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x02] as const;
const PKCS8 = Uint8Array.of(0x30, 0x54, 2, 1, 0, 0x30, 0x0b, ...OID, 0x04, 0x42, 0x80, 0x40);
const SPKI = Uint8Array.of(0x30, 0x82, 0x04, 0xb2, 0x30, 0x0b, ...OID, 0x03, 0x82, 0x04, 0xa1, 0x00);

/** The two functions that @types/node of our oldest Node does not know. */
interface KemFunctions {
  encapsulate(key: crypto.KeyObject): { ciphertext: Uint8Array; sharedKey: Uint8Array };
  decapsulate(key: crypto.KeyObject, ciphertext: Uint8Array): Uint8Array;
}

/** `undefined` where this Node has no ML-KEM: decided once, by what is there and not by the version's number. */
export const nativeMlKem768: NativeMlKem768 | undefined = detect();

function detect(): NativeMlKem768 | undefined {
  if (!hasKem(crypto)) return undefined;
  const native = bind(crypto);
  try {
    // A Node built against an older OpenSSL has the functions and not the algorithm.
    native.publicKey(new Uint8Array(ML_KEM_SEED_LENGTH));
    return native;
  } catch {
    return undefined;
  }
}

function hasKem(module: object): module is KemFunctions {
  return 'encapsulate' in module && typeof module.encapsulate === 'function' && 'decapsulate' in module;
}

function bind(kem: KemFunctions): NativeMlKem768 {
  return {
    publicKey(seed) {
      const spki = crypto.createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
      return new Uint8Array(spki.subarray(SPKI.length));
    },
    encapsulate(publicKey) {
      assertBytes(publicKey, 'publicKey', ML_KEM_PUBLIC_KEY_LENGTH);
      let result: ReturnType<KemFunctions['encapsulate']>;
      try {
        // OpenSSL checks the modulus (FIPS 203 §7.2) when it imports the key.
        const key = crypto.createPublicKey({ key: Buffer.from(concatBytes(SPKI, publicKey)), format: 'der', type: 'spki' });
        result = kem.encapsulate(key);
      } catch {
        throw new RangeError('publicKey is not an ML-KEM-768 encapsulation key');
      }
      return { ciphertext: new Uint8Array(result.ciphertext), sharedSecret: new Uint8Array(result.sharedKey) };
    },
    decapsulate(ciphertext, seed) {
      assertBytes(ciphertext, 'ciphertext', ML_KEM_CIPHERTEXT_LENGTH);
      return new Uint8Array(kem.decapsulate(privateKey(seed), ciphertext));
    },
    decapsulator(seed) {
      const key = privateKey(seed);
      return {
        decapsulate(ciphertext) {
          assertBytes(ciphertext, 'ciphertext', ML_KEM_CIPHERTEXT_LENGTH);
          return new Uint8Array(kem.decapsulate(key, ciphertext));
        },
        // OpenSSL clears its copy when the key object is collected: whoever holds this lets go of it.
        wipe: () => undefined,
      };
    },
  };
}

function privateKey(seed: Uint8Array): crypto.KeyObject {
  assertBytes(seed, 'seed', ML_KEM_SEED_LENGTH);
  return crypto.createPrivateKey({ key: Buffer.from(concatBytes(PKCS8, seed)), format: 'der', type: 'pkcs8' });
}
