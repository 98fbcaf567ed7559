import type { BatchChanges, ChangedEntry, PendingChange } from '../../public/ports.js';
import { CHANGE_KINDS, CHANGED_BY, type ChangeKind, kindsOfSlot } from '../../vocabulary/words.js';
import { bytesOf, integerOf, oneOf, textOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import type { SqlRow } from './driver.js';
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

/** The part of a batch about entries that were published before. Throws `STORE_BUSY` where a change is no longer the one the batch was made of. */
export function settleChanges(database: SqliteDatabase, { settled, entries }: BatchChanges): void {
  for (const { id, kind, salt } of settled) {
    if (database.run('DELETE FROM changes WHERE id = ? AND kind = ? AND salt = ?', id, kind, salt) !== 1)
      throw storeBusy('a change was taken back meanwhile; read what is due again');
  }
  for (const entry of entries) changeEntry(database, entry);
}

function changeEntry(database: SqliteDatabase, { id, changed, content }: ChangedEntry): void {
  const { amendments, display, evidence, amendedAt, retractedAt, removedAt } = changed;
  const sql = `INSERT INTO changed (id, amendments, display, evidence, amended_at, retracted_at, removed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET amendments = excluded.amendments, display = excluded.display, evidence = excluded.evidence,
    amended_at = excluded.amended_at, retracted_at = excluded.retracted_at, removed_at = excluded.removed_at`;
  database.run(sql, id, amendments, display, evidence, amendedAt ?? null, retractedAt ?? null, removedAt ?? null);
  if (content === 'removed') database.run('DELETE FROM contents WHERE id = ?', id);
  else if (content !== 'kept') database.run('UPDATE contents SET salt = ?, content = ? WHERE id = ?', content.salt, content.content, id);
  if (retractedAt !== undefined || removedAt !== undefined)
    database.run("DELETE FROM changes WHERE id = ? AND kind IN ('text', 'name')", id);
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
