import type { CryptoOptions } from './backend.js';
import { concatBytes, wipe } from './bytes.js';
import { RegistryError } from './errors.js';
import { combineSecrets, splitPublicKey } from './hybrid-kem.js';
import { nobleBackend } from './noble-backend.js';
import { decodePoint, randomScalar } from './p256-group.js';
import { systemRandom } from './random.js';

export interface Encapsulated {
  /** ML-KEM ciphertext 1088 ‖ ephemeral point 65. */
  readonly enc: Uint8Array;
  /** 32 bytes. */
  readonly sharedSecret: Uint8Array;
  /** The P-256 half's ephemeral scalar, for the TDH2 proof. It opens the classical half: wipe it after the proof. */
  readonly ephemeralScalar: Uint8Array;
}

/**
 * Encapsulates to a hybrid public key (1249 bytes), keeping the ephemeral scalar that noble's own `encapsulate` throws away.
 *
 * Draws from `random`: 32 bytes for ML-KEM, then 32 (repeated by rejection) for the scalar, the order of the public vectors.
 * Throws `KEYS_INVALID` for a point off the curve or an ML-KEM key with unreduced coefficients, TypeError or RangeError for a wrong type
 * or length.
 */
export function encapsulate(publicKey: Uint8Array, options: CryptoOptions = {}): Encapsulated {
  const backend = options.backend ?? nobleBackend;
  const random = options.random ?? systemRandom;
  const recipient = splitPublicKey(publicKey);
  assertPoint(recipient.point);
  const mlKem = encapsulateMlKem(() => backend.mlKem768Encapsulate(recipient.mlKem, random));
  const ephemeralScalar = randomScalar(random);
  const ephemeralPoint = backend.p256PublicKey(ephemeralScalar);
  const sharedX = backend.p256SharedX(ephemeralScalar, recipient.point);
  const sharedSecret = combineSecrets({ mlKemSecret: mlKem.sharedSecret, sharedX, ephemeralPoint, recipientPoint: recipient.point });
  wipe(mlKem.sharedSecret, sharedX);
  return { enc: concatBytes(mlKem.ciphertext, ephemeralPoint), sharedSecret, ephemeralScalar };
}

function assertPoint(point: Uint8Array): void {
  try {
    decodePoint(point);
  } catch {
    throw invalidKey();
  }
}

/** The backend says RangeError for a bad key; anything else, such as a broken random source, is not the key's fault. */
function encapsulateMlKem<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof RangeError ? invalidKey() : error;
  }
}

function invalidKey(): RegistryError {
  return new RegistryError('KEYS_INVALID', 'not a hybrid public key');
}
