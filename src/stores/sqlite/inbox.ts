import { assertBytes, equalBytes } from '../../foundation/bytes.js';
import type {
  ImportProgress,
  ImportStep,
  InboxRow,
  InboxStore,
  PutResult,
  QuarantinedFrom,
  QuarantineRow,
  StoreProblem,
  WaitingRow,
} from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import { assertStep, isNextStep, openedIds, sortedInboxRows, sortedQuarantineRows } from '../rows/sealed-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { bytesOf, integerOf, optionalIntegerOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import type { SqlValue } from './driver.js';
import { storeProblems } from './file-checks.js';
import type { StoreSchema } from './open-database.js';
import { storeBusy } from './store-errors.js';

/**
 * Ids and states lie apart from the 24 KiB bodies, so that counting and picking never walk over bodies.
 * Counting walks the short rows anyway, so there is no index by day.
 *
 * Bodies lie in the order of arrival (within one call: of id), so that storing one costs what a plain insert costs; in id order every body
 * would dirty a page of its own. Whoever seizes the file reads that order of what waits, as he would from the page numbers of any table;
 * inbox ids are hashes of ciphertext and lead to no record. Draining zeroes the bodies and remembers their ids in id order, so that what
 * stays shows no order finer than the drain (decision 011).
 */
export const INBOX_SCHEMA: StoreSchema = {
  applicationId: 0x636e696e, // cnin
  migrations: [
    `CREATE TABLE seen (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE waiting (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL, arrived_day INTEGER NOT NULL,
       failures INTEGER NOT NULL, begun INTEGER NOT NULL CHECK (begun IN (0, 1))) STRICT, WITHOUT ROWID;
     CREATE TABLE submissions (id BLOB PRIMARY KEY, submission BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE quarantine (id BLOB PRIMARY KEY CHECK (length(id) = 16), sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE imports (id BLOB PRIMARY KEY CHECK (length(id) = 16), next_row INTEGER NOT NULL, group_secret BLOB NOT NULL,
       finished INTEGER NOT NULL CHECK (finished IN (0, 1))) STRICT, WITHOUT ROWID;`,
    `ALTER TABLE waiting ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
     UPDATE waiting SET place = ranked.place FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM waiting) AS ranked
       WHERE ranked.id = waiting.id;
     CREATE TABLE bodies (place INTEGER PRIMARY KEY, submission BLOB NOT NULL) STRICT;
     INSERT INTO bodies (place, submission) SELECT w.place, s.submission FROM waiting w CROSS JOIN submissions s ON s.id = w.id ORDER BY w.place;
     DROP TABLE submissions;
     ALTER TABLE bodies RENAME TO submissions;`,
  ],
};

const STATES_AT_ONCE = 10;
const ADD_STATE = addStates(1);
const ADD_SOME_STATES = addStates(STATES_AT_ONCE);

/** Values of each: id, epoch, day of arrival, place. What waits or was drained is left out. */
function addStates(rows: number): string {
  const values = Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ');
  return `INSERT INTO waiting (id, epoch, arrived_day, failures, begun, place) SELECT column1, column2, column3, 0, 0, column4
    FROM (VALUES ${values}) WHERE NOT EXISTS (SELECT 1 FROM seen WHERE id = column1) ON CONFLICT DO NOTHING`;
}

