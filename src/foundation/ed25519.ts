import type { CryptoOptions } from './backend.js';
import { openFailed } from './errors.js';
import { nobleBackend } from './noble-backend.js';

export const ED25519_SEED_LENGTH = 32;
export const ED25519_PUBLIC_KEY_LENGTH = 32;
export const ED25519_SIGNATURE_LENGTH = 64;

/** Ed25519 (RFC 8032 §5.1.5): the 32-byte public key of a 32-byte seed. Throws TypeError or RangeError. */
export function publicKeyOfSeed(seed: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  return (options.backend ?? nobleBackend).ed25519PublicKey(seed);
}

/** Ed25519 (RFC 8032 §5.1.6), deterministic: 64 bytes. The message should start with a label, so that it has one meaning only. */
export function signMessage(message: Uint8Array, seed: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  return (options.backend ?? nobleBackend).ed25519Sign(message, seed);
}

/**
 * Returns when the signature is good and throws `OPEN_FAILED` otherwise: there is no boolean to forget.
 *
 * Strict: canonical encodings of the key, R and S only, no small-order key. Under a small-order key one signature fits many messages.
 * Throws TypeError or RangeError for wrong types and lengths.
 */
export function verifySignature(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array, options: CryptoOptions = {}): void {
  if (!(options.backend ?? nobleBackend).ed25519Verify(signature, message, publicKey)) throw openFailed();
}
