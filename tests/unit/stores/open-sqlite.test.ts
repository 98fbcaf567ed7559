import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RegistryError } from '../../../src/foundation/errors.js';
import { openSqliteStores } from '../../../src/sqlite.js';
import { assertBetterSqlite3 } from '../../../src/stores/sqlite/better-sqlite3-driver.js';
import { loadSqliteDriver } from '../../../src/stores/sqlite/load-driver.js';
import { storeError } from '../../../src/stores/sqlite/store-errors.js';
import { inboxRows, vaultRows } from '../../../src/testing/sample-rows.js';
import { DRIVER, openTestStores, rawConnection, temporaryDirectory } from './support.js';

const DATABASES = ['sealed/inbox.db', 'sealed/vault.db', 'shred/shred.db', 'public/public.db', 'claims/claims.db'] as const;

const code = (expected: string) => expect.objectContaining({ name: 'RegistryError', code: expected });

async function created(): Promise<string> {
  const directory = temporaryDirectory();
  await (await openTestStores(directory)).close();
  return directory;
}

describe('layout', () => {
  test.each([0o000, 0o022, 0o777])('files are 0600 and directories 0700 under umask %o', async (mask) => {
    const directory = join(temporaryDirectory(), 'registry');
    const before = process.umask(mask);
    try {
      const stores = await openTestStores(directory);
      await stores.inbox.put(inboxRows('modes', 2));
      await stores.settings.put(new Uint8Array(3));
      await stores.keys.putKek(1, new Uint8Array(32).fill(1));
      await stores.keys.putEpochKey(1, new Uint8Array(96).fill(1), new Uint8Array(1249), 8);
    } finally {
      process.umask(before);
    }
    const found = readdirSync(directory, { recursive: true }).map(String);
    expect(found).toEqual(
      expect.arrayContaining([
        ...DATABASES,
        'sealed/inbox.db-wal',
        'sealed/inbox.db-shm',
        'keys/registry.json',
        'keys/kek/1.key',
        'keys/epochs/1/private.key',
        'keys/epochs/1/public.json',
      ]),
    );
    for (const name of ['', ...found]) {
      const status = statSync(join(directory, name));
      expect([name, (status.mode & 0o777).toString(8)]).toEqual([name, status.isDirectory() ? '700' : '600']);
    }
  });

  test('every connection has the settings that keep remnants away', async () => {
    const directory = await created();
    for (const name of DATABASES) {
      const raw = rawConnection(join(directory, name));
      expect(raw.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(raw.pragma('auto_vacuum')).toEqual([{ auto_vacuum: 0 }]);
      const tables = raw.prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'").all() as {
        name: string;
        wr: number;
      }[];
      // The log has its own order; bodies lie in the order of arrival for as long as they wait (decision 011).
      const ordered: Record<string, unknown> = {
        'public/public.db': expect.arrayContaining(['leaves', 'batches']),
        'sealed/inbox.db': ['submissions'],
      };
      expect(tables.filter(({ wr }) => wr === 0).map((table) => table.name)).toEqual(ordered[name] ?? []);
      expect(
        raw.prepare("SELECT count(*) AS rows FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' OR sql LIKE '%CURRENT_%'").get(),
      ).toEqual({ rows: 0 });
    }
  });
});

