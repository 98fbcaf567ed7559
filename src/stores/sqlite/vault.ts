import { assertBytes, toHex } from '../../foundation/bytes.js';
import type { StoreProblem, VaultRow, VaultStore } from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import { sortedVaultRows } from '../rows/sealed-rows.js';
import { sortedIds } from '../sorted-rows.js';
import { bytesOf, integerOf } from './columns.js';
import type { SqliteDatabase } from './database.js';
import { storeProblems } from './file-checks.js';
import type { StoreSchema } from './open-database.js';

/**
 * `WITHOUT ROWID`: a hidden row id would number the records in the order they came, and the same number in another file would be the
 * link between a person and an entry. Short columns first, so that looking up a digest reads no body.
 */
export const VAULT_SCHEMA: StoreSchema = {
  applicationId: 0x636e7661, // cnva
  migrations: [
    `CREATE TABLE records (id BLOB PRIMARY KEY CHECK (length(id) = 16), period INTEGER NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32),
       identity BLOB NOT NULL, contact BLOB NOT NULL, link BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE totals (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
     INSERT INTO totals (name, n) VALUES ('records', 0);`,
  ],
};

const PAGE = 1024;

export class SqliteVaultStore implements VaultStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const sorted = sortedIds(ids);
    return this.#database.read(() => {
      const found = new Map<string, Uint8Array>();
      for (const id of sorted) {
        const row = this.#database.get('SELECT digest FROM records WHERE id = ?', id);
        if (row !== undefined) found.set(toHex(id), bytesOf(row, 'digest'));
      }
      return found;
    });
  }

  async insert(rows: readonly VaultRow[]): Promise<void> {
    const sorted = sortedVaultRows(rows);
    const sql = 'INSERT INTO records (id, period, digest, identity, contact, link) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#database.write(() => {
      let added = 0;
      for (const row of sorted) added += this.#database.run(sql, row.id, row.period, row.digest, row.identity, row.contact, row.link);
      if (added > 0) this.#database.run("UPDATE totals SET n = n + ? WHERE name = 'records'", added);
    });
    this.#database.truncateWal();
  }

  async get(id: Uint8Array): Promise<VaultRow | undefined> {
    assertBytes(id, 'id', ID_LENGTH);
    const row = this.#database.get('SELECT period, digest, identity, contact, link FROM records WHERE id = ?', id);
    if (row === undefined) return undefined;
    return {
      id,
      period: integerOf(row, 'period'),
      digest: bytesOf(row, 'digest'),
      identity: bytesOf(row, 'identity'),
      contact: bytesOf(row, 'contact'),
      link: bytesOf(row, 'link'),
    };
  }

  async *ids(): AsyncIterable<Uint8Array> {
    let last: Uint8Array = new Uint8Array(0);
    for (;;) {
      const rows = this.#database.all('SELECT id FROM records WHERE id > ? ORDER BY id LIMIT ?', last, PAGE);
      for (const row of rows) {
        last = bytesOf(row, 'id');
        yield last;
      }
      if (rows.length < PAGE) return;
    }
  }

  async count(): Promise<number> {
    return this.#database.number("SELECT n FROM totals WHERE name = 'records'");
  }

  async check(): Promise<readonly StoreProblem[]> {
    const wrong = "SELECT count(*) <> (SELECT n FROM totals WHERE name = 'records') AS n FROM records";
    return storeProblems('vault', this.#database, () =>
      this.#database.number(wrong) === 0 ? [] : ['the number of records is not the counted one'],
    );
  }
}
