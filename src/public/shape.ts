/** Checks of single members, for codecs whose strictness lies in writing again what was read (`decodeByEncoding`). */

import { isWellFormed } from '../foundation/bytes.js';
import type { JsonMembers, JsonValue } from '../foundation/canonical-json.js';

const HEX = /^[0-9a-f]*$/;

/** A safe integer of at least `least`. */
export function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** 1, 2, 3 … */
export function isOrdinal(value: unknown): boolean {
  return isCount(value, 1);
}

/** `bytes` bytes in lower-case hex. */
export function isHex(value: unknown, bytes: number): boolean {
  return typeof value === 'string' && value.length === 2 * bytes && HEX.test(value);
}

/** A string without lone surrogates. */
export function isText(value: unknown): boolean {
  return typeof value === 'string' && isWellFormed(value);
}

/** One of a closed vocabulary. */
export function isOneOf(words: readonly string[], value: unknown): boolean {
  return (words as readonly unknown[]).includes(value);
}

/** An object that is no list. */
export function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A date `YYYY-MM-DD` (UTC) that exists, from 1970-01-01 on. */
export function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return time >= 0 && new Date(time).toISOString().startsWith(value);
}

/** The members of an object, by name, and what each must be. */
export type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

/** Is every member what it must be? Others may be there too: `pick` leaves them out, so that what is written again is another text. */
export function hasShape(value: object, shape: Shape): boolean {
  return Object.keys(shape).every((name) => shape[name]?.((value as Readonly<Record<string, unknown>>)[name]));
}

/** The members that a shape names, for writing them. */
export function pick(value: object, shape: Shape): Record<string, JsonValue> {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, (value as JsonMembers)[name] as JsonValue]));
}
