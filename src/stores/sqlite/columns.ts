import type { SqlRow } from './driver.js';
import { storeIntegrity } from './store-errors.js';

/** Typed reading of columns: a value of another type means a damaged or foreign file, `STORE_INTEGRITY`. */
export function bytesOf(row: SqlRow | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw unexpected();
  // A plain view: Node's Buffer differs in `slice`, which aliases instead of copying.
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** The same, undefined for NULL. */
export function optionalBytesOf(row: SqlRow, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytesOf(row, column);
}

export function integerOf(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unexpected();
  return value;
}

/** The same, undefined for NULL (e.g. the maximum of an empty table). */
export function optionalIntegerOf(row: SqlRow | undefined, column: string): number | undefined {
  return row?.[column] === null ? undefined : integerOf(row, column);
}

export function textOf(row: SqlRow | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string') throw unexpected();
  return value;
}

/** A word of a closed list. */
export function oneOf<Word extends string>(words: readonly Word[], value: string): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw unexpected();
  return word;
}

function unexpected(): Error {
  return storeIntegrity('a store holds a value of an unexpected type');
}
