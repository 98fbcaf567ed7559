import { OpenState } from '../open-state.js';
import type { SqliteConnection, SqliteStatement, SqlRow, SqlValue } from './driver.js';
import { integerOf } from './columns.js';
import { guarded, storeBusy } from './store-errors.js';

const TRUNCATE_ATTEMPTS = 50;
const PAUSE_MILLISECONDS = 5;

/**
 * One file, one connection. Prepared statements are kept; driver errors leave as `STORE_FAILED`, `STORE_BUSY` or `STORE_INTEGRITY`,
 * never with SQL, a value or a path.
 */
export class SqliteDatabase {
  readonly path: string;
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #state = new OpenState();

  constructor(path: string, connection: SqliteConnection) {
    this.path = path;
    this.#connection = connection;
  }

  /** For statements without parameters: schema, pragmas. */
  exec(sql: string): void {
    this.#state.assertOpen();
    guarded(() => this.#connection.exec(sql));
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    const statement = this.#statement(sql);
    return guarded(() => statement.run(...values));
  }

  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    const statement = this.#statement(sql);
    return guarded(() => statement.get(...values));
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    const statement = this.#statement(sql);
    return guarded(() => statement.all(...values));
  }

  /** The one number a statement gives. */
  number(sql: string, ...values: readonly SqlValue[]): number {
    return integerOf(this.get(sql, ...values), 'n');
  }

  /** All or nothing, with the write lock from the start: what `work` reads stays true until its writes are stored. */
  write<T>(work: () => T): T {
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  /** Several reads of one state. */
  read<T>(work: () => T): T {
    return this.#transaction('BEGIN', work);
  }

  /**
   * Moves the WAL into the file and empties it, so that nothing overwritten or deleted stays readable beside the file.
   *
   * SQLite answers "busy" in a result row and reports success; here that is a loud, retryable `STORE_BUSY`. The write before it **is
   * committed** then, and only its remnants are still in the WAL. Whoever called need not come back, so `Stores.tidy` looks at the size of
   * the WAL, not at anything remembered, and truncates before the next sort, publication or maintenance.
   */
  truncateWal(): void {
    for (let attempt = 1; ; attempt++) {
      const row = this.get('PRAGMA wal_checkpoint(TRUNCATE)');
      if (integerOf(row, 'busy') === 0) return;
      // A log size of -1: not a reader, but another process truncating at this moment, for which SQLite does not wait by itself.
      if (integerOf(row, 'log') >= 0 || attempt === TRUNCATE_ATTEMPTS)
        throw storeBusy('a reader keeps removed rows in the write-ahead log; try again when it is done');
      pause();
    }
  }

  /** The same where nothing was removed and only the size of the WAL matters: a busy answer is fine. */
  tryTruncateWal(): void {
    this.get('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    if (!this.#state.isOpen) return;
    this.#state.close();
    this.#statements.clear();
    guarded(() => this.#connection.close());
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.exec(begin);
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error); the first error is the one to report.
    }
  }

  #statement(sql: string): SqliteStatement {
    this.#state.assertOpen();
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = guarded(() => this.#connection.prepare(sql));
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The drivers are synchronous, so the pause is too. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS);
}
