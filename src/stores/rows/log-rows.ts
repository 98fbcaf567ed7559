import type { SignedCheckpoint } from '../../log/ports.js';
import { assertWhole } from '../sorted-rows.js';

/** The second line of a checkpoint is its size (C2SP tlog-checkpoint). */
const SIZE = /^[^\n]*\n([1-9]\d{0,15})\n/;

/** Throws TypeError or RangeError: what is not a note of a tree with leaves, or of no more leaves than it goes on from, is the caller's bug. */
export function assertSigned({ size, note }: SignedCheckpoint, after = 0): void {
  assertWhole(after, 'after');
  assertWhole(size, 'size', after + 1);
  if (typeof note !== 'string') throw new TypeError('note must be a string');
}

/** The size in a note that was stored whole; undefined: it is none. */
export function sizeInNote(note: string): number | undefined {
  const size = SIZE.exec(note)?.[1];
  return size === undefined ? undefined : Number(size);
}
