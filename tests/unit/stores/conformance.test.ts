import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { betterSqlite3 } from '../../support/raw-sqlite.js';
import type { Stores } from '../../../src/registry/stores.js';
import { openSqliteStores } from '../../../src/sqlite.js';
import { createMemoryStores, type StoreFixture, storeConformance } from '../../../src/testing.js';

const opened: Stores[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

test('the suite has the cases it is known for', () => {
  expect(storeConformance.length).toBe(72);
  expect(storeConformance.filter(({ needsReopen }) => needsReopen).length).toBe(15);
  expect(new Set(storeConformance.map(({ name }) => name)).size).toBe(72);
});

describe('memory', () => {
  for (const { name, needsReopen, run } of storeConformance) {
    if (!needsReopen) test(name, () => run(async () => ({ stores: createMemoryStores() })));
  }
});

for (const driver of ['better-sqlite3', 'node:sqlite'] as const) {
  const present = driver === 'better-sqlite3' ? betterSqlite3 !== undefined : process.getBuiltinModule('node:sqlite') !== undefined;
  describe.skipIf(!present)(`sqlite with ${driver}`, () => {
    const make = async (): Promise<StoreFixture> => {
      const directory = mkdtempSync(join(tmpdir(), 'cryptonym-stores-'));
      directories.push(directory);
      const open = async (): Promise<Stores> => {
        const stores = await openSqliteStores(directory, { create: true, driver });
        opened.push(stores);
        return stores;
      };
      return { stores: await open(), reopen: open };
    };
    for (const { name, run } of storeConformance) test(name, () => run(make));
  });
}
