import { assertBytes, compareBytes } from '../../foundation/bytes.js';
import type { ShredRow, ShredStore, StoreProblem } from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import { type Rewrap, sortedRewraps, sortedShredRows } from '../rows/sealed-rows.js';
import { assertWhole } from '../sorted-rows.js';
import { bytesOf, integerOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import { storeProblems } from './file-checks.js';
import type { SqlRow } from './driver.js';
import type { StoreSchema } from './open-database.js';

/**
 * One small row per record, and how many rows each generation has: an old KEK may be destroyed only when that says none, so it is kept
 * in the same transaction as the rows and recomputed by `check`.
 */
export const SHRED_SCHEMA: StoreSchema = {
  applicationId: 0x636e7368, // cnsh
  migrations: [
    `CREATE TABLE shreds (id BLOB PRIMARY KEY CHECK (length(id) = 16), generation INTEGER NOT NULL,
       wrapped BLOB NOT NULL CHECK (length(wrapped) = 72)) STRICT, WITHOUT ROWID;
     CREATE INDEX shreds_generation ON shreds (generation, id);
     CREATE TABLE generations (generation INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0)) STRICT, WITHOUT ROWID;`,
  ],
};

export class SqliteShredStore implements ShredStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async insert(rows: readonly ShredRow[]): Promise<void> {
    const sorted = sortedShredRows(rows);
    const sql = 'INSERT INTO shreds (id, generation, wrapped) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    this.#database.write(() => {
      const added = new Map<number, number>();
      for (const row of sorted) if (this.#database.run(sql, row.id, row.generation, row.wrapped) === 1) count(added, row.generation, 1);
      this.#addToGenerations(added);
    });
    this.#database.truncateWal();
  }

  async get(id: Uint8Array): Promise<ShredRow | undefined> {
    assertBytes(id, 'id', ID_LENGTH);
    const row = this.#database.get('SELECT generation, wrapped FROM shreds WHERE id = ?', id);
    return row === undefined ? undefined : { id, generation: integerOf(row, 'generation'), wrapped: bytesOf(row, 'wrapped') };
  }

  async before(generation: number, limit: number, after?: Uint8Array): Promise<readonly ShredRow[]> {
    assertWhole(generation, 'generation');
    assertWhole(limit, 'limit', 1);
    if (after !== undefined) assertBytes(after, 'after', ID_LENGTH);
    const [sign, bound] = after === undefined ? ['>=', new Uint8Array(ID_LENGTH)] : ['>', after];
    return this.#database.read(() => {
      const older = this.#database.all('SELECT generation FROM generations WHERE generation < ? AND n > 0', generation);
      // Through the index one generation at a time: a plain scan would walk over every row already rewrapped, on every call.
      const sql = `SELECT id, generation, wrapped FROM shreds INDEXED BY shreds_generation
        WHERE generation = ? AND id ${sign} ? ORDER BY id LIMIT ?`;
      const rows = older.flatMap((found) => this.#database.all(sql, integerOf(found, 'generation'), bound, limit));
      return rows
        .map(shredRow)
        .sort((a, b) => compareBytes(a.id, b.id))
        .slice(0, limit);
    });
  }

  async from(id: Uint8Array, count: number): Promise<readonly ShredRow[]> {
    return this.#cyclic(id, count, 'id >= ? ORDER BY id', 'id < ? ORDER BY id');
  }

  async backFrom(id: Uint8Array, count: number): Promise<readonly ShredRow[]> {
    return this.#cyclic(id, count, 'id < ? ORDER BY id DESC', 'id >= ? ORDER BY id DESC');
  }

  async rewrap(rows: readonly Rewrap[]): Promise<readonly Uint8Array[]> {
    const sorted = sortedRewraps(rows);
    const replaced = this.#database.write(() => {
      const moved = new Map<number, number>();
      const ids: Uint8Array[] = [];
      for (const { was, row } of sorted) {
        const stored = this.#database.get('SELECT generation FROM shreds WHERE id = ? AND wrapped = ?', row.id, was);
        if (stored === undefined) continue;
        this.#database.run('UPDATE shreds SET generation = ?, wrapped = ? WHERE id = ?', row.generation, row.wrapped, row.id);
        count(moved, integerOf(stored, 'generation'), -1);
        count(moved, row.generation, 1);
        ids.push(Uint8Array.from(row.id));
      }
      this.#addToGenerations(moved);
      return ids;
    });
    this.#database.truncateWal();
    return replaced;
  }

  async generations(): Promise<ReadonlyMap<number, number>> {
    const rows = this.#database.all('SELECT generation, n FROM generations WHERE n > 0 ORDER BY generation');
    return new Map(rows.map((row) => [integerOf(row, 'generation'), integerOf(row, 'n')]));
  }

  async check(): Promise<readonly StoreProblem[]> {
    const wrong = `SELECT count(*) AS n FROM (SELECT generation, n FROM generations WHERE n > 0) kept
      FULL JOIN (SELECT generation, count(*) AS n FROM shreds GROUP BY generation) real USING (generation) WHERE kept.n IS NOT real.n`;
    const finding = 'the number of shreds of a generation is not the counted one';
    return storeProblems('shred', this.#database, () => (this.#database.number(wrong) === 0 ? [] : [finding]));
  }

  /** Two ranges of one state: the nearer part of the circle, and what is still wanted from beyond its end. */
  #cyclic(id: Uint8Array, wanted: number, near: string, far: string): readonly ShredRow[] {
    assertBytes(id, 'id', ID_LENGTH);
    assertWhole(wanted, 'count');
    const some = (range: string, limit: number): readonly ShredRow[] =>
      this.#database.all(`SELECT id, generation, wrapped FROM shreds WHERE ${range} LIMIT ?`, id, limit).map(shredRow);
    return this.#database.read(() => {
      const nearer = some(near, wanted);
      return [...nearer, ...some(far, wanted - nearer.length)];
    });
  }

  #addToGenerations(changes: ReadonlyMap<number, number>): void {
    const sql = 'INSERT INTO generations (generation, n) VALUES (?, 0) ON CONFLICT DO NOTHING';
    for (const [generation, change] of changes) {
      this.#database.run(sql, generation);
      this.#database.run('UPDATE generations SET n = n + ? WHERE generation = ?', change, generation);
    }
  }
}

function shredRow(row: SqlRow): ShredRow {
  return { id: bytesOf(row, 'id'), generation: integerOf(row, 'generation'), wrapped: bytesOf(row, 'wrapped') };
}

function count(counts: Map<number, number>, key: number, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}
