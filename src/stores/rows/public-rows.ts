import { assertBytes } from '../../foundation/bytes.js';
import { CHANGE_KINDS, CHANGED_BY } from '../../vocabulary/words.js';
import type { BatchChanges, NewBatch, NewEntry, PendingChange, PoolItem } from '../../public/ports.js';
import { assertWhole, sortedById } from '../sorted-rows.js';

// What every public store refuses, whatever it is built on, and the order it writes in. TypeError and RangeError: a caller's bug.

const DIGEST_LENGTH = 32;
const SALT_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const NO_CHANGES: BatchChanges = { settled: [], entries: [] };

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
  const published = changesOf(batch).settled.filter((change) => change.published).length;
  if (batch.leaves.length !== 1 + batch.entries.length + published)
    throw new RangeError('a batch has one tally leaf, one leaf per entry and one per published change');
  for (const leaf of batch.leaves) assertBytes(leaf, 'leaf');
  for (const entry of batch.entries) {
    assertBytes(entry.digest, 'digest', DIGEST_LENGTH);
    assertBytes(entry.salt, 'salt');
    assertBytes(entry.content, 'content');
  }
  for (const n of batch.increments.values()) if (!Number.isSafeInteger(n)) throw new RangeError('an increment must be a whole number');
  return sortedById(batch.entries.map((entry, i) => ({ ...entry, index: batch.expectedSize + 1 + i })));
}

/** Changes in the order of their entries' ids, those of one entry by kind. */
export function sortedChanges(changes: readonly PendingChange[]): readonly PendingChange[] {
  for (const { dueDay, number, kind, by, value, salt, signature } of changes) {
    assertWhole(dueDay, 'dueDay');
    assertWhole(number, 'number');
    if (!CHANGE_KINDS.includes(kind)) throw new RangeError('no such kind of change');
    if (!CHANGED_BY.includes(by)) throw new RangeError('by must be holder or registry');
    if (typeof value !== 'string') throw new TypeError('value must be a string');
    assertBytes(salt, 'salt', SALT_LENGTH);
    assertBytes(signature, 'signature', SIGNATURE_LENGTH);
  }
  return sortedById([...changes].sort((a, b) => (a.kind < b.kind ? -1 : 1)));
}

/** What a batch changes, checked and in id order. */
export function changesOf({ changes = NO_CHANGES }: NewBatch): BatchChanges {
  for (const { salt } of changes.settled) assertBytes(salt, 'salt', SALT_LENGTH);
  for (const { changed, content } of changes.entries) {
    assertWhole(changed.amendments, 'amendments');
    for (const index of [changed.amendedAt, changed.retractedAt, changed.removedAt]) if (index !== undefined) assertWhole(index, 'index');
    if (typeof content === 'string') continue;
    if (changed.amendedAt === undefined) throw new RangeError('a new content needs the leaf of its amendment');
    assertBytes(content.salt, 'salt', SALT_LENGTH);
    assertBytes(content.content, 'content');
  }
  return { settled: sortedById(changes.settled), entries: sortedById(changes.entries) };
}
