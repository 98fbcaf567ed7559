import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow, ClaimStore } from '../../claims/ports.js';
import { LOCATOR_LENGTH, sortedClaimRows } from '../rows/claims-rows.js';
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
  ],
};

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
