import type { StoredTile } from '../../log/append.js';
import type { SignedCheckpoint } from '../../log/ports.js';
import { integerOf, optionalBytesOf, textOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import type { SqlRow } from './driver.js';
import { storeBusy } from './store-errors.js';

/** Leaves the tree covers: full tiles of level 0, and the hashes of the last. */
export const TREE_SIZE = 'coalesce((SELECT idx * 256 + length(hashes) / 32 FROM tiles WHERE level = 0 ORDER BY idx DESC LIMIT 1), 0)';

export function tileOf(database: SqliteDatabase, level: number, index: number): Uint8Array | undefined {
  const row = database.get('SELECT hashes FROM tiles WHERE level = ? AND idx = ?', level, index);
  return row && optionalBytesOf(row, 'hashes');
}

/** A tile only ever gets longer; it is stored whole. */
export function putTiles(database: SqliteDatabase, tiles: readonly StoredTile[]): void {
  const sql = `INSERT INTO tiles (level, idx, hashes) VALUES (?, ?, ?) ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes`;
  for (const { level, index, hashes } of tiles) database.run(sql, level, index, hashes);
}

export function assertTreeSize(database: SqliteDatabase, expected: number): void {
  if (database.number(`SELECT ${TREE_SIZE} AS n`) !== expected) throw storeBusy('another process has grown the tree meanwhile; try again');
}

export function addCheckpoint(database: SqliteDatabase, { size, note }: SignedCheckpoint): void {
  database.run('INSERT INTO checkpoints (size, note) VALUES (?, ?) ON CONFLICT DO NOTHING', size, note);
}

export function replaceCheckpoint(database: SqliteDatabase, was: SignedCheckpoint, note: string): void {
  if (database.run('UPDATE checkpoints SET note = ? WHERE size = ? AND note = ?', note, was.size, was.note) !== 1)
    throw storeBusy('another process has changed this checkpoint meanwhile; read it again');
}

/** `which` ends the query: an order, a condition. */
export function checkpointOf(database: SqliteDatabase, which: string, ...values: readonly number[]): SignedCheckpoint | undefined {
  const row: SqlRow | undefined = database.get(`SELECT size, note FROM checkpoints ${which} LIMIT 1`, ...values);
  return row && { size: integerOf(row, 'size'), note: textOf(row, 'note') };
}
