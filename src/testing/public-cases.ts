import { toHex } from '../foundation/bytes.js';
import { assertRejects, assertSame, assertThat, collect } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { batchOf, byId, poolItems } from './sample-rows.js';

export const publicCases: readonly StoreCase[] = [
  storeCase('public: an empty register answers', async ({ public: store }) => {
    assertSame(
      await store.state(),
      { logSize: 0, treeSize: 0, lastBatch: undefined, lastRegularDay: undefined, firstDay: undefined, counters: new Map() },
      'state',
    );
    assertSame([await store.poolSize(), await store.publishedSince(0), await store.waitingChanges()], [0, 0, 0], 'sizes');
    assertSame([await store.standings([new Uint8Array(16)]), await store.dueChanges(undefined)], [new Map(), []], 'nothing known or due');
    assertSame([await collect(store.entries({})), await collect(store.leaves(0)), await collect(store.batches())], [[], [], []], 'lists');
  }),
  storeCase('public: the pool gives what is due, in id order', async ({ public: store }) => {
    const [early, late] = [poolItems('early', 4, 10, 'party'), poolItems('late', 3, 12, 'league+party')];
    await store.addToPool([...late, ...early]);
    assertSame(await store.due(9), [], 'nothing yet');
    assertSame(await store.due(10), byId(early), 'the early');
    assertSame(await store.due(undefined), byId([...early, ...late]), 'all');
    assertSame(await store.poolSize(), 7, 'pool size');
    assertSame(
      await store.poolCells(),
      new Map([
        ['league+party', 3],
        ['party', 4],
      ]),
      'cells',
    );
  }),
  storeCase('public: an id in the pool or among the entries is not added again', async ({ public: store }) => {
    const items = poolItems('again', 4);
    await store.addToPool(items);
    await store.addToPool(items.map((item) => ({ ...item, cell: 'other', dueDay: 1 })));
    assertSame(await store.due(undefined), byId(items), 'the first stays');
    await store.appendBatch(batchOf(items.slice(0, 2), 0, 1));
    await store.addToPool(items);
    assertSame(await store.due(undefined), byId(items.slice(2)), 'published ones stay out');
    assertSame(await store.poolCells(), new Map([['party', 2]]), 'cells');
    assertSame(
      await store.digests(items.map(({ id }) => id)),
      new Map(byId(items).map(({ id, digest }) => [toHex(id), digest])),
      'digests of both',
    );
  }),
  storeCase('public: a batch appends leaves, entries, contents and counts', async ({ public: store }) => {
    const items = poolItems('batch', 5);
    await store.addToPool(items);
    const first = batchOf(items.slice(0, 3), 0, 1, 20_000);
    const second = batchOf(items.slice(3), 4, 2, 20_001, true);
    await store.appendBatch(first);
    await store.appendBatch(second);
    const entries = [
      ...first.entries.map((entry, i) => ({ entry, index: i + 1 })),
      ...second.entries.map((entry, i) => ({ entry, index: i + 5 })),
    ];
    const leaves = [...first.leaves, ...second.leaves];
    const rows = entries.map(({ entry: { id, salt, content }, index }) => ({ id, index, leaf: leaves[index], salt, content }));
    assertSame(await collect(store.entries({})), rows, 'entries by register number');
    assertSame(await collect(store.entries({ from: 2, limit: 2 })), rows.slice(1, 3), 'two of them');
    assertSame(await collect(store.entries({ limit: 0 })), [], 'none of them');
    assertSame(await store.entry(rows[4]?.id ?? new Uint8Array(16)), rows[4], 'one of them');
    assertSame(await store.entry(new Uint8Array(16)), undefined, 'an unknown one');
    assertSame(await collect(store.leaves(3)), leaves.map((bytes, index) => ({ index, bytes })).slice(3), 'leaves');
    assertSame(await collect(store.batches()), [first.summary, second.summary], 'batches');
    const state = {
      logSize: 7,
      treeSize: 7,
      lastBatch: second.summary,
      lastRegularDay: 20_000,
      firstDay: 20_000,
      counters: new Map([['statements', 5]]),
    };
    assertSame(await store.state(), state, 'state');
    assertSame([await store.poolSize(), await store.publishedSince(20_000), await store.publishedSince(20_001)], [0, 5, 2], 'sizes');
    assertSame(await store.check(), [], 'no problem');
  }),
  storeCase('public: an empty batch is one tally leaf', async ({ public: store }) => {
    await store.appendBatch(batchOf([], 0, 1));
    assertSame([(await store.state()).logSize, (await collect(store.entries({}))).length], [1, 0], 'log and entries');
  }),
  storeCase('public: a batch made for another state is STORE_BUSY and changes nothing', async ({ public: store }) => {
    const items = poolItems('stale', 4);
    await store.addToPool(items);
    await store.appendBatch(batchOf(items.slice(0, 1), 0, 1));
    const before = [await store.state(), await store.due(undefined), await store.poolCells()];
    const stale = [
      batchOf(items.slice(1), 0, 1),
      batchOf(items.slice(1), 1, 2),
      batchOf(items.slice(1), 2, 3),
      batchOf(items, 2, 2),
      batchOf(poolItems('unknown', 1), 2, 2),
    ];
    for (const batch of stale) await assertRejects(store.appendBatch(batch), 'STORE_BUSY');
    assertSame([await store.state(), await store.due(undefined), await store.poolCells()], before, 'nothing changed');
    assertSame(await store.check(), [], 'no problem');
  }),
  storeCase('public: more entries than one page, none twice', async ({ public: store }) => {
    const items = poolItems('pages', 1300);
    await store.addToPool(items);
    assertSame(await collect(store.pool()), byId(items), 'the pool');
    await store.appendBatch(batchOf(items, 0, 1));
    const indexes = (await collect(store.entries({}))).map(({ index }) => index);
    assertSame(
      indexes,
      Array.from({ length: 1300 }, (_, i) => i + 1),
      'register numbers',
    );
    assertSame((await collect(store.leaves(0))).length, 1301, 'leaves');
  }),
  pairCase('public: of two publishers with the same batch exactly one wins', async (one, other) => {
    const items = poolItems('race', 6);
    await Promise.all([one.public.addToPool(items), other.public.addToPool(items)]);
    assertSame(await one.public.poolSize(), 6, 'pool size');
    const batch = batchOf(items, 0, 1);
    const results = await Promise.allSettled([one.public.appendBatch(batch), other.public.appendBatch(batch)]);
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    assertThat(lost.length === 1, 'one publisher loses');
    await assertRejects(Promise.reject(lost[0]), 'STORE_BUSY');
    assertSame(
      await other.public.state(),
      {
        logSize: 7,
        treeSize: 7,
        lastBatch: batch.summary,
        lastRegularDay: 20_000,
        firstDay: 20_000,
        counters: new Map([['statements', 6]]),
      },
      'state',
    );
    assertSame(await one.public.check(), [], 'no problem');
  }),
];
