import { assertBytes, toHex } from '../../foundation/bytes.js';
import type { StoredTile } from '../../log/append.js';
import type { SignedCheckpoint } from '../../log/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import type {
  BatchSummary,
  DueChange,
  EntryRow,
  NewBatch,
  PendingChange,
  PoolItem,
  PublicState,
  PublicStore,
  StandingRow,
} from '../../public/ports.js';
import { sortedChanges, sortedPoolItems } from '../rows/public-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { bytesOf, integerOf, textOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import type { SqlRow } from './driver.js';
import { storeProblems } from './file-checks.js';
import { appendBatch } from './public-append.js';
import { insertChanges, PENDING, pendingOf } from './public-changes.js';
import { publicProblems } from './public-check.js';
import { ENTRY, ENTRY_TABLES, entryOf } from './public-entries.js';
import { rewriteTable } from './rewrite-table.js';
import { addCheckpoint, assertTreeSize, checkpointOf, putTiles, replaceCheckpoint, TREE_SIZE, tileOf } from './public-log.js';

/** Rows read at a time by the iterators: memory stays flat whatever the size of the register. */
const PAGE = 512;

const SELECT_ENTRY = `SELECT ${ENTRY} FROM ${ENTRY_TABLES}`;

export class SqlitePublicStore implements PublicStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const sorted = sortedIds(ids);
    const sql = 'SELECT digest FROM pool WHERE id = ? UNION ALL SELECT digest FROM entries WHERE id = ?';
    return this.#database.read(() => {
      const found = new Map<string, Uint8Array>();
      for (const id of sorted) {
        const row = this.#database.get(sql, id, id);
        if (row !== undefined) found.set(toHex(id), bytesOf(row, 'digest'));
      }
      return found;
    });
  }

  async addToPool(items: readonly PoolItem[]): Promise<void> {
    const sorted = sortedPoolItems(items);
    const sql = `INSERT INTO pool (id, due_day, cell, digest, salt, statement)
      SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = ?) ON CONFLICT DO NOTHING`;
    this.#database.write(() => {
      const added = new Map<string, number>();
      for (const item of sorted) {
        const changed = this.#database.run(sql, item.id, item.dueDay, item.cell, item.digest, item.salt, item.statement, item.id);
        if (changed === 1) added.set(item.cell, (added.get(item.cell) ?? 0) + 1);
      }
      for (const [cell, n] of added)
        this.#database.run('INSERT INTO cells (cell, n) VALUES (?, ?) ON CONFLICT (cell) DO UPDATE SET n = n + excluded.n', cell, n);
    });
    this.#database.truncateWal();
  }

  async due(day: number | undefined): Promise<readonly PoolItem[]> {
    const rows =
      day === undefined ? this.#database.all(`${POOL} ORDER BY id`) : this.#database.all(`${POOL} WHERE due_day <= ? ORDER BY id`, day);
    return rows.map(poolItemOf);
  }

  async *pool(): AsyncIterable<PoolItem> {
    let last: Uint8Array = new Uint8Array(0);
    for (;;) {
      const items = this.#database.all(`${POOL} WHERE id > ? ORDER BY id LIMIT ?`, last, PAGE).map(poolItemOf);
      yield* items;
      if (items.length < PAGE) return;
      last = (items.at(-1) as PoolItem).id;
    }
  }

  async poolSize(): Promise<number> {
    return this.#database.number('SELECT coalesce(sum(n), 0) AS n FROM cells');
  }

  async poolCells(): Promise<ReadonlyMap<string, number>> {
    const rows = this.#database.all('SELECT cell, n FROM cells ORDER BY cell');
    return new Map(rows.map((row) => [textOf(row, 'cell'), integerOf(row, 'n')]));
  }

  /** After a `STORE_BUSY` look at `state()`: the batch is either not there at all, or whole with remnants in the WAL. */
  async appendBatch(batch: NewBatch): Promise<void> {
    appendBatch(this.#database, batch);
    this.#database.truncateWal();
  }

  async state(): Promise<PublicState> {
    return this.#database.read(() => {
      const last = this.#database.get(`${BATCH} ORDER BY batch DESC LIMIT 1`);
      // Both by the primary key: batches are in order of days.
      const first = this.#database.get('SELECT day FROM batches ORDER BY batch LIMIT 1');
      const regular = this.#database.get('SELECT day FROM batches WHERE extra = 0 ORDER BY batch DESC LIMIT 1');
      return {
        logSize: this.#database.number('SELECT coalesce(max(idx) + 1, 0) AS n FROM leaves'),
        treeSize: this.#database.number(`SELECT ${TREE_SIZE} AS n`),
        lastBatch: last === undefined ? undefined : summaryOf(last),
        lastRegularDay: regular && integerOf(regular, 'day'),
        firstDay: first && integerOf(first, 'day'),
        counters: new Map(
          this.#database.all('SELECT name, n FROM counters ORDER BY name').map((row) => [textOf(row, 'name'), integerOf(row, 'n')]),
        ),
      };
    });
  }

  async *batches(): AsyncIterable<BatchSummary> {
    const page = (from: number) => this.#database.all(`${BATCH} WHERE batch >= ? ORDER BY batch LIMIT ?`, from, PAGE).map(summaryOf);
    yield* paged(page, (summary) => summary.batch, 1);
  }

  async publishedSince(day: number): Promise<number> {
    return this.#database.number('SELECT coalesce(sum(statements), 0) AS n FROM batches WHERE day >= ?', day);
  }

  async standings(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, StandingRow>> {
    const sorted = sortedIds(ids);
    return this.#database.read(() => {
      const found = new Map<string, StandingRow>();
      for (const id of sorted) {
        const row = this.#standing(id);
        if (row !== undefined) found.set(toHex(id), row);
      }
      return found;
    });
  }

  async addChanges(changes: readonly PendingChange[]): Promise<void> {
    const sorted = sortedChanges(changes);
    this.#database.write(() => insertChanges(this.#database, sorted));
    this.#database.truncateWal();
  }

  async waitingChanges(): Promise<number> {
    return this.#database.number('SELECT count(*) AS n FROM changes');
  }

  /** After a `STORE_BUSY` the lock is there, and only remnants of a name may be in the WAL. */
  async lockNames(ids: readonly Uint8Array[]): Promise<void> {
    const sorted = sortedIds(ids);
    this.#database.write(() => {
      for (const id of sorted) {
        this.#database.run('INSERT INTO name_locks (id) VALUES (?) ON CONFLICT DO NOTHING', id);
        this.#database.run("DELETE FROM changes WHERE id = ? AND kind = 'name'", id);
      }
      rewriteTable(this.#database, 'changes');
    });
    this.#database.truncateWal();
  }

  async dueChanges(day: number | undefined): Promise<readonly DueChange[]> {
    const sql = `SELECT ${PENDING}, ${ENTRY} FROM changes c JOIN ${ENTRY_TABLES} WHERE e.id = c.id AND c.due_day <= ? ORDER BY e.idx, c.kind`;
    const rows = this.#database.all(sql, day ?? Number.MAX_SAFE_INTEGER);
    return rows.map((row) => ({ change: pendingOf(row), entry: entryOf(row) }));
  }

  async *entries(options: { readonly from?: number; readonly limit?: number }): AsyncIterable<EntryRow> {
    const limit = options.limit ?? Number.MAX_SAFE_INTEGER;
    const from = options.from ?? 0;
    assertWhole(limit, 'limit');
    assertWhole(from, 'from');
    if (limit === 0) return;
    const page = (start: number) => this.#database.all(`${SELECT_ENTRY} WHERE e.idx >= ? ORDER BY e.idx LIMIT ?`, start, PAGE).map(entryOf);
    let given = 0;
    for await (const row of paged(page, (entry) => entry.index, from)) {
      yield row;
      if (++given >= limit) return;
    }
  }

  async entry(id: Uint8Array): Promise<EntryRow | undefined> {
    assertBytes(id, 'id', ID_LENGTH);
    const row = this.#database.get(`${SELECT_ENTRY} WHERE e.id = ?`, id);
    return row === undefined ? undefined : entryOf(row);
  }

  async *leaves(from: number): AsyncIterable<{ readonly index: number; readonly bytes: Uint8Array }> {
    assertWhole(from, 'from');
    const sql = 'SELECT idx, bytes FROM leaves WHERE idx >= ? ORDER BY idx LIMIT ?';
    const page = (start: number) =>
      this.#database.all(sql, start, PAGE).map((row) => ({ index: integerOf(row, 'idx'), bytes: bytesOf(row, 'bytes') }));
    yield* paged(page, (leaf) => leaf.index, from);
  }

  async tile(level: number, index: number): Promise<Uint8Array | undefined> {
    assertWhole(level, 'level');
    assertWhole(index, 'index');
    return tileOf(this.#database, level, index);
  }

  async growTree(from: number, tiles: readonly StoredTile[]): Promise<void> {
    this.#database.write(() => {
      assertTreeSize(this.#database, from);
      putTiles(this.#database, tiles);
    });
    this.#database.tryTruncateWal();
  }

  async addCheckpoint(checkpoint: SignedCheckpoint): Promise<void> {
    this.#database.write(() => addCheckpoint(this.#database, checkpoint));
    this.#database.tryTruncateWal();
  }

  async replaceCheckpoint(was: SignedCheckpoint, note: string): Promise<void> {
    this.#database.write(() => replaceCheckpoint(this.#database, was, note));
    this.#database.tryTruncateWal();
  }

  async lastCheckpoint(): Promise<SignedCheckpoint | undefined> {
    return checkpointOf(this.#database, 'ORDER BY size DESC');
  }

  async checkpointFor(size: number): Promise<SignedCheckpoint | undefined> {
    assertWhole(size, 'size');
    return checkpointOf(this.#database, 'WHERE size >= ? ORDER BY size', size);
  }

  #standing(id: Uint8Array): StandingRow | undefined {
    const published = this.#database.get(`${SELECT_ENTRY} WHERE e.id = ?`, id);
    const waiting = this.#database.get('SELECT statement FROM pool WHERE id = ?', id);
    if (published === undefined && waiting === undefined) return undefined;
    return {
      published: published && entryOf(published),
      statement: waiting && bytesOf(waiting, 'statement'),
      nameLocked: this.#database.get('SELECT 1 AS n FROM name_locks WHERE id = ?', id) !== undefined,
      pending: this.#database.all(`SELECT ${PENDING} FROM changes c WHERE c.id = ? ORDER BY c.kind`, id).map(pendingOf),
    };
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    return storeProblems('public', this.#database, () => publicProblems(this.#database));
  }
}

/** Reads page after page by key, so that no statement stays open between two of the caller's steps. */
async function* paged<T>(page: (from: number) => readonly T[], position: (item: T) => number, from: number): AsyncIterable<T> {
  for (let next = from; ; ) {
    const items = page(next);
    yield* items;
    const last = items.at(-1);
    if (last === undefined || items.length < PAGE) return;
    next = position(last) + 1;
  }
}

const POOL = 'SELECT id, due_day, cell, digest, salt, statement FROM pool';

function poolItemOf(row: SqlRow): PoolItem {
  return {
    id: bytesOf(row, 'id'),
    dueDay: integerOf(row, 'due_day'),
    cell: textOf(row, 'cell'),
    digest: bytesOf(row, 'digest'),
    salt: bytesOf(row, 'salt'),
    statement: bytesOf(row, 'statement'),
  };
}

const BATCH = 'SELECT batch, day, extra, statements, live, smallest_cell FROM batches';

function summaryOf(row: SqlRow): BatchSummary {
  return {
    batch: integerOf(row, 'batch'),
    day: integerOf(row, 'day'),
    extra: integerOf(row, 'extra') === 1,
    statements: integerOf(row, 'statements'),
    live: integerOf(row, 'live'),
    smallestCell: integerOf(row, 'smallest_cell'),
  };
}
