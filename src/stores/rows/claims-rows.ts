import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow } from '../../claims/ports.js';
import { sortedBy } from '../sorted-rows.js';

export const LOCATOR_LENGTH = 32;
export const SECRET_LENGTH = 32;

/** Rows by locator. Throws TypeError or RangeError: a caller's bug. */
export function sortedClaimRows(rows: readonly ClaimRow[]): readonly ClaimRow[] {
  for (const row of rows) assertBytes(row.row, 'row');
  return sortedBy(rows, (row) => row.locator, 'locator', LOCATOR_LENGTH);
}

/**
 * Where a search for a locator begins: its first 31 bytes. No row has a key of that length, so a search never meets what it looks for on
 * the way down and stops early: a tree walks as far for a locator that is there as for one that is not.
 */
export function searchKey(locator: Uint8Array): Uint8Array {
  return locator.slice(0, LOCATOR_LENGTH - 1);
}
