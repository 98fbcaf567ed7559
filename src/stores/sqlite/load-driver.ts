import { RegistryError } from '../../foundation/errors.js';
import { betterSqlite3Driver } from './better-sqlite3-driver.js';
import type { SqliteDriver, SqliteDriverName } from './driver.js';
import { nodeSqliteDriver } from './node-sqlite-driver.js';

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
