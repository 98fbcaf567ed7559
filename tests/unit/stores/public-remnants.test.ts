import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChangedEntry, PendingChange } from '../../../src/public/ports.js';
import { seededRandom } from '../../../src/testing.js';
import { batchOf, batchOfChanges, pendingChanges, poolItems } from '../../../src/testing/sample-rows.js';
import { allBytes, openTestStores, rawConnection, temporaryDirectory } from './support.js';

const CANARY = Buffer.from(seededRandom('public canary').bytes(48));
const NAME = 'Wang Jianguo the canary of this test';
const AS_PUBLISHED = {
  amendments: 0,
  display: 'alias',
  evidence: 'stated',
  amendedAt: undefined,
  retractedAt: undefined,
  removedAt: undefined,
} as const;

/** A published entry among others whose content is the canary. */
async function withCanary() {
  const directory = temporaryDirectory();
  const { public: store } = await openTestStores(directory);
  const items = poolItems('remnants', 40);
  await store.addToPool(items);
  const batch = batchOf(items, 0, 1);
  const entries = batch.entries.map((entry, i) => (i === 20 ? { ...entry, salt: CANARY.subarray(0, 32), content: CANARY } : entry));
  await store.appendBatch({ ...batch, entries });
  return {
    directory,
    store,
    id: entries[20]?.id ?? new Uint8Array(),
    holds: (bytes: string | Buffer) => allBytes(directory).includes(bytes),
  };
}

const settle = (changes: readonly PendingChange[], entries: readonly ChangedEntry[]) => ({
  settled: changes.map(({ id, kind, salt }) => ({ id, kind, salt, published: true })),
  entries,
});

describe('what is taken away from the public side is in no file any more', () => {
  test.each(['removal', 'text'] as const)('a content, by %s', async (kind) => {
    const { store, id, holds } = await withCanary();
    expect([holds(CANARY), holds(CANARY.subarray(0, 32))]).toEqual([true, true]); // the control
    const changes = pendingChanges('remnants', [id], kind);
    await store.addChanges(changes);
    const content = kind === 'removal' ? ('removed' as const) : { salt: new Uint8Array(32), content: new Uint8Array(30) };
    const changed = kind === 'removal' ? { ...AS_PUBLISHED, removedAt: 42 } : { ...AS_PUBLISHED, amendments: 1, amendedAt: 42 };
    await store.appendBatch(batchOfChanges(settle(changes, [{ id, changed, content }]), 41, 2));
    expect([holds(CANARY), holds(CANARY.subarray(0, 32)), await store.check()]).toEqual([false, false, []]);
  });

  test('a real name, by a veto and by a retraction', async () => {
    const { store, id, holds } = await withCanary();
    const names = pendingChanges('remnants', [id], 'name').map((change) => ({ ...change, value: NAME }));
    await store.addChanges(names);
    expect(holds(NAME)).toBe(true); // the control
    await store.lockNames([id]);
    expect(holds(NAME)).toBe(false);
    await store.addChanges(names);
    const retraction = pendingChanges('retraction', [id], 'retraction');
    await store.addChanges(retraction);
    expect(holds(NAME)).toBe(true);
    const entries = [{ id, changed: { ...AS_PUBLISHED, retractedAt: 42 }, content: 'kept' as const }];
    await store.appendBatch(batchOfChanges(settle(retraction, entries), 41, 2, new Map([['retracted', 1]])));
    expect([holds(NAME), await store.check()]).toEqual([false, []]);
  });

  test('with a reader in the way it says so, and does so when the reader is gone', async () => {
    const { directory, store, id, holds } = await withCanary();
    await store.addChanges(pendingChanges('remnants', [id], 'name').map((change) => ({ ...change, value: NAME })));
    const reader = rawConnection(join(directory, 'public/public.db'));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) AS n FROM changes').get();
    await expect(store.lockNames([id])).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    expect(holds(NAME)).toBe(true);
    reader.exec('COMMIT');
    await store.lockNames([id]);
    expect(holds(NAME)).toBe(false);
  });
});
