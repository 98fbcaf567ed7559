import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { assertBytes } from './bytes.js';

export const XCHACHA_KEY_LENGTH = 32;
export const XCHACHA_NONCE_LENGTH = 24;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha §2): returns ciphertext ‖ tag, 16 bytes longer than the plaintext.
 *
 * A (key, nonce) pair must never seal twice: two ciphertexts under one pair give away the difference of the plaintexts and the
 * authentication key. The 24-byte nonce is long enough to be drawn at random. Throws TypeError or RangeError on wrong arguments.
 */
export function sealXChaCha(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  assertAeadArguments(key, nonce, aad);
  assertBytes(plaintext, 'plaintext');
  return xchacha20poly1305(key, nonce, aad).encrypt(plaintext);
}

/** Shared with `aead-open.ts`. */
export function assertAeadArguments(key: unknown, nonce: unknown, aad: unknown): void {
  assertBytes(key, 'key', XCHACHA_KEY_LENGTH);
  assertBytes(nonce, 'nonce', XCHACHA_NONCE_LENGTH);
  assertBytes(aad, 'aad');
}
