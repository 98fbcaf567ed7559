import { assertBytes } from '../../foundation/bytes.js';
import type { ImportProgress, InboxRow, InboxStore, QuarantineRow, StoreProblem, WaitingRow } from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import { assertWhole, sortedById, sortedIds } from '../sorted-rows.js';
import { bytesOf, integerOf, optionalIntegerOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import { storeProblems } from './file-checks.js';
import type { StoreSchema } from './open-database.js';

/**
 * Ids and states lie apart from the 24 KiB bodies, so that counting and picking never walk over bodies.
 * Single submissions come one by one, and the file shows their order of arrival for as long as they wait; nothing a record or an entry
 * carries follows from a submission id, and draining zeroes both.
 */
export const INBOX_SCHEMA: StoreSchema = {
  applicationId: 0x636e696e, // cnin
  migrations: [
    `CREATE TABLE seen (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE waiting (id BLOB PRIMARY KEY CHECK (length(id) = 16), epoch INTEGER NOT NULL, failures INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE submissions (id BLOB PRIMARY KEY, submission BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE quarantine (id BLOB PRIMARY KEY CHECK (length(id) = 16), sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE imports (id BLOB PRIMARY KEY CHECK (length(id) = 16), next_row INTEGER NOT NULL, group_secret BLOB NOT NULL,
       finished INTEGER NOT NULL CHECK (finished IN (0, 1))) STRICT, WITHOUT ROWID;`,
  ],
};

/** From so many rows on, `put` also keeps the WAL short. */
const BULK = 64;

export class SqliteInboxStore implements InboxStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async put(rows: readonly InboxRow[], progress?: ImportProgress): Promise<{ readonly duplicates: readonly Uint8Array[] }> {
    const sorted = sortedById(rows);
    for (const row of sorted) assertBytes(row.submission, 'submission');
    if (progress !== undefined) assertProgress(progress);
    const duplicates = this.#database.write(() => {
      const known = sorted.filter((row) => !this.#add(row)).map((row) => row.id);
      if (progress !== undefined) this.#putProgress(progress);
      return known;
    });
    // A finished import forgets its group secret; only then does a remnant matter, all other rows are still in the table itself.
    if (progress?.finished === true) this.#database.truncateWal();
    else if (rows.length >= BULK) this.#database.tryTruncateWal();
    return { duplicates };
  }

  async waiting(): Promise<{ readonly count: number; readonly oldestEpoch: number | undefined }> {
    const row = this.#database.get('SELECT count(*) AS n, min(epoch) AS oldest FROM waiting');
    return { count: integerOf(row, 'n'), oldestEpoch: optionalIntegerOf(row, 'oldest') };
  }

  async take(limit: number): Promise<readonly WaitingRow[]> {
    assertWhole(limit, 'limit', 1);
    const sql = 'SELECT w.id, w.epoch, w.failures, s.submission FROM waiting w JOIN submissions s ON s.id = w.id ORDER BY w.id LIMIT ?';
    return this.#database.all(sql, limit).map((row) => ({
      id: bytesOf(row, 'id'),
      epoch: integerOf(row, 'epoch'),
      submission: bytesOf(row, 'submission'),
      failures: integerOf(row, 'failures'),
    }));
  }

  async countFailure(ids: readonly Uint8Array[]): Promise<void> {
    const sorted = sortedIds(ids);
    this.#database.write(() => {
      for (const id of sorted) this.#database.run('UPDATE waiting SET failures = failures + 1 WHERE id = ?', id);
    });
  }

  async drain(removed: readonly Uint8Array[], quarantined: readonly QuarantineRow[]): Promise<void> {
    const gone = sortedIds(removed);
    const kept = sortedById(quarantined);
    for (const row of kept) assertBytes(row.sealed, 'sealed');
    this.#database.write(() => {
      for (const id of gone) this.#remove(id);
      for (const row of kept) {
        this.#database.run('INSERT INTO quarantine (id, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING', row.id, row.sealed);
        this.#remove(row.id);
      }
    });
    this.#database.truncateWal();
  }

  async quarantineSize(): Promise<number> {
    return this.#database.number('SELECT count(*) AS n FROM quarantine');
  }

  async forgetBefore(epoch: number): Promise<{ readonly dropped: number }> {
    assertWhole(epoch, 'epoch');
    const dropped = this.#database.write(() => {
      const noise = this.#database.all('SELECT id FROM waiting WHERE epoch < ? ORDER BY id', epoch);
      for (const row of noise) this.#remove(bytesOf(row, 'id'));
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
      OR EXISTS (SELECT 1 FROM waiting WHERE id NOT IN (SELECT id FROM submissions)) AS n`;
    const rules = (): readonly string[] => (this.#database.number(apart) === 0 ? [] : ['waiting rows and their bodies do not match']);
    return storeProblems('inbox', this.#database, rules, () => waiting() > 0);
  }

  /** False if the id was seen before. */
  #add(row: InboxRow): boolean {
    if (this.#database.run('INSERT INTO seen (id, epoch) VALUES (?, ?) ON CONFLICT DO NOTHING', row.id, row.epoch) === 0) return false;
    this.#database.run('INSERT INTO waiting (id, epoch, failures) VALUES (?, ?, 0)', row.id, row.epoch);
    this.#database.run('INSERT INTO submissions (id, submission) VALUES (?, ?)', row.id, row.submission);
    return true;
  }

  #remove(id: Uint8Array): void {
    this.#database.run('DELETE FROM waiting WHERE id = ?', id);
    this.#database.run('DELETE FROM submissions WHERE id = ?', id);
  }

  /** An import only goes forward: a slower second run cannot take its position back. */
  #putProgress(progress: ImportProgress): void {
    const sql = `INSERT INTO imports (id, next_row, group_secret, finished) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET next_row = excluded.next_row, group_secret = excluded.group_secret, finished = excluded.finished
      WHERE excluded.next_row >= next_row AND finished = 0`;
    this.#database.run(sql, progress.importId, progress.nextRow, progress.groupSecret, progress.finished ? 1 : 0);
  }
}

function assertProgress(progress: ImportProgress): void {
  assertBytes(progress.importId, 'importId', ID_LENGTH);
  assertBytes(progress.groupSecret, 'groupSecret', ID_LENGTH);
  assertWhole(progress.nextRow, 'nextRow');
}
