import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Stores } from '../../../src/registry/stores.js';
import { openSqliteStores, type SqliteStoresOptions } from '../../../src/sqlite.js';
import { betterSqlite3, openRaw, type RawDatabase } from '../../support/raw-sqlite.js';

/** Where both are there, the optional peer: the built-in one runs in the conformance suite and on newer Nodes. */
export const DRIVER = betterSqlite3 === undefined ? 'node:sqlite' : 'better-sqlite3';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cryptonym-stores-'));
  closers.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Stores that do not wait long for a lock, closed after the test. */
export async function openTestStores(directory: string, options: SqliteStoresOptions = {}): Promise<Stores> {
  const stores = await openSqliteStores(directory, { create: true, driver: DRIVER, busyTimeout: 30, ...options });
  closers.push(() => stores.close());
  return stores;
}

/** What another program would have: a connection of its own. Closed after the test. */
export function rawConnection(path: string): RawDatabase {
  const database = openRaw(path);
  closers.push(() => database.close());
  return database;
}

/** All bytes of all files below a directory, as a seized disk gives them. */
export function allBytes(directory: string): Buffer {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}
