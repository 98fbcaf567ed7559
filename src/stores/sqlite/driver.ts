import { RegistryError } from '../../foundation/errors.js';
import { betterSqlite3Driver } from './better-sqlite3-driver.js';
import { nodeSqliteDriver } from './node-sqlite-driver.js';

/** What the stores need of SQLite, and no more. All calls are synchronous; errors are the driver's own until `SqliteDatabase` wraps them. */
export interface SqliteDriver {
  readonly name: SqliteDriverName;
  /** Opens an existing file. */
  open(path: string): SqliteConnection;
}

export type SqliteDriverName = 'node:sqlite' | 'better-sqlite3';

export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  /** Number of rows changed. */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
}

export type SqlValue = Uint8Array | string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * The driver asked for, or by feature: the one built into Node (22.13 and later), else the optional peer better-sqlite3.
 * Throws `SQLITE_DRIVER_MISSING` with what to install.
 */
export async function loadSqliteDriver(choice?: SqliteDriverName): Promise<SqliteDriver> {
  if (choice !== 'better-sqlite3') {
    const builtIn = nodeSqliteDriver();
    if (builtIn !== undefined) return builtIn;
  }
  if (choice === 'node:sqlite')
    throw new RegistryError('SQLITE_DRIVER_MISSING', 'this Node has no node:sqlite; it needs Node 22.13 or later');
  return betterSqlite3Driver();
}
