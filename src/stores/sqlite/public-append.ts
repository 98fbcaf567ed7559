import type { NewBatch } from '../../public/ports.js';
import { changesOf, sortedEntries } from '../rows/public-rows.js';
import { textOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import { ADD_CONTENT, settleChanges } from './public-changes.js';
import { assertTreeSize, putTiles } from './public-log.js';
import { storeBusy } from './store-errors.js';

/**
 * One batch, one transaction: pool rows and settled changes out, leaves with their tiles, entries and contents in, changed entries as they are now, counters up.
 * Throws `STORE_BUSY`, with nothing changed, if the log or the pool is not what the batch was made for.
 */
export function appendBatch(database: SqliteDatabase, batch: NewBatch): void {
  const entries = sortedEntries(batch);
  const changes = changesOf(batch);
  database.write(() => {
    assertStillExpected(database, batch);
    const left = new Map<string, number>();
    for (const entry of entries) {
      const [removed] = database.all('DELETE FROM pool WHERE id = ? RETURNING cell', entry.id);
      if (removed === undefined) throw storeBusy('another process has published meanwhile; read the state again');
      const cell = textOf(removed, 'cell');
      left.set(cell, (left.get(cell) ?? 0) + 1);
    }
    for (const [cell, n] of left) database.run('UPDATE cells SET n = n - ? WHERE cell = ?', n, cell);
    database.run('DELETE FROM cells WHERE n = 0');
    for (const [i, leaf] of batch.leaves.entries())
      database.run('INSERT INTO leaves (idx, bytes) VALUES (?, ?)', batch.expectedSize + i, leaf);
    putTiles(database, batch.tiles);
    for (const entry of entries) {
      database.run('INSERT INTO entries (id, idx, digest) VALUES (?, ?, ?)', entry.id, entry.index, entry.digest);
      database.run(ADD_CONTENT, entry.index, entry.salt, entry.content);
    }
    settleChanges(database, changes);
    addSummary(database, batch);
    addIncrements(database, batch.increments);
  });
}

function assertStillExpected(database: SqliteDatabase, batch: NewBatch): void {
  const size = database.number('SELECT coalesce(max(idx) + 1, 0) AS n FROM leaves');
  const last = database.number('SELECT coalesce(max(batch), 0) AS n FROM batches');
  if (size !== batch.expectedSize || last + 1 !== batch.summary.batch)
    throw storeBusy('another process has published meanwhile; read the state again');
  assertTreeSize(database, batch.expectedSize);
}

function addSummary(database: SqliteDatabase, { summary }: NewBatch): void {
  const sql = 'INSERT INTO batches (batch, day, extra, statements, live, smallest_cell) VALUES (?, ?, ?, ?, ?, ?)';
  database.run(sql, summary.batch, summary.day, summary.extra ? 1 : 0, summary.statements, summary.live, summary.smallestCell);
}

function addIncrements(database: SqliteDatabase, increments: ReadonlyMap<string, number>): void {
  const sql = 'INSERT INTO counters (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n';
  for (const [name, n] of increments) database.run(sql, name, n);
}
