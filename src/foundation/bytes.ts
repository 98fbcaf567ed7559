/** Byte helpers. Every cryptographic entry calls `assertBytes` first: a string or number[] must never become a key. */

import { isBytes } from '@noble/hashes/utils.js';

/**
 * Throws TypeError unless `value` is a Uint8Array (also from another realm) over a live buffer, RangeError unless its length fits.
 * A detached buffer reads as length 0 and would hash or encrypt as "empty", so it is refused too.
 */
export function assertBytes(value: unknown, name: string, length?: number): asserts value is Uint8Array {
  if (!isBytes(value)) throw new TypeError(`${name} must be a Uint8Array`);
  if (isDetached(value)) throw new TypeError(`${name} must not be detached`);
  if (length !== undefined && value.length !== length) throw new RangeError(`${name} must be ${length} bytes`);
}

/** Throws TypeError unless `value` is a string. */
export function assertString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`);
}

function isDetached(value: Uint8Array): boolean {
  if (value.byteLength !== 0) return false;
  try {
    // A view over a detached buffer cannot be constructed; over a live one, even an empty one, it can.
    new Uint8Array(value.buffer, 0, 0);
    return false;
  } catch {
    return true;
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let total = 0;
  for (const part of parts) total += part.length;
  const out = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Equality in time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  assertBytes(a, 'a');
  assertBytes(b, 'b');
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Lexicographic order, for sorting rows by id. Not constant time; for public values. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Best effort only: JavaScript engines may have copied the bytes before. */
export function wipe(...buffers: readonly Uint8Array[]): void {
  for (const buffer of buffers) buffer.fill(0);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytes');
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** Lower-case hex only, so that one value has one spelling. Throws RangeError otherwise. */
export function fromHex(text: string, length?: number): Uint8Array {
  assertString(text, 'hex');
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new RangeError('not lower-case hex');
  if (length !== undefined && text.length !== length * 2) throw new RangeError(`hex must be ${length} bytes`);
  const digit = (at: number): number => {
    const unit = text.charCodeAt(at);
    // `0` is 0x30 and `a` is 0x61: the low four bits, and nine more for a letter.
    return (unit & 15) + (unit >> 6) * 9;
  };
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = digit(2 * i) * 16 + digit(2 * i + 1);
  return out;
}

export function toBase64(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytes');
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Strict, padded base64 (RFC 4648 §4): one spelling per value. Throws RangeError otherwise. */
export function fromBase64(text: string): Uint8Array {
  assertString(text, 'base64');
  try {
    const binary = atob(text);
    if (btoa(binary) === text) return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    // Not base64 at all: the same error.
  }
  throw new RangeError('not canonical base64');
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a well-formed string; a lone surrogate throws RangeError, because two such strings would encode alike. */
export function utf8(text: string): Uint8Array {
  assertString(text, 'text');
  if (!isWellFormed(text)) throw new RangeError('text has a lone surrogate');
  return encoder.encode(text);
}

/** Strict UTF-8 decoding (no replacement characters, BOM kept). Throws RangeError. */
export function fromUtf8(bytes: Uint8Array): string {
  assertBytes(bytes, 'bytes');
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RangeError('not UTF-8');
  }
}

/** `String.prototype.isWellFormed` (ES2024), which every supported runtime has. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
