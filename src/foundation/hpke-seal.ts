import type { CryptoOptions } from './backend.js';
import { assertBytes, wipe } from './bytes.js';
import { CN1, keySchedule } from './hpke-schedule.js';
import { encapsulate } from './hybrid-kem-seal.js';
import { nobleBackend } from './noble-backend.js';

export interface HpkeSealInput {
  /** 1249 bytes. */
  readonly publicKey: Uint8Array;
  /** What the message is for; bound into the key. */
  readonly info: Uint8Array;
  /** Authenticated, not encrypted. */
  readonly aad: Uint8Array;
  readonly plaintext: Uint8Array;
}

export interface HpkeSealed {
  /** 1153 bytes. */
  readonly enc: Uint8Array;
  /** Plaintext length + 16. */
  readonly ciphertext: Uint8Array;
  /** Wipe it after the TDH2 proof, or at once where there is none. */
  readonly ephemeralScalar: Uint8Array;
}

/**
 * HPKE single-shot base-mode seal (RFC 9180 §6.1) with suite CN1. Only the holder of the private key can open it; anybody could have
 * made it, so it says nothing about its author.
 *
 * Throws `KEYS_INVALID` for a malformed public key, TypeError or RangeError for wrong types and lengths. Spec: docs/spec/hpke.md.
 */
export function hpkeSeal(input: HpkeSealInput, options: CryptoOptions = {}): HpkeSealed {
  const { publicKey, info, aad, plaintext } = input;
  assertBytes(info, 'info');
  assertBytes(aad, 'aad');
  assertBytes(plaintext, 'plaintext');
  const backend = options.backend ?? nobleBackend;
  const { enc, sharedSecret, ephemeralScalar } = encapsulate(publicKey, options);
  const secrets = keySchedule(CN1, sharedSecret, info, backend);
  const ciphertext = CN1.aead.seal(secrets, plaintext, aad, backend);
  wipe(sharedSecret, secrets.key);
  return { enc, ciphertext, ephemeralScalar };
}
