import { closeSync, openSync, readSync } from 'node:fs';
import { RegistryError } from '../../foundation/errors.js';
import { SqliteDatabase } from './database.js';
import { integerOf } from './columns.js';
import type { SqliteDriver } from './driver.js';
import { createPrivateFile } from './private-files.js';
import { guarded, storeIntegrity } from './store-errors.js';

/** A file's tables, as a list of migrations; the version of a file is how many of them it has seen. */
export interface StoreSchema {
  /** SQLite application_id: four ASCII letters that tell a vault from a shred store put in its place. */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

export interface DatabaseOptions {
  readonly driver: SqliteDriver;
  /** Make the file if it is missing. */
  readonly create: boolean;
  /** Milliseconds to wait for another process before `STORE_BUSY`. */
  readonly busyTimeout: number;
}

/** Set before the first table; SQLite ignores both on an existing file. 8 KiB: for rows of 24 KiB faster than 4, and 16 doubles a vault. */
const NEW_FILE = ['page_size = 8192', 'auto_vacuum = NONE'];

/**
 * secure_delete: freed bytes are zeroed. synchronous FULL: an accepted statement survives a power cut. temp_store: no plaintext sort
 * file in /tmp. trusted_schema, cell_size_check, no mmap: a file somebody tampered with cannot call functions or read out of bounds.
 */
const EVERY_CONNECTION = [
  'secure_delete = ON',
  'synchronous = FULL',
  'foreign_keys = ON',
  'trusted_schema = OFF',
  'temp_store = MEMORY',
  'cell_size_check = ON',
  'mmap_size = 0',
];

/**
 * Opens one store file, mode 0600, and brings it to the newest version.
 *
 * Throws `STORE_VERSION_UNKNOWN` for a file of a newer release (nothing is touched then), `STORE_INTEGRITY` for garbage or another
 * store's file, `STORE_BUSY`, `STORE_FAILED`.
 */
export function openDatabase(path: string, schema: StoreSchema, options: DatabaseOptions): SqliteDatabase {
  if (options.create) createPrivateFile(path);
  inspectHeader(path, schema);
  const database = new SqliteDatabase(
    path,
    guarded(() => options.driver.open(path)),
  );
  try {
    database.exec(`PRAGMA busy_timeout = ${options.busyTimeout}`);
    const version = assertVersion(pragma(database, 'user_version'), pragma(database, 'application_id'), schema);
    if (version === 0) for (const setting of NEW_FILE) database.exec(`PRAGMA ${setting}`);
    if (database.get('PRAGMA journal_mode = WAL')?.['journal_mode'] !== 'wal')
      throw new RegistryError('STORE_FAILED', 'the file system cannot hold a write-ahead log');
    for (const setting of EVERY_CONNECTION) database.exec(`PRAGMA ${setting}`);
    if (pragma(database, 'secure_delete') !== 1) throw new RegistryError('STORE_FAILED', 'this SQLite cannot erase what it deletes');
    migrate(database, schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: SqliteDatabase, schema: StoreSchema): void {
  if (pragma(database, 'user_version') === schema.migrations.length) return;
  database.write(() => {
    // Read again under the lock: another process may have been faster.
    const version = assertVersion(pragma(database, 'user_version'), pragma(database, 'application_id'), schema);
    for (const migration of schema.migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${schema.applicationId}`);
    database.exec(`PRAGMA user_version = ${schema.migrations.length}`);
  });
  database.truncateWal();
}

function pragma(database: SqliteDatabase, name: string): number {
  return integerOf(database.get(`PRAGMA ${name}`), name);
}

function assertVersion(version: number, applicationId: number, schema: StoreSchema): number {
  if (version > 0 && applicationId !== schema.applicationId) throw storeIntegrity('a store file belongs to another store');
  if (version < 0 || version > schema.migrations.length)
    throw new RegistryError('STORE_VERSION_UNKNOWN', 'a store file was written by a newer release');
  return version;
}

const HEADER_LENGTH = 100;
const MAGIC = 'SQLite format 3\0';

/** Looks before SQLite does, because opening alone may already recover a WAL (https://www.sqlite.org/fileformat.html §1.3). */
function inspectHeader(path: string, schema: StoreSchema): void {
  const header = guarded(() => readStart(path));
  if (header.length === 0) return;
  if (header.length < HEADER_LENGTH || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw storeIntegrity('a store file is damaged or not a database');
  assertVersion(header.readInt32BE(60), header.readInt32BE(68), schema);
}

function readStart(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(HEADER_LENGTH);
    return buffer.subarray(0, readSync(file, buffer, 0, HEADER_LENGTH, 0));
  } finally {
    closeSync(file);
  }
}
