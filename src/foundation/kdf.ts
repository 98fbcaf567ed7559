import type { CryptoOptions } from './backend.js';
import { assertBytes, concatBytes, utf8, wipe } from './bytes.js';
import { LABELS } from './labels.js';
import { nobleBackend } from './noble-backend.js';
import { encodeTuple } from './tuple.js';

const HASH_LENGTH = 32;
/** RFC 5869 §2.3: the block counter is one byte. */
const MAX_OUTPUT_LENGTH = 255 * HASH_LENGTH;

/** HKDF-Extract with SHA-256 (RFC 5869 §2.2): 32 bytes. An empty salt counts as 32 zero bytes. */
export function hkdfExtract(salt: Uint8Array, ikm: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  assertBytes(salt, 'salt');
  assertBytes(ikm, 'ikm');
  return (options.backend ?? nobleBackend).hmacSha256(salt, ikm);
}

/**
 * HKDF-Expand with SHA-256 (RFC 5869 §2.3). `prk` is at least 32 bytes and already uniform, `length` 1 to 8160.
 * Throws TypeError or RangeError.
 */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number, options: CryptoOptions = {}): Uint8Array {
  assertBytes(prk, 'prk');
  if (prk.length < HASH_LENGTH) throw new RangeError(`prk must be at least ${HASH_LENGTH} bytes`);
  assertBytes(info, 'info');
  if (!Number.isInteger(length) || length < 1 || length > MAX_OUTPUT_LENGTH)
    throw new RangeError(`length must be 1 to ${MAX_OUTPUT_LENGTH}`);
  const { hmacSha256 } = options.backend ?? nobleBackend;
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let offset = 0, counter = 1; offset < length; offset += HASH_LENGTH, counter++) {
    block = hmacSha256(prk, concatBytes(block, info, Uint8Array.of(counter)));
    out.set(block.subarray(0, Math.min(HASH_LENGTH, length - offset)), offset);
  }
  return out;
}

/**
 * 32 bytes for one purpose: HKDF with a fixed salt over `secret`, info = the injective encoding of (label, context…).
 * Different labels or contexts give independent keys; the label comes from `LABELS`. `secret` must hold 128 bits of entropy or more:
 * nothing here slows down guessing.
 */
export function deriveKey(secret: Uint8Array, label: string, ...context: readonly (Uint8Array | string)[]): Uint8Array {
  return deriveKeyWith({}, secret, label, ...context);
}

/** `deriveKey` on a backend. */
export function deriveKeyWith(
  options: CryptoOptions,
  secret: Uint8Array,
  label: string,
  ...context: readonly (Uint8Array | string)[]
): Uint8Array {
  assertBytes(secret, 'secret');
  const prk = hkdfExtract(utf8(LABELS.kdfSalt), secret, options);
  const key = hkdfExpand(prk, encodeTuple(label, ...context), HASH_LENGTH, options);
  wipe(prk);
  return key;
}
