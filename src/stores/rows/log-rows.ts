import type { SignedCheckpoint } from '../../log/ports.js';
import { assertWhole } from '../sorted-rows.js';

/** Throws TypeError or RangeError: what is not a note of a tree with leaves is the caller's bug. */
export function assertSigned({ size, note }: SignedCheckpoint): void {
  assertWhole(size, 'size', 1);
  if (typeof note !== 'string') throw new TypeError('note must be a string');
}
