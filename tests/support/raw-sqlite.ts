import { createRequire } from 'node:module';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type Database from 'better-sqlite3';

/** What the tests use of a raw connection: the surface both drivers have. */
export interface RawStatement {
  run(...values: unknown[]): unknown;
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
}

export interface RawDatabase {
  prepare(sql: string): RawStatement;
  exec(sql: string): unknown;
  /** The rows a PRAGMA answers with. */
  pragma(sql: string): unknown[];
  close(): unknown;
}

const require = createRequire(import.meta.url);

/** The constructor of better-sqlite3, or undefined where it is missing or was built for another Node. */
export const betterSqlite3: typeof Database | undefined = (() => {
  try {
    const loaded = require('better-sqlite3') as typeof Database;
    new loaded(':memory:').close();
    return loaded;
  } catch {
    return undefined;
  }
})();

/** A connection of its own, as another program would have, on whichever driver this Node has. */
export function openRaw(path: string, options: { readonly readonly?: boolean; readonly timeout?: number } = {}): RawDatabase {
  const { readonly = false, timeout = 30 } = options;
  if (betterSqlite3 !== undefined) {
    const database = new betterSqlite3(path, { readonly, timeout });
    return {
      prepare: (sql) => database.prepare(sql),
      exec: (sql) => database.exec(sql),
      pragma: (sql) => database.pragma(sql) as unknown[],
      close: () => database.close(),
    };
  }
  const database: DatabaseSync = new (process.getBuiltinModule('node:sqlite').DatabaseSync)(path, { readOnly: readonly, timeout });
  return {
    prepare: (sql) => adapt(database, sql),
    exec: (sql) => database.exec(sql),
    pragma: (sql) => database.prepare(`PRAGMA ${sql}`).all(),
    close: () => database.isOpen && database.close(),
  };
}

function adapt(database: DatabaseSync, sql: string): RawStatement {
  const statement = database.prepare(sql);
  return {
    run: (...values) => statement.run(...(values as SQLInputValue[])),
    get: (...values) => statement.get(...(values as SQLInputValue[])),
    all: (...values) => statement.all(...(values as SQLInputValue[])),
  };
}
