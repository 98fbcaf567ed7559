import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow } from '../../claims/ports.js';
import { sortedBy } from '../sorted-rows.js';

export const LOCATOR_LENGTH = 32;

/** Rows by locator. Throws TypeError or RangeError: a caller's bug. */
export function sortedClaimRows(rows: readonly ClaimRow[]): readonly ClaimRow[] {
  for (const row of rows) assertBytes(row.row, 'row');
  return sortedBy(rows, (row) => row.locator, 'locator', LOCATOR_LENGTH);
}