describe('refusals', () => {
  test('nothing there', async () => {
    const directory = temporaryDirectory();
    await expect(openSqliteStores(directory)).rejects.toEqual(code('REGISTRY_NOT_INITIALISED'));
    expect(readdirSync(directory)).toEqual([]);
  });

  test('an interrupted creation can be repeated; a registry that lost a file cannot be completed', async () => {
    const directory = await created();
    rmSync(join(directory, 'shred/shred.db'));
    await expect(openSqliteStores(directory)).rejects.toEqual(code('REGISTRY_NOT_INITIALISED'));
    const stores = await openTestStores(directory);
    await stores.settings.put(new Uint8Array(1));
    await stores.close();
    rmSync(join(directory, 'sealed/vault.db'));
    await expect(openTestStores(directory)).rejects.toEqual(code('STORE_INTEGRITY'));
    expect(existsSync(join(directory, 'sealed/vault.db'))).toBe(false);
    writeFileSync(join(directory, 'sealed/vault.db'), '');
    await expect(openTestStores(directory)).rejects.toEqual(code('STORE_INTEGRITY'));
  });

  test('a restored backup, which has no keys, opens', async () => {
    const directory = await created();
    rmSync(join(directory, 'keys'), { recursive: true });
    const stores = await openTestStores(directory, { create: false });
    expect([await stores.keys.epochs(), await stores.keys.keks()]).toEqual([[], []]);
  });

  test.each(DATABASES)('garbage in place of %s', async (name) => {
    for (const garbage of ['x', 'garbage '.repeat(2000), `SQLite format 3\0${'\xff'.repeat(5000)}`]) {
      const directory = await created();
      writeFileSync(join(directory, name), Buffer.from(garbage, 'latin1'));
      const error = (await openTestStores(directory).catch((reason: unknown) => reason)) as RegistryError;
      expect(['STORE_INTEGRITY', 'STORE_VERSION_UNKNOWN']).toContain(error.code);
      expect(error.message).not.toContain(directory);
      expect(readFileSync(join(directory, name), 'latin1')).toBe(garbage);
    }
  });

  test('a page overwritten in the middle is found by check', async () => {
    const directory = await created();
    const stores = await openTestStores(directory);
    await stores.vault.insert(vaultRows('damage', 200));
    await stores.close();
    const path = join(directory, 'sealed/vault.db');
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 3 * 8192, 30 * 8192);
    writeFileSync(path, bytes);
    const again = await openTestStores(directory, { create: false });
    expect(await again.vault.check()).toEqual([{ store: 'vault', problem: 'the file is damaged' }]);
  });

  test.each(DATABASES)('%s of a newer release: nothing is touched', async (name) => {
    const directory = await created();
    const raw = rawConnection(join(directory, name));
    raw.pragma('user_version = 99');
    raw.pragma('wal_checkpoint(TRUNCATE)');
    raw.close();
    const before = readFileSync(join(directory, name));
    await expect(openTestStores(directory)).rejects.toEqual(code('STORE_VERSION_UNKNOWN'));
    expect(readFileSync(join(directory, name)).equals(before)).toBe(true);
  });

  test("another store's file", async () => {
    const directory = await created();
    renameSync(join(directory, 'shred/shred.db'), join(directory, 'sealed/vault.db'));
    writeFileSync(join(directory, 'shred/shred.db'), '');
    await expect(openTestStores(directory)).rejects.toEqual(code('STORE_INTEGRITY'));
  });

  test('a file where a directory should be', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'sealed'), '');
    const error = (await openTestStores(directory).catch((reason: unknown) => reason)) as RegistryError;
    expect(error).toEqual(code('STORE_FAILED'));
    expect(error.message).not.toContain(directory);
  });

  // Root may write anywhere, so the test steps down to another uid for the length of one call, where it may.
  test.skipIf(process.platform === 'win32' || process.seteuid === undefined)('a directory that may not be written', async ({ skip }) => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      // A checkout in a folder of root's own hides the driver from everybody else.
      const hidden = await loadSqliteDriver(DRIVER).then(
        () => false,
        () => true,
      );
      if (hidden) skip('the checkout lies where only root may look');
      await expect(openTestStores(join(directory, 'registry'))).rejects.toEqual(code('STORE_FAILED'));
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(directory, 0o700);
    }
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('driver', () => {
  test('better-sqlite3 13 is refused on Node 20 before it is loaded', () => {
    expect(() => assertBetterSqlite3('13.0.1', '20.20.2')).toThrow(code('SQLITE_DRIVER_MISSING'));
    expect(() => assertBetterSqlite3('13.0.1', '22.4.0')).not.toThrow();
    expect(() => assertBetterSqlite3('12.11.1', '20.20.2')).not.toThrow();
    for (const version of ['11.9.0', '14.0.0', 'x', undefined])
      expect(() => assertBetterSqlite3(version, '22.4.0')).toThrow(code('SQLITE_DRIVER_MISSING'));
  });

  test('the built-in driver is taken where there is one, and asking for it elsewhere says what is missing', async () => {
    const builtIn = process.getBuiltinModule('node:sqlite') !== undefined;
    expect((await loadSqliteDriver()).name).toBe(builtIn ? 'node:sqlite' : 'better-sqlite3');
    if (!builtIn) await expect(loadSqliteDriver('node:sqlite')).rejects.toEqual(code('SQLITE_DRIVER_MISSING'));
  });

  test('errors of both drivers become codes without their text', () => {
    const better = (name: string) => Object.assign(new Error('UNIQUE constraint failed: records.id /srv/secret'), { code: name });
    const builtIn = (errcode: number) => Object.assign(new Error('database /srv/secret is locked'), { code: 'ERR_SQLITE_ERROR', errcode });
    const cases: [unknown, string, boolean][] = [
      [better('SQLITE_BUSY'), 'STORE_BUSY', true],
      [better('SQLITE_BUSY_SNAPSHOT'), 'STORE_BUSY', true],
      [better('SQLITE_LOCKED'), 'STORE_BUSY', true],
      [better('SQLITE_CORRUPT_INDEX'), 'STORE_INTEGRITY', false],
      [better('SQLITE_NOTADB'), 'STORE_INTEGRITY', false],
      [better('SQLITE_FULL'), 'STORE_FAILED', true],
      [better('SQLITE_IOERR_SHMSIZE'), 'STORE_FAILED', true],
      [better('SQLITE_IOERR_WRITE'), 'STORE_FAILED', false],
      [better('ENOSPC'), 'STORE_FAILED', true],
      [better('EDQUOT'), 'STORE_FAILED', true],
      [better('EIO'), 'STORE_FAILED', false],
      [builtIn(5), 'STORE_BUSY', true],
      [builtIn(517), 'STORE_BUSY', true],
      [builtIn(6), 'STORE_BUSY', true],
      [builtIn(267), 'STORE_INTEGRITY', false],
      [builtIn(26), 'STORE_INTEGRITY', false],
      [builtIn(13), 'STORE_FAILED', true],
      [builtIn(4874), 'STORE_FAILED', true],
      [builtIn(778), 'STORE_FAILED', false],
      [new TypeError('secret'), 'STORE_FAILED', false],
      ['secret', 'STORE_FAILED', false],
    ];
    for (const [thrown, expected, retryable] of cases) {
      const error = storeError(thrown);
      expect([error.code, error.retryable]).toEqual([expected, retryable]);
      expect(`${error.message}${JSON.stringify(error)}`).not.toContain('secret');
    }
  });
});
