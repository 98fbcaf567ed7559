import { chacha20 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '../foundation/bytes.js';
import type { Random } from '../foundation/random.js';

/**
 * The same bytes for the same seed and the same calls, on every machine: the ChaCha20 key stream (RFC 8439) of SHA-256(seed), with the
 * number of the call as nonce.
 *
 * **For tests only.** Whoever knows or guesses the seed knows every key made with it; a registry that runs on it protects nobody.
 */
export function seededRandom(seed: string): Random {
  const key = sha256(utf8(seed));
  let calls = 0;
  return {
    bytes(length) {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setBigUint64(4, BigInt(calls++));
      return chacha20(key, nonce, new Uint8Array(length));
    },
  };
}
