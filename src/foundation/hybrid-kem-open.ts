import type { CryptoOptions, MlKem768Decapsulator } from './backend.js';
import { assertBytes, concatBytes, wipe } from './bytes.js';
import { openFailed, RegistryError } from './errors.js';
import { combineSecrets, HYBRID_PRIVATE_KEY_LENGTH, type HybridPrivateKey, ML_KEM_SEED_LENGTH, splitEnc } from './hybrid-kem.js';
import { nobleBackend } from './noble-backend.js';
import { decodePoint, decodeScalar, randomScalar, SCALAR_LENGTH } from './p256-group.js';
import { drawBytes, systemRandom } from './random.js';

/** A fresh key pair's private half: 64 bytes of ML-KEM seed, then a scalar by rejection. */
export function generateHybridPrivateKey(options: CryptoOptions = {}): HybridPrivateKey {
  const random = options.random ?? systemRandom;
  const seed = drawBytes(random, ML_KEM_SEED_LENGTH);
  return { scalar: randomScalar(random), seed };
}

/** The 1249-byte public key of a private key. Throws TypeError or RangeError when the private key is malformed. */
export function hybridPublicKey(privateKey: HybridPrivateKey, options: CryptoOptions = {}): Uint8Array {
  assertPrivateKey(privateKey);
  const backend = options.backend ?? nobleBackend;
  return concatBytes(backend.mlKem768PublicKey(privateKey.seed), backend.p256PublicKey(privateKey.scalar));
}

/** A private key made ready for many encapsulations: the ML-KEM half expanded, the public point computed. */
export interface PreparedHybridKey {
  /** As `decapsulate`. Throws TypeError once the key has been wiped. */
  decapsulate(enc: Uint8Array): Uint8Array;
  /** Best effort; the key it was made from is its owner's to wipe. */
  wipe(): void;
}

/**
 * The 32-byte shared secret of `enc` (1153 bytes).
 *
 * Throws `OPEN_FAILED` when the ephemeral point is not a point of the curve. A forged ML-KEM ciphertext gives a pseudorandom secret and no
 * error (implicit rejection, FIPS 203 §6.3), so a chosen ciphertext tells nothing until the AEAD refuses it.
 * Throws TypeError or RangeError for wrong types and lengths and for a malformed private key.
 */
export function decapsulate(enc: Uint8Array, privateKey: HybridPrivateKey, options: CryptoOptions = {}): Uint8Array {
  const { mlKem, point } = splitEnc(enc);
  assertPrivateKey(privateKey);
  assertEphemeralPoint(point);
  const backend = options.backend ?? nobleBackend;
  const recipientPoint = backend.p256PublicKey(privateKey.scalar);
  const sharedX = backend.p256SharedX(privateKey.scalar, point);
  return combine(backend.mlKem768Decapsulate(mlKem, privateKey.seed), sharedX, point, recipientPoint);
}

/** For whoever opens many with one key: about a third of the work of `decapsulate` each. Throws TypeError or RangeError. */
export function prepareHybridKey(privateKey: HybridPrivateKey, options: CryptoOptions = {}): PreparedHybridKey {
  assertPrivateKey(privateKey);
  const backend = options.backend ?? nobleBackend;
  const scalar = new Uint8Array(privateKey.scalar);
  const recipientPoint = backend.p256PublicKey(scalar);
  // Let go of at `wipe`: OpenSSL clears its own copies of a key when nothing refers to the object any more.
  let key: { readonly sharedX: (point: Uint8Array) => Uint8Array; readonly mlKem: MlKem768Decapsulator } | undefined = {
    sharedX: backend.p256Agreement?.(scalar) ?? ((point) => backend.p256SharedX(scalar, point)),
    mlKem: backend.mlKem768Decapsulator(privateKey.seed),
  };
  return {
    decapsulate(enc) {
      if (key === undefined) throw new TypeError('the prepared key has been wiped');
      const { mlKem, point } = splitEnc(enc);
      assertEphemeralPoint(point);
      return combine(key.mlKem.decapsulate(mlKem), key.sharedX(point), point, recipientPoint);
    },
    wipe() {
      wipe(scalar);
      key?.mlKem.wipe();
      key = undefined;
    },
  };
}

function combine(mlKemSecret: Uint8Array, sharedX: Uint8Array, point: Uint8Array, recipientPoint: Uint8Array): Uint8Array {
  const sharedSecret = combineSecrets({ mlKemSecret, sharedX, ephemeralPoint: point, recipientPoint });
  wipe(mlKemSecret, sharedX);
  return sharedSecret;
}

/** scalar 32 ‖ seed 64. A secret in the clear: the caller seals or shares it. */
export function encodeHybridPrivateKey(privateKey: HybridPrivateKey): Uint8Array {
  assertPrivateKey(privateKey);
  return concatBytes(privateKey.scalar, privateKey.seed);
}

/** Inverse of `encodeHybridPrivateKey`. Throws `KEYS_INVALID` when the scalar is not in [1, n), RangeError for another length than 96. */
export function decodeHybridPrivateKey(bytes: Uint8Array): HybridPrivateKey {
  assertBytes(bytes, 'private key', HYBRID_PRIVATE_KEY_LENGTH);
  // Copies, not `slice`: on a Buffer that is a window, and wiping the Buffer would wipe the key.
  const scalar = new Uint8Array(bytes.subarray(0, SCALAR_LENGTH));
  try {
    decodeScalar(scalar);
  } catch {
    throw new RegistryError('KEYS_INVALID', 'not a hybrid private key');
  }
  return { scalar, seed: new Uint8Array(bytes.subarray(SCALAR_LENGTH)) };
}

function assertPrivateKey(privateKey: HybridPrivateKey): void {
  if (typeof privateKey !== 'object' || privateKey === null) throw new TypeError('privateKey must be an object');
  decodeScalar(privateKey.scalar);
  assertBytes(privateKey.seed, 'seed', ML_KEM_SEED_LENGTH);
}

function assertEphemeralPoint(point: Uint8Array): void {
  try {
    decodePoint(point);
  } catch {
    throw openFailed();
  }
}
