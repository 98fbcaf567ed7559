import { toHex } from '../foundation/bytes.js';
import type { BatchChanges, EntryChanges, NewBatch, PendingChange } from '../public/ports.js';
import type { Stores } from '../registry/stores.js';
import { assertRejects, assertSame, assertThat, collect } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { batchOf, batchOfChanges, byId, pendingChanges, poolItems } from './sample-rows.js';

const ONE_CHANGED: EntryChanges = {
  amendments: 0,
  display: 'alias',
  evidence: 'stated',
  amendedAt: undefined,
  retractedAt: undefined,
  removedAt: undefined,
};

/** Three published entries (register numbers 1 to 3, log size 4) and two that wait in the pool, all in id order. */
async function published(
  store: Stores['public'],
  seed: string,
): Promise<{ readonly batch: NewBatch; readonly ids: readonly Uint8Array[] }> {
  const items = byId(poolItems(seed, 5));
  await store.addToPool(items);
  const batch = batchOf(items.slice(0, 3), 0, 1);
  await store.appendBatch(batch);
  return { batch, ids: items.map(({ id }) => id) };
}

function settle(changes: readonly PendingChange[], entries: BatchChanges['entries'] = []): BatchChanges {
  return { settled: changes.map(({ id, kind, salt }) => ({ id, kind, salt, published: true })), entries };
}

const at = (ids: readonly Uint8Array[], i: number): Uint8Array => ids[i] as Uint8Array;
const entryId = ({ id }: { readonly id: Uint8Array }): Uint8Array => id;

/** Everything a change could have touched, for "nothing changed". */
async function everything(store: Stores['public'], ids: readonly Uint8Array[]): Promise<readonly unknown[]> {
  return [await store.state(), await collect(store.entries({})), await store.standings(ids), await store.dueChanges(undefined)];
}

