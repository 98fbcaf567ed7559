import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/testing.js';
import { batchOf, inboxRows, poolItems, shredRows } from '../../../src/testing/sample-rows.js';
import { allBytes, openTestStores, rawConnection, temporaryDirectory } from './support.js';

/** A submission that shows in any 64 consecutive bytes of it. */
function canaryRows(count: number, canary: Uint8Array) {
  const submission = new Uint8Array(24_576);
  for (let at = 0; at < submission.length; at += canary.length) submission.set(canary, at);
  return inboxRows('remnants', count).map((row) => ({ ...row, submission }));
}

const CANARY = Buffer.from(seededRandom('canary').bytes(32));
const walBytes = (path: string): number => statSync(`${path}-wal`).size;

describe('after a drain no byte of a submission is left in dir/sealed', () => {
  test('single and bulk puts, drained in parts', async () => {
    const directory = temporaryDirectory();
    const { inbox } = await openTestStores(directory);
    const rows = canaryRows(100, CANARY);
    for (const row of rows.slice(0, 20)) await inbox.put([row]);
    await inbox.put(rows.slice(20));
    expect(allBytes(join(directory, 'sealed')).includes(CANARY)).toBe(true);
    const ids = rows.map(({ id }) => id);
    const from = ids[50] as Uint8Array;
    await inbox.drain(ids.slice(0, 50), [{ from, failures: 0, id: from, sealed: new Uint8Array(50) }]);
    await inbox.drain(ids.slice(51), []);
    expect(allBytes(join(directory, 'sealed')).includes(CANARY)).toBe(false);
    expect(walBytes(join(directory, 'sealed/inbox.db'))).toBe(0);
    expect(await inbox.check()).toEqual([]);
  });

  test('the same for epochs forgotten, import secrets, statements published and shreds rewrapped', async () => {
    const directory = temporaryDirectory();
    const { inbox, public: register, shred } = await openTestStores(directory);
    await inbox.put(canaryRows(3, CANARY));
    await inbox.forgetBefore(20_001);
    const importId = new Uint8Array(16).fill(1);
    const groupSecret = CANARY.subarray(0, 16);
    await inbox.put([], { importId, fromRow: 0, nextRow: 1, groupSecret, finished: false });
    await inbox.put([], { importId, fromRow: 1, nextRow: 2, groupSecret: new Uint8Array(16), finished: true });
    const items = poolItems('remnants', 5).map((item) => ({ ...item, statement: CANARY }));
    await register.addToPool(items);
    await register.appendBatch(batchOf(items, 0, 1));
    const rows = shredRows('remnants', 20, 1).map((row) => ({
      ...row,
      wrapped: Uint8Array.from([...CANARY, ...CANARY, ...new Uint8Array(8)]),
    }));
    await shred.insert(rows);
    expect(allBytes(directory).includes(CANARY)).toBe(true);
    await shred.rewrap(rows.map((row) => ({ was: row.wrapped, row: { ...row, generation: 2, wrapped: new Uint8Array(72) } })));
    expect(allBytes(directory).includes(groupSecret)).toBe(false);
  });

  test.each([
    ['secure_delete off', 'secure_delete = OFF', true],
    ['WAL not truncated', 'secure_delete = ON', false],
  ])('control: with %s the scan finds it', (_, setting, truncate) => {
    const directory = temporaryDirectory();
    const raw = rawConnection(join(directory, 'control.db'));
    raw.pragma('journal_mode = WAL');
    raw.pragma(setting);
    raw.exec('CREATE TABLE submissions (id BLOB PRIMARY KEY, submission BLOB NOT NULL) STRICT, WITHOUT ROWID');
    const insert = raw.prepare('INSERT INTO submissions VALUES (?, ?)');
    for (const row of canaryRows(10, CANARY)) insert.run(row.id, row.submission);
    raw.exec('DELETE FROM submissions');
    if (truncate) raw.pragma('wal_checkpoint(TRUNCATE)');
    expect(allBytes(directory).includes(CANARY)).toBe(true);
  });
});

/** A drain that was committed while a reader kept the write-ahead log from being truncated. */
async function drainedUnderReader() {
  const directory = temporaryDirectory();
  const stores = await openTestStores(directory);
  const rows = canaryRows(4, CANARY);
  await stores.inbox.put(rows);
  const path = join(directory, 'sealed/inbox.db');
  const reader = rawConnection(path);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM waiting').get();
  const drain = stores.inbox.drain(
    rows.map(({ id }) => id),
    [],
  );
  await expect(drain).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
  expect(walBytes(path)).toBeGreaterThan(0);
  expect(allBytes(join(directory, 'sealed')).includes(CANARY)).toBe(true);
  return { directory, stores, path, leave: () => reader.exec('COMMIT') };
}

