import { hashes, verify } from '@noble/ed25519';
import { _SHA512 } from '@noble/hashes/sha2.js';
import { assertBytes } from './bytes.js';

/** Is this a good Ed25519 signature? For code that verifies and never signs; the caller turns `false` into an error. */
export type Ed25519Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/**
 * The portable default, from @noble/ed25519 (decision 014): as strict as `verifySignature` of ed25519.ts, which a test compares, but a quarter
 * of its size and without the backend behind it. Throws TypeError or RangeError for wrong types and lengths.
 */
export const verifyEd25519: Ed25519Verify = (signature, message, publicKey) => {
  assertBytes(signature, 'signature', 64);
  assertBytes(message, 'message');
  assertBytes(publicKey, 'publicKey', 32);
  // Here and not beside the import: nothing runs when this module is loaded, so it can be left out where it is not used.
  // By its class, as in sha256.ts.
  hashes.sha512 = (data) => new _SHA512().update(data).digest();
  try {
    // Not ZIP-215: that rule takes non-canonical encodings and small-order keys, under which one signature fits many messages.
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};
