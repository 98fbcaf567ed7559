import { rmSync } from 'node:fs';
import type { SqliteDatabase } from '../../../src/stores/sqlite/database.js';
import { loadSqliteDriver } from '../../../src/stores/sqlite/load-driver.js';
import { openDatabase } from '../../../src/stores/sqlite/open-database.js';
import { must } from '../harness.js';
import type { Workshop } from './workshop.js';

const SCHEMA = { applicationId: 0x706c6169, migrations: ['CREATE TABLE plain (bytes BLOB NOT NULL) STRICT'] };

/** B0: a table of blobs and nothing else. It is opened by the stores' own `openDatabase`, so driver, page size and pragmas are the same. */
export class PlainTable {
  readonly #workshop: Workshop;
  #path = '';
  #database: SqliteDatabase | undefined;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  /** A fresh, empty file. */
  async open(): Promise<void> {
    this.#path = this.#workshop.path();
    this.#database = openDatabase(this.#path, SCHEMA, { driver: await loadSqliteDriver(), create: true, busyTimeout: 5000 });
  }

  /** One plain INSERT per row, one transaction for all. */
  insert(rows: Iterable<Uint8Array>): void {
    const database = this.#opened();
    database.write(() => {
      for (const row of rows) database.run('INSERT INTO plain (bytes) VALUES (?)', row);
    });
  }

  /** Throws unless exactly `rows` are stored; then removes the file. */
  finish(rows: number): void {
    const database = this.#opened();
    must(database.number('SELECT count(*) AS n FROM plain') === rows, 'plain rows are missing');
    database.close();
    this.#database = undefined;
    rmSync(this.#path);
  }

  #opened(): SqliteDatabase {
    if (this.#database === undefined) throw new Error('open the table first');
    return this.#database;
  }
}
