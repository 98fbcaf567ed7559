import { assertBytes, compareBytes } from '../foundation/bytes.js';
import { ID_LENGTH } from '../vocabulary/ids.js';

/**
 * A copy of the rows in id order. Stores call it on every multi-row write and do not trust the caller's order: within one database page
 * rows lie as they were inserted, so the order of calls could be read from a seized file.
 * Throws TypeError or RangeError for an id that is not 16 bytes.
 */
export function sortedById<T extends { readonly id: Uint8Array }>(rows: readonly T[]): readonly T[] {
  return sortedBy(rows, (row) => row.id, 'id', ID_LENGTH);
}

/** The same for bare ids. */
export function sortedIds(ids: readonly Uint8Array[]): readonly Uint8Array[] {
  return sortedBy(ids, (id) => id, 'id', ID_LENGTH);
}

/** The same for rows with another key of `length` bytes. */
export function sortedBy<T>(rows: readonly T[], keyOf: (row: T) => Uint8Array, name: string, length: number): readonly T[] {
  for (const row of rows) assertBytes(keyOf(row), name, length);
  return [...rows].sort((a, b) => compareBytes(keyOf(a), keyOf(b)));
}

/** Throws RangeError unless `value` is a whole number of at least `least`. */
export function assertWhole(value: number, name: string, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be a whole number of at least ${least}`);
}
