import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { assertBytes } from './bytes.js';
import { openFailed } from './errors.js';

export const XCHACHA_KEY_LENGTH = 32;
export const XCHACHA_NONCE_LENGTH = 24;
export const XCHACHA_TAG_LENGTH = 16;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha §2): returns ciphertext ‖ tag, 16 bytes longer than the plaintext.
 *
 * A (key, nonce) pair must never seal twice: two ciphertexts under one pair give away the difference of the plaintexts and the
 * authentication key. The 24-byte nonce is long enough to be drawn at random. Throws TypeError or RangeError on wrong arguments.
 */
export function sealXChaCha(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  assertArguments(key, nonce, aad);
  assertBytes(plaintext, 'plaintext');
  return xchacha20poly1305(key, nonce, aad).encrypt(plaintext);
}

/**
 * Inverse of `sealXChaCha`. Throws `OPEN_FAILED` for a wrong key, nonce or aad and for altered or truncated bytes, all alike.
 * Nothing of the plaintext comes out before the tag is checked.
 *
 * The cipher does not commit to its key: a ciphertext that opens under two keys can be made. Callers who let a party choose the key
 * compare a commitment first (docs/spec/sealed-compartment.md).
 */
export function openXChaCha(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array {
  assertArguments(key, nonce, aad);
  assertBytes(ciphertext, 'ciphertext');
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(ciphertext);
  } catch {
    throw openFailed();
  }
}

function assertArguments(key: unknown, nonce: unknown, aad: unknown): void {
  assertBytes(key, 'key', XCHACHA_KEY_LENGTH);
  assertBytes(nonce, 'nonce', XCHACHA_NONCE_LENGTH);
  assertBytes(aad, 'aad');
}
