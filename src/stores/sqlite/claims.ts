import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow, ClaimStore } from '../../claims/ports.js';
import { drawBytes, systemRandom } from '../../foundation/random.js';
import { LOCATOR_LENGTH, searchKey, SECRET_LENGTH, sortedClaimRows } from '../rows/claims-rows.js';
import { bytesOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import { storeProblems } from './file-checks.js';
import type { StoreSchema } from './open-database.js';

/** Locators are pseudorandom, real and dummy rows look the same: the file shows how many there are and nothing else. */
export const CLAIMS_SCHEMA: StoreSchema = {
  applicationId: 0x636e636c, // cncl
  migrations: [
    `CREATE TABLE claims (locator BLOB PRIMARY KEY CHECK (length(locator) = 32), data BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE totals (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     INSERT INTO totals (name, n) VALUES ('claims', 0);`,
    'CREATE TABLE secrets (name TEXT PRIMARY KEY, data BLOB NOT NULL CHECK (length(data) = 32)) STRICT, WITHOUT ROWID;',
  ],
};

/**
 * The first row at or behind a key, or the first of all: both are searched for always, and exactly one row comes out. A branch here, or one
 * row more for the driver to build, would show in the time which locators lie behind the last one and so are nobody's.
 */
const NEAREST = `SELECT locator, data FROM claims WHERE locator = (
  SELECT coalesce(next.locator, first.locator)
  FROM (SELECT min(locator) AS locator FROM claims WHERE locator >= ?) AS next, (SELECT min(locator) AS locator FROM claims) AS first)`;
const SECRET = "SELECT data FROM secrets WHERE name = 'dummy'";

export class SqliteClaimStore implements ClaimStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async insert(rows: readonly ClaimRow[]): Promise<void> {
    const sorted = sortedClaimRows(rows);
    this.#database.write(() => {
      let added = 0;
      for (const row of sorted)
        added += this.#database.run('INSERT INTO claims (locator, data) VALUES (?, ?) ON CONFLICT DO NOTHING', row.locator, row.row);
      if (added > 0) this.#database.run("UPDATE totals SET n = n + ? WHERE name = 'claims'", added);
    });
    this.#database.truncateWal();
  }

  async get(locator: Uint8Array): Promise<Uint8Array | undefined> {
    assertBytes(locator, 'locator', LOCATOR_LENGTH);
    const row = this.#database.get('SELECT data FROM claims WHERE locator = ?', locator);
    return row === undefined ? undefined : bytesOf(row, 'data');
  }

  async nearest(locator: Uint8Array): Promise<ClaimRow | undefined> {
    assertBytes(locator, 'locator', LOCATOR_LENGTH);
    const row = this.#database.get(NEAREST, searchKey(locator));
    return row === undefined ? undefined : { locator: bytesOf(row, 'locator'), row: bytesOf(row, 'data') };
  }

  async dummySecret(): Promise<Uint8Array> {
    const stored = this.#database.get(SECRET);
    if (stored !== undefined) return bytesOf(stored, 'data');
    // Once in the life of the store. Of two processes the first wins and both read what it wrote.
    const made = drawBytes(systemRandom, SECRET_LENGTH);
    this.#database.write(() => this.#database.run("INSERT INTO secrets (name, data) VALUES ('dummy', ?) ON CONFLICT DO NOTHING", made));
    this.#database.tryTruncateWal();
    return bytesOf(this.#database.get(SECRET), 'data');
  }

  async count(): Promise<number> {
    return this.#database.number("SELECT n FROM totals WHERE name = 'claims'");
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    const wrong = "SELECT count(*) <> (SELECT n FROM totals WHERE name = 'claims') AS n FROM claims";
    return storeProblems('claims', this.#database, () =>
      this.#database.number(wrong) === 0 ? [] : ['the number of rows is not the counted one'],
    );
  }
}