export const publicChangeCases: readonly StoreCase[] = [
  storeCase('changes: what is added waits, and only what is published and due comes out, by register number', async ({ public: store }) => {
    const { ids } = await published(store, 'due');
    const soon = pendingChanges('soon', ids.toReversed(), 'text', 10);
    const later = pendingChanges('later', ids, 'retraction', 12);
    await store.addChanges([...later, ...soon]);
    assertSame(await store.waitingChanges(), 10, 'waiting');
    assertSame(await store.dueChanges(9), [], 'nothing yet');
    const early = await store.dueChanges(10);
    assertSame(
      early.map(({ change }) => change),
      byId(soon).slice(0, 3),
      'due changes of published entries',
    );
    assertSame(
      early.map(({ entry }) => entry),
      await collect(store.entries({})),
      'with their entries',
    );
    const all = (await store.dueChanges(undefined)).map(({ entry, change }) => [entry.index, change.kind]);
    assertSame(
      all,
      [1, 2, 3].flatMap((index) => [
        [index, 'retraction'],
        [index, 'text'],
      ]),
      'all, by number and kind',
    );
  }),
  storeCase('changes: one per entry and kind, never overwritten', async ({ public: store }) => {
    const { ids } = await published(store, 'absent');
    const first = pendingChanges('first', ids);
    await store.addChanges(first);
    await store.addChanges(pendingChanges('second', ids).map((change) => ({ ...change, dueDay: 1, value: 'other' })));
    await store.addChanges([...pendingChanges('third', ids), ...pendingChanges('fourth', ids)]);
    const standings = await store.standings(ids);
    assertSame(
      [...standings.values()].map(({ pending }) => pending),
      byId(first).map((change) => [change]),
      'the first stays',
    );
    assertSame(await store.waitingChanges(), 5, 'waiting');
  }),
  storeCase('changes: standings of entries in the pool, of published ones, of none', async ({ public: store }) => {
    const { ids } = await published(store, 'standings');
    const changes = [...pendingChanges('a', [at(ids, 4)], 'text'), ...pendingChanges('b', [at(ids, 4)], 'removal')];
    await store.addChanges(changes);
    await store.lockNames([at(ids, 0)]);
    const standings = await store.standings([...ids, new Uint8Array(16)]);
    assertSame([...standings.keys()], ids.map(toHex), 'those that exist');
    const [first, second] = [standings.get(toHex(at(ids, 0))), standings.get(toHex(at(ids, 1)))];
    assertSame(first, { published: await store.entry(at(ids, 0)), statement: undefined, nameLocked: true, pending: [] }, 'a locked one');
    assertSame(second?.nameLocked, false, 'not locked');
    const [item] = (await store.due(undefined)).filter(({ id }) => toHex(id) === toHex(at(ids, 4)));
    const waiting = { published: undefined, statement: item?.statement, nameLocked: false, pending: [changes[1], changes[0]] };
    assertSame(standings.get(toHex(at(ids, 4))), waiting, 'one in the pool');
  }),
  storeCase('changes: a lock forgets a name that waits and refuses the next of a holder', async ({ public: store }) => {
    const { ids } = await published(store, 'lock');
    const names = pendingChanges('names', ids, 'name').map((change) => ({ ...change, by: 'holder' as const }));
    await store.addChanges([...names, ...pendingChanges('others', ids, 'retraction')]);
    for (let i = 0; i < 2; i++) await store.lockNames(ids.slice(0, 4));
    assertSame(await store.waitingChanges(), 6, 'five others and one name');
    await store.addChanges(names);
    assertSame(await store.waitingChanges(), 6, 'no name comes back');
    await store.addChanges(names.slice(0, 1).map((change) => ({ ...change, by: 'registry' as const })));
    assertSame(await store.waitingChanges(), 7, 'the registry may');
    await store.lockNames(ids);
    assertSame(await store.waitingChanges(), 5, 'a veto takes that one too');
  }),
  storeCase('changes: a batch settles changes, changes entries and removes contents', async ({ public: store }) => {
    const { ids, batch: first } = await published(store, 'settle');
    const texts = pendingChanges('text', ids.slice(0, 3), 'text');
    const [retraction, removal] = [pendingChanges('r', [at(ids, 1)], 'retraction'), pendingChanges('m', [at(ids, 2)], 'removal')];
    await store.addChanges([...texts, ...retraction, ...removal, ...pendingChanges('pool', [at(ids, 4)])]);
    const content = { salt: new Uint8Array(32).fill(5), content: new Uint8Array(150).fill(6) };
    const amended = { ...ONE_CHANGED, amendments: 1, amendedAt: 5 };
    const settled = [...texts.slice(0, 1), ...retraction, ...removal];
    const batch = batchOfChanges(
      settle(settled, [
        { id: at(ids, 2), changed: { ...ONE_CHANGED, evidence: 'verified', removedAt: 7 }, content: 'removed' },
        { id: at(ids, 0), changed: amended, content },
        { id: at(ids, 1), changed: { ...ONE_CHANGED, display: 'name', retractedAt: 6 }, content: 'kept' },
      ]),
      4,
      2,
      new Map([
        ['retracted', 1],
        ['statements', 0],
        ['display:alias', -1],
        ['display:name', 1],
      ]),
    );
    await store.appendBatch(batch);
    const [one, two, three] = await collect(store.entries({}));
    assertSame(
      one,
      { id: at(ids, 0), index: 1, leaf: first.leaves[1], ...content, changed: amended, amendment: batch.leaves[1] },
      'amended',
    );
    const { id, salt, content: kept } = first.entries[1] as NewBatch['entries'][number];
    const retracted = { ...ONE_CHANGED, display: 'name', retractedAt: 6 };
    assertSame(two, { id, index: 2, leaf: first.leaves[2], salt, content: kept, changed: retracted }, 'retracted');
    const removed = { ...ONE_CHANGED, evidence: 'verified', removedAt: 7 };
    assertSame(
      three,
      { id: at(ids, 2), index: 3, leaf: first.leaves[3], salt: undefined, content: undefined, changed: removed },
      'removed',
    );
    assertSame(await store.waitingChanges(), 1, 'amendments of what is retracted or removed are gone');
    const { logSize, counters } = await store.state();
    assertSame([logSize, counters.get('retracted'), counters.get('display:alias'), counters.get('statements')], [8, 1, -1, 3], 'state');
  }),
  storeCase('changes: a second amendment takes the place of the first', async ({ public: store }) => {
    const { ids } = await published(store, 'twice');
    for (const round of [1, 2]) {
      const [change] = pendingChanges(`round ${round}`, [at(ids, 0)]) as readonly [PendingChange];
      await store.addChanges([change]);
      const content = { salt: new Uint8Array(32).fill(round), content: new Uint8Array(90).fill(round) };
      const changed = { ...ONE_CHANGED, amendments: round, amendedAt: 3 + 2 * round };
      const batch = batchOfChanges(settle([change], [{ id: at(ids, 0), changed, content }]), 2 + 2 * round, 1 + round);
      await store.appendBatch(batch);
      const entry = await store.entry(at(ids, 0));
      assertSame([entry?.changed, entry?.content, entry?.amendment], [changed, content.content, batch.leaves[1]], 'the entry as it is now');
    }
  }),
  storeCase('changes: a batch whose changes are not those that wait is STORE_BUSY and changes nothing', async ({ public: store }) => {
    const { ids } = await published(store, 'stale');
    const [one, other] = [pendingChanges('one', ids.slice(0, 3), 'name'), pendingChanges('other', ids.slice(0, 3), 'name')];
    await store.addChanges(one);
    await store.lockNames([at(ids, 1)]);
    const before = await everything(store, ids);
    const entries = [{ id: at(ids, 0), changed: ONE_CHANGED, content: 'removed' as const }];
    const stale = [
      settle(one, entries),
      settle(other.slice(0, 1), entries),
      settle([...one.slice(0, 1), ...one.slice(0, 1)], entries),
      settle(pendingChanges('one', ids.slice(0, 1), 'removal'), entries),
    ];
    for (const changes of stale) await assertRejects(store.appendBatch(batchOfChanges(changes, 4, 2)), 'STORE_BUSY');
    assertSame(await everything(store, ids), before, 'nothing changed');
    await store.appendBatch(batchOfChanges(settle(one.slice(0, 1)), 4, 2));
    assertSame(await store.waitingChanges(), 1, 'the control: what waits is settled');
  }),
  storeCase('changes: one that is settled without a leaf goes, and the log has nothing of it', async ({ public: store }) => {
    const { ids } = await published(store, 'void');
    const [change] = pendingChanges('void', [at(ids, 0)]) as readonly [PendingChange];
    await store.addChanges([change]);
    const { id, kind, salt } = change;
    await store.appendBatch(batchOfChanges({ settled: [{ id, kind, salt, published: false }], entries: [] }, 4, 2));
    assertSame([await store.waitingChanges(), (await store.state()).logSize], [0, 5], 'waiting and log');
    assertSame((await store.entry(id))?.changed, undefined, 'the entry is as it was');
  }),
  pairCase('changes: two instances that add the same store each once', async (one, other) => {
    const { ids } = await published(one.public, 'pair');
    const changes = pendingChanges('pair', ids);
    await Promise.all([one.public.addChanges(changes), other.public.addChanges(changes)]);
    assertSame([await one.public.waitingChanges(), await other.public.waitingChanges()], [5, 5], 'waiting');
  }),
  pairCase('changes: a text and a name of one entry share a slot, whoever is first', async (one, other) => {
    const { ids } = await published(one.public, 'slot');
    const [texts, names] = [pendingChanges('text', ids.slice(0, 3), 'text'), pendingChanges('name', ids, 'name')];
    await one.public.addChanges(texts);
    await other.public.addChanges(names);
    await one.public.addChanges([...pendingChanges('late', ids, 'text'), ...pendingChanges('beside', ids, 'retraction')]);
    const pending = [...(await other.public.standings(ids)).values()].map((standing) => standing.pending.map(({ kind }) => kind));
    const kinds = ids.map((_, i) => (i < 3 ? ['retraction', 'text'] : ['name', 'retraction']));
    const expected = byId(ids.map((id, i) => ({ id, kinds: kinds[i] }))).map((row) => row.kinds);
    assertSame(pending, expected, 'one amendment each');
  }),
  pairCase('changes: of two publishers with the same changes exactly one wins', async (one, other) => {
    const { ids } = await published(one.public, 'race');
    const changes = pendingChanges('race', ids.slice(0, 3), 'retraction');
    await one.public.addChanges(changes);
    const entries = changes.map((change) => ({
      id: entryId(change),
      changed: { ...ONE_CHANGED, retractedAt: 5 },
      content: 'kept' as const,
    }));
    const batch = batchOfChanges(settle(changes, entries), 4, 2, new Map([['retracted', 3]]));
    const results = await Promise.allSettled([one.public.appendBatch(batch), other.public.appendBatch(batch)]);
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    assertThat(lost.length === 1, 'one publisher loses');
    await assertRejects(Promise.reject(lost[0]), 'STORE_BUSY');
    const { logSize, counters } = await other.public.state();
    assertSame([logSize, counters.get('retracted'), await one.public.waitingChanges()], [8, 3, 0], 'published once');
  }),
  pairCase('changes: a veto between reading and publishing stops the batch', async (one, other) => {
    const { ids } = await published(one.public, 'veto');
    const names = pendingChanges('veto', ids.slice(0, 1), 'name');
    await one.public.addChanges(names);
    const batch = batchOfChanges(settle(names), 4, 2);
    await other.public.lockNames(ids.slice(0, 1));
    await assertRejects(one.public.appendBatch(batch), 'STORE_BUSY');
    assertSame((await one.public.state()).logSize, 4, 'nothing published');
  }),
];
