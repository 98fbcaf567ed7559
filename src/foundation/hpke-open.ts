import type { CryptoOptions } from './backend.js';
import { assertBytes, wipe } from './bytes.js';
import { CN1, keySchedule } from './hpke-schedule.js';
import type { HybridPrivateKey } from './hybrid-kem.js';
import { decapsulate, type PreparedHybridKey } from './hybrid-kem-open.js';
import { nobleBackend } from './noble-backend.js';

export interface HpkeOpenInput {
  /** Prepared, where it opens many. */
  readonly privateKey: HybridPrivateKey | PreparedHybridKey;
  /** 1153 bytes. */
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * HPKE single-shot base-mode open (RFC 9180 §6.1) with suite CN1: the plaintext.
 *
 * Throws `OPEN_FAILED`, and nothing else, for anything the bytes of `enc`, `info`, `aad` or `ciphertext` can be wrong about. TypeError or
 * RangeError for wrong types, an `enc` that is not 1153 bytes, and a malformed private key. Spec: docs/spec/hpke.md.
 */
export function hpkeOpen(input: HpkeOpenInput, options: CryptoOptions = {}): Uint8Array {
  const { privateKey, enc, info, aad, ciphertext } = input;
  assertBytes(info, 'info');
  assertBytes(aad, 'aad');
  assertBytes(ciphertext, 'ciphertext');
  const backend = options.backend ?? nobleBackend;
  const sharedSecret = isPrepared(privateKey) ? privateKey.decapsulate(enc) : decapsulate(enc, privateKey, options);
  const secrets = keySchedule(CN1, sharedSecret, info, backend);
  wipe(sharedSecret);
  try {
    return CN1.aead.open(secrets, ciphertext, aad, backend);
  } finally {
    wipe(secrets.key);
  }
}

function isPrepared(key: HybridPrivateKey | PreparedHybridKey): key is PreparedHybridKey {
  return typeof key === 'object' && key !== null && 'decapsulate' in key;
}
