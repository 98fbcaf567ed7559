import { assertBytes } from '../../foundation/bytes.js';
import type { NewBatch, NewEntry, PoolItem } from '../../public/ports.js';
import { assertWhole, sortedById } from '../sorted-rows.js';

// What every public store refuses, whatever it is built on, and the order it writes in. TypeError and RangeError: a caller's bug.

const DIGEST_LENGTH = 32;

export function sortedPoolItems(items: readonly PoolItem[]): readonly PoolItem[] {
  for (const item of items) {
    assertWhole(item.dueDay, 'dueDay');
    assertBytes(item.digest, 'digest', DIGEST_LENGTH);
    assertBytes(item.salt, 'salt');
    assertBytes(item.statement, 'statement');
    if (typeof item.cell !== 'string') throw new TypeError('cell must be a string');
  }
  return sortedById(items);
}

/** A new entry with its register number. */
export interface NumberedEntry extends NewEntry {
  readonly index: number;
}

/** The batch's entries in id order, numbered in the order of their leaves. */
export function sortedEntries(batch: NewBatch): readonly NumberedEntry[] {
  assertWhole(batch.expectedSize, 'expectedSize');
  assertWhole(batch.summary.batch, 'batch', 1);
  if (batch.leaves.length !== batch.entries.length + 1) throw new RangeError('a batch has one tally leaf and one leaf per entry');
  for (const leaf of batch.leaves) assertBytes(leaf, 'leaf');
  for (const entry of batch.entries) {
    assertBytes(entry.digest, 'digest', DIGEST_LENGTH);
    assertBytes(entry.salt, 'salt');
    assertBytes(entry.content, 'content');
  }
  for (const n of batch.increments.values()) if (!Number.isSafeInteger(n)) throw new RangeError('an increment must be a whole number');
  return sortedById(batch.entries.map((entry, i) => ({ ...entry, index: batch.expectedSize + 1 + i })));
}
