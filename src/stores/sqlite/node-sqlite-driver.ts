import type { StatementSync } from 'node:sqlite';
import type { SqliteDriver, SqliteStatement } from './driver.js';

/**
 * Node's own SQLite, or undefined where it is missing or still behind a flag (before 22.13).
 * `getBuiltinModule` instead of an import: bundlers rewrite `node:sqlite` to a package name that anybody could publish.
 */
export function nodeSqliteDriver(): SqliteDriver | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined) return undefined;
  return {
    name: 'node:sqlite',
    open(path) {
      const database = new sqlite.DatabaseSync(path);
      return {
        exec: (sql) => database.exec(sql),
        prepare: (sql) => adapt(database.prepare(sql)),
        close: () => database.close(),
      };
    },
  };
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    run: (...values) => Number(statement.run(...values).changes),
    get: (...values) => statement.get(...values),
    all: (...values) => statement.all(...values),
  };
}
