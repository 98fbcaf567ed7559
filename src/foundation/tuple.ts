import { sha256 } from '@noble/hashes/sha2.js';
import { assertBytes, utf8 } from './bytes.js';

/** Bytes before each item. */
export const LENGTH_PREFIX = 4;

/**
 * The one injective encoding: `u32be(len x1)‖x1‖u32be(len x2)‖x2‖…`. No two different tuples, of whatever arity, encode alike.
 * Strings are taken as UTF-8. Spec: docs/spec/encoding.md.
 */
export function encodeTuple(...items: readonly (Uint8Array | string)[]): Uint8Array {
  const parts = items.map((item) => (typeof item === 'string' ? utf8(item) : item));
  let total = 0;
  for (const part of parts) {
    assertBytes(part, 'tuple item');
    total += LENGTH_PREFIX + part.length;
  }
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length);
    out.set(part, offset + LENGTH_PREFIX);
    offset += LENGTH_PREFIX + part.length;
  }
  return out;
}

/** `T(label, x1 … xn)` of the spec: SHA-256 of the injective encoding; the label comes first, always. */
export function hashTuple(label: string, ...items: readonly (Uint8Array | string)[]): Uint8Array {
  return sha256(encodeTuple(label, ...items));
}

/** `hashTuple` with the SHA-256 of a backend, for long items. */
export function hashTupleBy(
  sha256: (data: Uint8Array) => Uint8Array,
  label: string,
  ...items: readonly (Uint8Array | string)[]
): Uint8Array {
  return sha256(encodeTuple(label, ...items));
}

/** u32 big-endian, for numbers inside tuples. */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError('not a u32');
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}
