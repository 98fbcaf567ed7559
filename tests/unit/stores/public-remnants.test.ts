import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import type { ChangedEntry, PendingChange } from '../../../src/public/ports.js';
import type { Stores } from '../../../src/registry/stores.js';
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
    const content = kind === 'removal' ? ('removed' as const) : { salt: new Uint8Array(32).fill(1), content: new Uint8Array(30) };
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

/** Texts of many lengths, each with words of its own at both ends. */
const textOf = (name: string, i: number): Buffer => {
  const middle = seededRandom(`${name} ${i}`).bytes(1 + ((i * 7919) % 900));
  return Buffer.concat([Buffer.from(`${name} begins ${i};`), middle, Buffer.from(`${name} ends ${i};`)]);
};
const marksOf = (name: string, i: number): readonly string[] => [`${name} begins ${i};`, `${name} ends ${i};`];

const BATCHES = 25;
const EACH = 40;

/** A register that grew by batches of texts of many lengths, which lay in the pool together with others. Gives the ids, as the texts are numbered. */
async function grown(store: Stores['public']): Promise<readonly Uint8Array[]> {
  const waiting = Array.from({ length: BATCHES }, (_, batch) =>
    poolItems(`grown ${batch}`, EACH).map((item, i) => ({ ...item, statement: textOf('statement', batch * EACH + i) })),
  );
  for (const [batch, items] of waiting.entries()) {
    const others = poolItems(`waits ${batch}`, EACH / 4).map((item, i) => ({ ...item, statement: textOf('other', batch * EACH + i) }));
    await store.addToPool([...items, ...others]);
  }
  const numbers = new Map(waiting.flat().map(({ id }, i) => [toHex(id), i]));
  for (const [batch, items] of waiting.entries()) {
    const made = batchOf(items, batch * (EACH + 1), batch + 1);
    const entries = made.entries.map((entry) => ({ ...entry, content: textOf('content', numbers.get(toHex(entry.id)) ?? -1) }));
    await store.appendBatch({ ...made, entries });
  }
  return waiting.flat().map(({ id }) => id);
}

describe('in a register that has grown, with texts of many lengths', () => {
  test('nothing of a text that was removed or amended stays, in no gap of a page and not in the pool’s pages either', async () => {
    const directory = temporaryDirectory();
    const { public: store } = await openTestStores(directory);
    const ids = await grown(store);
    const chosen = ids.flatMap((id, i) => (i % 8 === 7 ? [] : [{ id, i, removed: i % 2 === 0 }]));
    const changes = chosen.flatMap(({ id, i, removed }) => pendingChanges(`change ${i}`, [id], removed ? 'removal' : 'text'));
    const before = allBytes(directory);
    // The controls: contents are found where they are, and copies of statements in gaps of the pool, which none of them is in any more.
    expect(chosen.every(({ i }) => marksOf('content', i).every((mark) => before.includes(mark)))).toBe(true);
    expect(chosen.filter(({ i }) => marksOf('statement', i).some((mark) => before.includes(mark))).length).toBeGreaterThan(0);
    // In three batches, so that the second and third meet what the first has moved.
    const size = BATCHES * (EACH + 1);
    let at = size;
    for (let part = 0; part < 3; part++) {
      const now = chosen.flatMap((one, place) => (place % 3 === part ? [{ ...one, change: changes[place] as PendingChange }] : []));
      await store.addChanges(now.map(({ change }) => change));
      const entries = now.map(({ id, i, removed }, place) => ({
        id,
        changed: removed ? { ...AS_PUBLISHED, removedAt: at + 1 + place } : { ...AS_PUBLISHED, amendments: 1, amendedAt: at + 1 + place },
        content: removed ? ('removed' as const) : { salt: new Uint8Array(32).fill(1), content: textOf('amended', i) },
      }));
      await store.appendBatch(
        batchOfChanges(
          settle(
            now.map(({ change }) => change),
            entries,
          ),
          at,
          BATCHES + 1 + part,
        ),
      );
      at += now.length + 1;
    }
    const after = allBytes(directory);
    const left = chosen.filter(({ i }) => [...marksOf('content', i), ...marksOf('statement', i)].some((mark) => after.includes(mark)));
    expect([left.length, await store.check()]).toEqual([0, []]);
    expect(chosen.every(({ i, removed }) => removed || marksOf('amended', i).every((mark) => after.includes(mark)))).toBe(true);
    expect(ids.every((_, i) => i % 8 !== 7 || after.includes(`content begins ${i};`))).toBe(true);
  });
});