describe('tidy removes what a reader kept alive', () => {
  test('loudly while the reader is there, and for good when it has left', async () => {
    const { directory, stores, path, leave } = await drainedUnderReader();
    const other = join(directory, 'shred/shred.db');
    rawConnection(other).exec('INSERT INTO generations (generation, n) VALUES (1, 0)');
    expect(walBytes(other)).toBeGreaterThan(0);
    await expect(stores.tidy()).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    expect(walBytes(path)).toBeGreaterThan(0);
    expect(walBytes(other)).toBe(0);
    leave();
    await stores.tidy();
    expect(walBytes(path)).toBe(0);
    expect(allBytes(join(directory, 'sealed')).includes(CANARY)).toBe(false);
    expect(await stores.inbox.check()).toEqual([]);
  });

  test('also after the process was killed: the file itself tells', async () => {
    const { directory } = await drainedUnderReader();
    const copy = join(temporaryDirectory(), 'seized');
    cpSync(directory, copy, { recursive: true, filter: (name) => !name.endsWith('-shm') });
    const stores = await openTestStores(copy, { create: false });
    expect(allBytes(join(copy, 'sealed')).includes(CANARY)).toBe(true);
    await stores.tidy();
    expect(walBytes(join(copy, 'sealed/inbox.db'))).toBe(0);
    expect(allBytes(join(copy, 'sealed')).includes(CANARY)).toBe(false);
    expect((await stores.inbox.waiting()).count).toBe(0);
  });
});

describe('a reader that keeps remnants alive', () => {
  test('makes a drain loud; the drain is committed, and repeating it cleans up too', async () => {
    const directory = temporaryDirectory();
    const { inbox } = await openTestStores(directory);
    const rows = canaryRows(4, CANARY);
    await inbox.put(rows);
    const path = join(directory, 'sealed/inbox.db');
    const reader = rawConnection(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM waiting').get();
    const ids = rows.map(({ id }) => id);
    for (let i = 0; i < 2; i++) await expect(inbox.drain(ids, [])).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    expect((await inbox.waiting()).count).toBe(0);
    expect(walBytes(path)).toBeGreaterThan(0);
    expect(await inbox.check()).toEqual([{ store: 'inbox', problem: expect.stringContaining('write-ahead log') }]);
    reader.exec('COMMIT');
    await inbox.drain(ids, []);
    expect(walBytes(path)).toBe(0);
    expect(allBytes(join(directory, 'sealed')).includes(CANARY)).toBe(false);
  });

  test('does not disturb taking submissions in, even many', async () => {
    const directory = temporaryDirectory();
    const { inbox } = await openTestStores(directory);
    await inbox.put(inboxRows('first', 1));
    const reader = rawConnection(join(directory, 'sealed/inbox.db'));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM waiting').get();
    await inbox.put(inboxRows('second', 1));
    expect(await inbox.put(inboxRows('many', 64))).toEqual({ duplicates: [], differing: [] });
  });

  test('makes vault, shred, pool, publication and claims loud, with the data stored', async () => {
    const directory = temporaryDirectory();
    const stores = await openTestStores(directory);
    const items = poolItems('reader', 3);
    const shreds = shredRows('reader', 3, 1);
    await stores.public.addToPool(items);
    for (const name of ['shred/shred.db', 'public/public.db']) {
      const reader = rawConnection(join(directory, name));
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
    }
    await expect(stores.shred.insert(shreds)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect(await stores.shred.generations()).toEqual(new Map([[1, 3]]));
    await expect(stores.public.appendBatch(batchOf(items, 0, 1))).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect((await stores.public.state()).logSize).toBe(4);
  });
});

test('a writer that holds the lock: STORE_BUSY, and nothing changed', async () => {
  const directory = temporaryDirectory();
  const stores = await openTestStores(directory);
  const items = poolItems('locked', 2);
  await stores.public.addToPool(items);
  const writers = ['sealed/inbox.db', 'public/public.db'].map((name) => rawConnection(join(directory, name)));
  for (const writer of writers) writer.exec('BEGIN IMMEDIATE');
  await expect(stores.inbox.put(inboxRows('locked', 2))).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
  await expect(stores.public.appendBatch(batchOf(items, 0, 1))).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
  for (const writer of writers) writer.exec('COMMIT');
  expect((await stores.inbox.waiting()).count).toBe(0);
  expect(await stores.public.poolSize()).toBe(2);
  await stores.inbox.put(inboxRows('locked', 2));
  await stores.public.appendBatch(batchOf(items, 0, 1));
  expect(await stores.public.check()).toEqual([]);
});
