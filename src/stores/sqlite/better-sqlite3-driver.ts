import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Statement } from 'better-sqlite3';
import { RegistryError } from '../../foundation/errors.js';
import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from './driver.js';

/** Loads the optional peer. Throws `SQLITE_DRIVER_MISSING`. */
export async function betterSqlite3Driver(): Promise<SqliteDriver> {
  assertBetterSqlite3(installedVersion(), process.versions.node);
  const { default: Database } = await import('better-sqlite3').catch(() => {
    throw missing('better-sqlite3 is installed but does not load; rebuild it for this Node (npm rebuild better-sqlite3)');
  });
  return {
    name: 'better-sqlite3',
    open(path) {
      const database = new Database(path, { fileMustExist: true });
      return {
        exec: (sql) => {
          database.exec(sql);
        },
        prepare: (sql) => adapt(database.prepare<SqlValue[], SqlRow>(sql)),
        close: () => {
          database.close();
        },
      };
    },
  };
}

/**
 * Refuses a version that must not be loaded here. Version 13 kills the process on Node 20 with a segmentation fault, so this runs on the
 * version in its package.json, before any native code. Throws `SQLITE_DRIVER_MISSING`.
 */
export function assertBetterSqlite3(version: string | undefined, node: string): void {
  if (version === undefined)
    throw missing('no SQLite driver: use Node 22.13 or later, or install better-sqlite3 (npm install better-sqlite3@12)');
  const major = Number.parseInt(version, 10);
  const nodeMajor = Number.parseInt(node, 10);
  if (major >= 13 && nodeMajor < 22)
    throw missing('better-sqlite3 13 crashes on this Node: install better-sqlite3@12, or use Node 22.13 or later');
  if (!(major >= 12 && major < 14)) throw missing('this version of better-sqlite3 is not supported: install better-sqlite3@12');
}

/** From the package.json beside the entry, found without running anything of the package. */
function installedVersion(): string | undefined {
  try {
    let directory = dirname(createRequire(import.meta.url).resolve('better-sqlite3'));
    for (;;) {
      const found = packageVersion(join(directory, 'package.json'));
      if (found !== undefined) return found;
      const parent = dirname(directory);
      if (parent === directory) return undefined;
      directory = parent;
    }
  } catch {
    return undefined;
  }
}

function packageVersion(path: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown; version?: unknown };
    return name === 'better-sqlite3' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

function missing(message: string): RegistryError {
  return new RegistryError('SQLITE_DRIVER_MISSING', message);
}

function adapt(statement: Statement<SqlValue[], SqlRow>): SqliteStatement {
  return {
    run: (...values) => statement.run(...values).changes,
    get: (...values) => statement.get(...values),
    all: (...values) => statement.all(...values),
  };
}
