import { assertBytes, utf8 } from './bytes.js';
import { openFailed, RegistryError } from './errors.js';

/**
 * ISO/IEC 7816-4 padding to one fixed bucket: `plaintext ‖ 0x80 ‖ 0x00*`. Every plaintext of a bucket has the same length outside.
 * Throws `COMPARTMENT_TOO_LARGE` when the plaintext leaves no room for the marker byte.
 */
export function pad(plaintext: Uint8Array, bucket: number): Uint8Array {
  assertBytes(plaintext, 'plaintext');
  if (plaintext.length >= bucket) throw new RegistryError('COMPARTMENT_TOO_LARGE', `more than ${bucket - 1} bytes`, { limit: bucket - 1 });
  const out = new Uint8Array(bucket);
  out.set(plaintext);
  out[plaintext.length] = 0x80;
  return out;
}

/** Inverse of `pad`: a copy. Called on authenticated bytes only, so its timing tells an attacker nothing. Throws `OPEN_FAILED`. */
export function unpad(padded: Uint8Array): Uint8Array {
  return new Uint8Array(unpadView(padded));
}

/** `unpad` as a window on `padded`. */
export function unpadView(padded: Uint8Array): Uint8Array {
  assertBytes(padded, 'padded');
  const view = new DataView(padded.buffer, padded.byteOffset, padded.length);
  let end = padded.length - 1;
  // Four at a time: a submission ends in thousands of zeros.
  while (end >= 3 && view.getUint32(end - 3) === 0) end -= 4;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== 0x80) throw openFailed();
  return padded.subarray(0, end);
}

/** UTF-8 byte length, for limits that are stated in bytes. */
export function byteLength(text: string): number {
  return utf8(text).length;
}
