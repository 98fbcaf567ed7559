import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchOf, batchOfChanges, byId, pendingChanges, poolItems, tilesOver } from '../../../src/testing/sample-rows.js';
import { collect } from '../../../src/testing/assertions.js';
import { allBytes, openTestStores, rawConnection, temporaryDirectory } from './support.js';

/** Contents lay by entry, and there were no tables to put rows meanwhile. */
const BACK_TO_VERSION_3 = `CREATE TABLE older (id BLOB PRIMARY KEY REFERENCES entries (id), salt BLOB NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO older SELECT e.id, t.salt, t.content FROM entries e LEFT JOIN changed x ON x.id = e.id
    JOIN contents t ON t.leaf = coalesce(x.amended_at, e.idx) WHERE x.removed_at IS NULL;
  DROP TABLE contents; ALTER TABLE older RENAME TO contents; DROP TABLE pool_meanwhile; DROP TABLE changes_meanwhile; PRAGMA user_version = 3;`;

/** The tables of changes are what the second version added, those of the tree what the third did. */
const BACK_TO_VERSION_1 = `${BACK_TO_VERSION_3}
  DROP TABLE changes; DROP TABLE changed; DROP TABLE name_locks; DROP TABLE tiles; DROP TABLE checkpoints; PRAGMA user_version = 1;`;

test('a public file of the first release opens with its entries and pool, and takes changes', async () => {
  const directory = temporaryDirectory();
  const before = await openTestStores(directory);
  const items = byId(poolItems('version 1', 5));
  await before.public.addToPool(items);
  const batch = batchOf(items.slice(0, 3), 0, 1);
  await before.public.appendBatch(batch);
  await before.close();
  const raw = rawConnection(join(directory, 'public/public.db'));
  raw.exec(BACK_TO_VERSION_1);
  const tables = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as { name: string }[];
  expect(tables.map(({ name }) => name)).toEqual(['batches', 'cells', 'contents', 'counters', 'entries', 'leaves', 'pool']);
  raw.close();

  const { public: store } = await openTestStores(directory);
  expect((await collect(store.entries({}))).map(({ content }) => content)).toEqual(batch.entries.map(({ content }) => content));
  expect([await store.poolSize(), await store.waitingChanges(), await store.check()]).toEqual([2, 0, []]);
  await store.growTree(0, tilesOver(0, 4));
  const changes = pendingChanges('version 1', [batch.entries[0]?.id ?? new Uint8Array()], 'retraction');
  await store.addChanges(changes);
  const changed = {
    amendments: 0,
    display: 'alias',
    evidence: 'stated',
    amendedAt: undefined,
    retractedAt: 5,
    removedAt: undefined,
  } as const;
  const settled = changes.map(({ id, kind, salt }) => ({ id, kind, salt, published: true }));
  const entries = changes.map(({ id }) => ({ id, changed, content: 'kept' as const }));
  await store.appendBatch(batchOfChanges({ settled, entries }, 4, 2, new Map([['retracted', 1]])));
  expect((await store.entry(changes[0]?.id ?? new Uint8Array()))?.changed).toEqual(changed);
});

test('contents of a file of the third version, amended and removed ones too, are found under their leaves', async () => {
  const directory = temporaryDirectory();
  const before = await openTestStores(directory);
  const batch = batchOf(byId(poolItems('version 3', 3)), 0, 1);
  await before.public.addToPool(poolItems('version 3', 3));
  await before.public.appendBatch(batch);
  const [amended, removed] = batch.entries.map(({ id }) => id) as [Uint8Array, Uint8Array];
  const changes = [...pendingChanges('amended', [amended], 'text'), ...pendingChanges('removed', [removed], 'removal')];
  await before.public.addChanges(changes);
  const content = { salt: new Uint8Array(32).fill(9), content: new Uint8Array(40).fill(8) };
  const rest = { display: 'alias', evidence: 'stated', retractedAt: undefined } as const;
  const entries = [
    { id: amended, changed: { ...rest, amendments: 1, amendedAt: 5, removedAt: undefined }, content },
    { id: removed, changed: { ...rest, amendments: 0, amendedAt: undefined, removedAt: 6 }, content: 'removed' as const },
  ];
  const settled = changes.map(({ id, kind, salt }) => ({ id, kind, salt, published: true }));
  await before.public.appendBatch(batchOfChanges({ settled, entries }, 4, 2));
  const shown = await collect(before.public.entries({}));
  await before.close();
  const raw = rawConnection(join(directory, 'public/public.db'));
  raw.exec(BACK_TO_VERSION_3);
  // What earlier releases left behind: deleted, and still in the page.
  raw.exec(`PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF;
    INSERT INTO contents (id, salt, content) VALUES (zeroblob(16), zeroblob(32), CAST('left in contents' AS BLOB)); DELETE FROM contents WHERE id = zeroblob(16);
    INSERT INTO pool (id, due_day, cell, digest, salt, statement) VALUES (zeroblob(16), 0, 'party', x'00', x'00', CAST('left in the pool' AS BLOB));
    DELETE FROM pool WHERE id = zeroblob(16); PRAGMA wal_checkpoint(TRUNCATE)`);
  raw.close();
  const LEFT = ['left in contents', 'left in the pool'];
  const left = (): boolean[] => LEFT.map((text) => allBytes(directory).includes(text));
  expect(left()).toEqual([true, true]); // the control

  const { public: store } = await openTestStores(directory);
  expect(left()).toEqual([false, false]);
  expect(await collect(store.entries({}))).toEqual(shown);
  expect(shown.map((entry) => entry.content)).toEqual([content.content, undefined, batch.entries[2]?.content]);
  expect(await store.check()).toEqual([]);
});
