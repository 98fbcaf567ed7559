import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { assertAeadArguments } from './aead.js';
import { assertBytes } from './bytes.js';
import { openFailed } from './errors.js';

/**
 * Inverse of `sealXChaCha`. Throws `OPEN_FAILED` for a wrong key, nonce or aad and for altered or truncated bytes, all alike.
 * Nothing of the plaintext comes out before the tag is checked.
 *
 * The cipher does not commit to its key: a ciphertext that opens under two keys can be made. Callers who let a party choose the key
 * compare a commitment first (docs/spec/sealed-compartment.md).
 */
export function openXChaCha(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array {
  assertAeadArguments(key, nonce, aad);
  assertBytes(ciphertext, 'ciphertext');
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(ciphertext);
  } catch {
    throw openFailed();
  }
}
