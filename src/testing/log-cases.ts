import { assertRejects, assertSame } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { batchOf, poolItems, tilesOver } from './sample-rows.js';

const signed = (size: number, origin = 'log') => ({ size, note: `${origin}\n${size}\n` });

export const logCases: readonly StoreCase[] = [
  storeCase('log: the tree grows with the batch, tile by tile', async ({ public: store }) => {
    assertSame([await store.tile(0, 0), await store.lastCheckpoint(), (await store.state()).treeSize], [undefined, undefined, 0], 'empty');
    const items = poolItems('tree', 300);
    await store.addToPool(items);
    await store.appendBatch(batchOf(items.slice(0, 10), 0, 1));
    assertSame(await store.tile(0, 0), tilesOver(0, 11)[0]?.hashes, 'a tile so far');
    await store.appendBatch(batchOf(items.slice(10), 11, 2));
    assertSame(
      [await store.tile(0, 0), await store.tile(0, 1)],
      tilesOver(0, 302).map(({ hashes }) => hashes),
      'two tiles',
    );
    assertSame([(await store.state()).treeSize, await store.tile(1, 0)], [302, undefined], 'its size');
    assertSame(await store.check(), [], 'no problem');
  }),
  storeCase('log: nothing grows from another size', async ({ public: store }) => {
    await assertRejects(store.growTree(1, tilesOver(1, 1)), 'STORE_BUSY');
    await store.growTree(0, tilesOver(0, 5));
    await assertRejects(store.growTree(0, tilesOver(0, 5)), 'STORE_BUSY');
    // The tree is ahead of the leaves: no batch may be added to it.
    await assertRejects(store.appendBatch(batchOf([], 0, 1)), 'STORE_BUSY');
    assertSame((await store.state()).logSize, 0, 'nothing added');
  }),
  storeCase('log: checkpoints by size; one of a size, whose note only a compare-and-swap changes', async ({ public: store }) => {
    await store.addCheckpoint({ size: 7, note: 'seven' });
    await store.addCheckpoint({ size: 3, note: 'three' });
    await store.addCheckpoint({ size: 7, note: 'another' });
    assertSame(await store.lastCheckpoint(), { size: 7, note: 'seven' }, 'the greatest');
    const covering = [await store.checkpointFor(0), await store.checkpointFor(4), await store.checkpointFor(8)];
    assertSame(covering, [{ size: 3, note: 'three' }, { size: 7, note: 'seven' }, undefined], 'the first that covers');
    await assertRejects(store.replaceCheckpoint({ size: 7, note: 'another' }, 'cosigned'), 'STORE_BUSY');
    await store.replaceCheckpoint({ size: 7, note: 'seven' }, 'cosigned');
    assertSame(await store.checkpointFor(7), { size: 7, note: 'cosigned' }, 'the new note');
  }),
  storeCase('log key: written once, and one checkpoint is never followed by two', async ({ log }) => {
    assertSame([await log.key(), await log.signed()], [undefined, undefined], 'none at first');
    await log.putKey('first');
    await log.putKey('second');
    assertSame(await log.key(), 'first', 'the first');
    assertSame(await log.putSigned(signed(5), 0), signed(5), 'stored');
    assertSame(await log.putSigned(signed(5, 'fork'), 0), signed(5), 'the first');
    assertSame(await log.putSigned(signed(7, 'fork'), 0), signed(5), 'the first, for one of another size too');
    await log.putSigned(signed(9), 5);
    await log.putSigned(signed(11), 9);
    assertSame(await log.signed(), signed(11), 'the last, by number');
    // What followed them may be gone: another must not take its place.
    for (const after of [0, 5, 8]) await assertRejects(log.putSigned(signed(20, 'late'), after), 'STORE_BUSY');
    assertSame(await log.signed(), signed(11), 'still the last');
    assertSame(await log.check(), [], 'no problem');
  }),
  pairCase('log key: of two makers both read the first', async (one, other) => {
    await Promise.all([one.log.putKey('one'), other.log.putKey('other')]);
    assertSame(await one.log.key(), await other.log.key(), 'the same key');
    const stored = await Promise.all([one.log.putSigned(signed(2, 'one'), 0), other.log.putSigned(signed(3, 'other'), 0)]);
    assertSame(stored[0], stored[1], 'the same note');
    assertSame(await one.log.signed(), await other.log.signed(), 'and no other');
  }),
];