export class SqliteInboxStore implements InboxStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async put(rows: readonly InboxRow[], step?: ImportStep): Promise<PutResult> {
    const sorted = sortedInboxRows(rows);
    if (step !== undefined) assertStep(step);
    const result = this.#database.write(() => {
      if (step !== undefined) this.#takeStep(step, rows.length);
      const refused = this.#addAll(sorted);
      return { duplicates: refused.map(({ id }) => id), differing: refused.filter((row) => this.#differs(row)).map(({ id }) => id) };
    });
    // A finished import forgets its group secret; only then does a remnant matter. All other rows are still in the table itself, and SQLite
    // moves a long WAL into the file by itself.
    if (step?.finished === true) this.#database.truncateWal();
    return result;
  }

  async seen(ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    return sortedIds(ids).filter((id) => this.#isSeen(id));
  }

  async waiting(): Promise<{ readonly count: number; readonly oldestDay: number | undefined }> {
    const row = this.#database.get('SELECT count(*) AS n, min(arrived_day) AS oldest FROM waiting');
    return { count: integerOf(row, 'n'), oldestDay: optionalIntegerOf(row, 'oldest') };
  }

  async take(limit: number, arrivedUntil: number = Number.MAX_SAFE_INTEGER, after?: Uint8Array): Promise<readonly WaitingRow[]> {
    assertWhole(limit, 'limit', 1);
    assertWhole(arrivedUntil, 'arrivedUntil', Number.MIN_SAFE_INTEGER);
    if (after !== undefined) assertBytes(after, 'after', ID_LENGTH);
    // CROSS JOIN fixes the order of the loops: states first, so that a body is read only of a row that is given.
    const sql = `SELECT w.id, w.epoch, w.arrived_day, w.failures, w.begun, b.submission FROM waiting w CROSS JOIN submissions b ON b.place = w.place
      WHERE w.id > ? AND w.arrived_day <= ? ORDER BY w.id LIMIT ?`;
    return this.#database.all(sql, after ?? new Uint8Array(0), arrivedUntil, limit).map((row) => ({
      id: bytesOf(row, 'id'),
      epoch: integerOf(row, 'epoch'),
      arrivedDay: integerOf(row, 'arrived_day'),
      submission: bytesOf(row, 'submission'),
      failures: integerOf(row, 'failures'),
      begun: integerOf(row, 'begun') === 1,
    }));
  }

  async begin(ids: readonly Uint8Array[]): Promise<void> {
    const sorted = sortedIds(ids);
    this.#database.write(() => {
      for (const id of sorted) this.#database.run('UPDATE waiting SET begun = 1 WHERE id = ?', id);
    });
  }

  async countFailure(ids: readonly Uint8Array[]): Promise<void> {
    const sorted = sortedIds(ids);
    this.#database.write(() => {
      for (const id of sorted) this.#database.run('UPDATE waiting SET failures = failures + 1 WHERE id = ?', id);
    });
  }

  async drain(removed: readonly Uint8Array[], quarantined: readonly QuarantinedFrom[]): Promise<void> {
    const kept = sortedQuarantineRows(quarantined);
    const gone = openedIds(removed, kept);
    this.#database.write(() => {
      for (const id of gone)
        this.#database.run('INSERT INTO seen (id, epoch) SELECT id, epoch FROM waiting WHERE id = ? ON CONFLICT DO NOTHING', id);
      this.#remove([...gone, ...sortedIds(kept.filter((row) => this.#isAsTaken(row)).map(({ from }) => from))]);
      for (const row of kept)
        this.#database.run('INSERT INTO quarantine (id, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING', row.id, row.sealed);
    });
    this.#database.truncateWal();
  }

  async *quarantined(): AsyncIterable<QuarantineRow> {
    let last: Uint8Array = new Uint8Array(0);
    for (;;) {
      const row = this.#database.get('SELECT id, sealed FROM quarantine WHERE id > ? ORDER BY id LIMIT 1', last);
      if (row === undefined) return;
      last = bytesOf(row, 'id');
      yield { id: last, sealed: bytesOf(row, 'sealed') };
    }
  }

  async quarantineSize(): Promise<number> {
    return this.#database.number('SELECT count(*) AS n FROM quarantine');
  }

  async forgetBefore(epoch: number): Promise<{ readonly dropped: number }> {
    assertWhole(epoch, 'epoch');
    const dropped = this.#database.write(() => {
      const noise = this.#database.all('SELECT id FROM waiting WHERE epoch < ? ORDER BY id', epoch);
      this.#remove(noise.map((row) => bytesOf(row, 'id')));
      this.#database.run('DELETE FROM seen WHERE epoch < ?', epoch);
      return noise.length;
    });
    this.#database.truncateWal();
    return { dropped };
  }

  async importProgress(importId: Uint8Array): Promise<ImportProgress | undefined> {
    assertBytes(importId, 'importId', ID_LENGTH);
    const row = this.#database.get('SELECT next_row, group_secret, finished FROM imports WHERE id = ?', importId);
    if (row === undefined) return undefined;
    return {
      importId,
      nextRow: integerOf(row, 'next_row'),
      groupSecret: bytesOf(row, 'group_secret'),
      finished: integerOf(row, 'finished') === 1,
    };
  }

  async check(): Promise<readonly StoreProblem[]> {
    const waiting = (): number => this.#database.number('SELECT count(*) AS n FROM waiting');
    const apart = `SELECT (SELECT count(*) FROM waiting) <> (SELECT count(*) FROM submissions)
      OR EXISTS (SELECT 1 FROM waiting WHERE place NOT IN (SELECT place FROM submissions)) AS n`;
    const rules = (): readonly string[] => (this.#database.number(apart) === 0 ? [] : ['waiting rows and their bodies do not match']);
    return storeProblems('inbox', this.#database, rules, () => waiting() > 0);
  }

  #isAsTaken({ from, failures }: QuarantinedFrom): boolean {
    return this.#database.get('SELECT 1 AS n FROM waiting WHERE id = ? AND failures = ?', from, failures) !== undefined;
  }

  /** Gives back those whose id waits or was drained. Each has its place beforehand; what is refused leaves a gap. */
  #addAll(rows: readonly InboxRow[]): readonly InboxRow[] {
    const first = this.#database.number('SELECT coalesce(max(place), 0) + 1 AS n FROM submissions');
    const added = this.#addStates(rows, first);
    const isRefused = (row: InboxRow, i: number): boolean => added < rows.length && this.#placeOf(row.id) !== first + i;
    return rows.filter((row, i) => {
      if (isRefused(row, i)) return true;
      this.#database.run('INSERT INTO submissions (place, submission) VALUES (?, ?)', first + i, row.submission);
      return false;
    });
  }

  /** How many were not known. Several in one statement: a call costs as much as storing one row that small. */
  #addStates(rows: readonly InboxRow[], first: number): number {
    let added = 0;
    for (let done = 0; done < rows.length; ) {
      const count = rows.length - done < STATES_AT_ONCE ? 1 : STATES_AT_ONCE;
      const values: SqlValue[] = [];
      for (const { id, epoch, arrivedDay } of rows.slice(done, done + count)) values.push(id, epoch, arrivedDay, first + done++);
      added += this.#database.run(count === 1 ? ADD_STATE : ADD_SOME_STATES, ...values);
    }
    return added;
  }

  #placeOf(id: Uint8Array): number | undefined {
    const row = this.#database.get('SELECT place FROM waiting WHERE id = ?', id);
    return row === undefined ? undefined : integerOf(row, 'place');
  }

  /** True if other bytes wait under its id. */
  #differs(row: InboxRow): boolean {
    const sql = 'SELECT b.submission FROM waiting w CROSS JOIN submissions b ON b.place = w.place WHERE w.id = ?';
    const stored = this.#database.get(sql, row.id);
    return stored !== undefined && !equalBytes(bytesOf(stored, 'submission'), row.submission);
  }

  #isSeen(id: Uint8Array): boolean {
    const sql = 'SELECT EXISTS (SELECT 1 FROM waiting WHERE id = ?) OR EXISTS (SELECT 1 FROM seen WHERE id = ?) AS n';
    return integerOf(this.#database.get(sql, id, id), 'n') === 1;
  }

  /**
   * Bodies go in the order in which they lie. The list of free pages keeps the order in which pages were freed, and the pages of bodies are
   * numbered in the order of arrival: freed in the order of ids, that list would be the table of which id came when.
   */
  #remove(ids: readonly Uint8Array[]): void {
    const places: number[] = [];
    for (const id of ids) {
      const place = this.#placeOf(id);
      if (place === undefined) continue;
      places.push(place);
      this.#database.run('DELETE FROM waiting WHERE id = ?', id);
    }
    for (const place of places.sort((a, b) => a - b)) this.#database.run('DELETE FROM submissions WHERE place = ?', place);
  }

  /** Compare-and-set under the write lock: of two runs of one import, each row is stored by one. */
  #takeStep(step: ImportStep, rows: number): void {
    const row = this.#database.get('SELECT next_row, finished FROM imports WHERE id = ?', step.importId);
    const stored = row === undefined ? undefined : { nextRow: integerOf(row, 'next_row'), finished: integerOf(row, 'finished') === 1 };
    if (!isNextStep(stored, step, rows)) throw storeBusy('another run of this import was faster; read its position again');
    const sql = `INSERT INTO imports (id, next_row, group_secret, finished) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET next_row = excluded.next_row, group_secret = excluded.group_secret, finished = excluded.finished`;
    this.#database.run(sql, step.importId, step.nextRow, step.groupSecret, step.finished ? 1 : 0);
  }
}
