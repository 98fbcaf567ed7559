import type { BatchChanges, ChangedEntry, PendingChange } from '../../public/ports.js';
import { CHANGE_KINDS, CHANGED_BY, type ChangeKind, kindsOfSlot } from '../../vocabulary/words.js';
import { bytesOf, integerOf, oneOf, textOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import type { SqlRow } from './driver.js';
import { LEAF_OF_CONTENT } from './public-entries.js';
import { rewriteTable } from './rewrite-table.js';
import { storeBusy } from './store-errors.js';

/** Columns of a waiting change, as `pendingOf` reads them. */
export const PENDING = 'c.id, c.kind, c.changed_by, c.due_day, c.number, c.value, c.salt AS change_salt, c.signature';

/** Insert-if-absent by entry and slot; a veto that came in between wins. Inside the caller's transaction. */
export function insertChanges(database: SqliteDatabase, sorted: readonly PendingChange[]): void {
  const sql = `INSERT INTO changes (id, kind, changed_by, due_day, number, value, salt, signature)
    SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE ? <> 'holder name' OR NOT EXISTS (SELECT 1 FROM name_locks WHERE id = ?)`;
  const waits = (id: Uint8Array, kind: ChangeKind): boolean =>
    database.get('SELECT 1 AS n FROM changes WHERE id = ? AND kind = ?', id, kind) !== undefined;
  for (const { id, kind, by, dueDay, number, value, salt, signature } of sorted) {
    if (kindsOfSlot(kind).some((each) => waits(id, each))) continue;
    database.run(sql, id, kind, by, dueDay, number, value, salt, signature, `${by} ${kind}`, id);
  }
}

/** Values: leaf, salt, content. */
export const ADD_CONTENT = 'INSERT INTO contents (leaf, salt, content) VALUES (?, ?, ?)';

/** The part of a batch about entries that were published before. Throws `STORE_BUSY` where a change is no longer the one the batch was made of. */
export function settleChanges(database: SqliteDatabase, { settled, entries }: BatchChanges): void {
  for (const { id, kind, salt } of settled) {
    if (database.run('DELETE FROM changes WHERE id = ? AND kind = ? AND salt = ?', id, kind, salt) !== 1)
      throw storeBusy('a change was taken back meanwhile; read what is due again');
  }
  for (const entry of entries) changeEntry(database, entry);
  addContents(database, entries);
  if (settled.length > 0) rewriteTable(database, 'changes');
  // What was a content before it was changed lay in the pool before that.
  if (entries.some(({ content }) => content !== 'kept')) rewriteTable(database, 'pool');
}

function changeEntry(database: SqliteDatabase, { id, changed, content }: ChangedEntry): void {
  const { amendments, display, evidence, amendedAt, retractedAt, removedAt } = changed;
  if (content !== 'kept') forgetContent(database, id);
  const sql = `INSERT INTO changed (id, amendments, display, evidence, amended_at, retracted_at, removed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET amendments = excluded.amendments, display = excluded.display, evidence = excluded.evidence,
    amended_at = excluded.amended_at, retracted_at = excluded.retracted_at, removed_at = excluded.removed_at`;
  database.run(sql, id, amendments, display, evidence, amendedAt ?? null, retractedAt ?? null, removedAt ?? null);
  if (retractedAt !== undefined || removedAt !== undefined)
    database.run("DELETE FROM changes WHERE id = ? AND kind IN ('text', 'name')", id);
}

/** Zeros of the same length: a row that is deleted, or gets shorter, can make SQLite move its neighbours, and then copies of those stay behind. */
function forgetContent(database: SqliteDatabase, id: Uint8Array): void {
  const sql = `UPDATE contents SET salt = zeroblob(length(salt)), content = zeroblob(length(content)) WHERE leaf =
    (SELECT ${LEAF_OF_CONTENT} FROM entries e LEFT JOIN changed x ON x.id = e.id WHERE e.id = ?)`;
  database.run(sql, id);
}

/** In the order of their leaves, behind all others. */
function addContents(database: SqliteDatabase, entries: readonly ChangedEntry[]): void {
  const added = entries.flatMap(({ changed: { amendedAt }, content }) =>
    typeof content === 'string' || amendedAt === undefined ? [] : [{ ...content, leaf: amendedAt }],
  );
  for (const { leaf, salt, content } of added.sort((a, b) => a.leaf - b.leaf)) database.run(ADD_CONTENT, leaf, salt, content);
}

export function pendingOf(row: SqlRow): PendingChange {
  return {
    id: bytesOf(row, 'id'),
    kind: oneOf(CHANGE_KINDS, textOf(row, 'kind')),
    by: oneOf(CHANGED_BY, textOf(row, 'changed_by')),
    dueDay: integerOf(row, 'due_day'),
    number: integerOf(row, 'number'),
    value: textOf(row, 'value'),
    salt: bytesOf(row, 'change_salt'),
    signature: bytesOf(row, 'signature'),
  };
}
