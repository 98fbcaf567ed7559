import type { Stores } from '../registry/stores.js';
import { assertRefused, assertRejects, assertSame, collect } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { batchOf, claimRows, inboxRows, pendingChanges, poolItems, shredRows, vaultRows } from './sample-rows.js';

const ID = new Uint8Array(16);
const key = (fill: number, length = 96): Uint8Array => new Uint8Array(length).fill(fill);

/** Every call there is, as a call after `close` would be made. */
const EVERY_CALL: readonly ((stores: Stores) => Promise<unknown>)[] = [
  ({ inbox }) => inbox.put(inboxRows('closed', 1)),
  ({ inbox }) => inbox.waiting(),
  ({ inbox }) => inbox.take(1),
  ({ inbox }) => inbox.countFailure([ID]),
  ({ inbox }) => inbox.drain([ID], []),
  ({ inbox }) => inbox.quarantineSize(),
  ({ inbox }) => inbox.forgetBefore(1),
  ({ inbox }) => inbox.importProgress(ID),
  ({ inbox }) => inbox.check(),
  ({ vault }) => vault.digests([ID]),
  ({ vault }) => vault.insert(vaultRows('closed', 1)),
  ({ vault }) => vault.get(ID),
  ({ vault }) => collect(vault.ids()),
  ({ vault }) => vault.count(),
  ({ vault }) => vault.check(),
  ({ shred }) => shred.insert(shredRows('closed', 1)),
  ({ shred }) => shred.get(ID),
  ({ shred }) => shred.before(1, 1),
  ({ shred }) => shred.from(ID, 1),
  ({ shred }) => shred.backFrom(ID, 1),
  ({ shred }) => shred.rewrap([]),
  ({ shred }) => shred.generations(),
  ({ shred }) => shred.check(),
  ({ keys }) => keys.epochs(),
  ({ keys }) => keys.hasEpochKey(1),
  ({ keys }) => keys.epochKey(1),
  ({ keys }) => keys.putEpochKey(1, key(1), key(1, 1249), 8),
  ({ keys }) => keys.epochPublicKeys(0),
  ({ keys }) => keys.destroyEpochKey(1),
  ({ keys }) => keys.keks(),
  ({ keys }) => keys.kek(1),
  ({ keys }) => keys.putKek(1, key(1, 32)),
  ({ keys }) => keys.destroyKek(1),
  ({ keys }) => keys.check(),
  ({ public: register }) => register.digests([ID]),
  ({ public: register }) => register.addToPool(poolItems('closed', 1)),
  ({ public: register }) => register.due(1),
  ({ public: register }) => collect(register.pool()),
  ({ public: register }) => register.poolSize(),
  ({ public: register }) => register.poolCells(),
  ({ public: register }) => register.appendBatch(batchOf([], 0, 1)),
  ({ public: register }) => register.state(),
  ({ public: register }) => register.publishedSince(0),
  ({ public: register }) => register.standings([ID]),
  ({ public: register }) => register.addChanges(pendingChanges('closed', [ID])),
  ({ public: register }) => register.waitingChanges(),
  ({ public: register }) => register.lockNames([ID]),
  ({ public: register }) => register.dueChanges(1),
  ({ public: register }) => register.entry(ID),
  ({ public: register }) => collect(register.batches()),
  ({ public: register }) => collect(register.entries({})),
  ({ public: register }) => collect(register.leaves(0)),
  ({ public: register }) => register.check(),
  ({ claims }) => claims.insert(claimRows('closed', 1)),
  ({ claims }) => claims.get(new Uint8Array(32)),
  ({ claims }) => claims.nearest(new Uint8Array(32)),
  ({ claims }) => claims.dummySecret(),
  ({ claims }) => claims.count(),
  ({ claims }) => claims.check(),
  ({ settings }) => settings.get(),
  ({ settings }) => settings.put(key(1)),
  ({ tidy }) => tidy(),
];

export const wholeCases: readonly StoreCase[] = [
  storeCase('stores: after closing every call is REGISTRY_CLOSED', async (stores) => {
    for (let i = 0; i < 2; i++) await stores.close();
    for (const call of EVERY_CALL) await assertRejects(call(stores), 'REGISTRY_CLOSED');
  }),
  storeCase('stores: tidying with nothing to tidy changes nothing', async (stores) => {
    await stores.tidy();
    const rows = inboxRows('tidy', 3);
    await stores.inbox.put(rows);
    for (let i = 0; i < 2; i++) await stores.tidy();
    await stores.inbox.drain(
      rows.slice(1).map(({ id }) => id),
      [],
    );
    await stores.tidy();
    assertSame((await stores.inbox.waiting()).count, 1, 'waiting');
  }),
  storeCase('stores: rows of the wrong shape are refused and change nothing', async (stores) => {
    const { vault, shred, public: register, claims, keys } = stores;
    const [record, shredRow, claim, item] = [vaultRows('wrong', 1), shredRows('wrong', 1), claimRows('wrong', 1), poolItems('wrong', 1)];
    for (const wrong of [{ id: key(1, 15) }, { period: 1.5 }, { digest: key(1, 31) }, { identity: 'text' }, { link: undefined }])
      await assertRefused(vault.insert(record.map((row) => ({ ...row, ...wrong }) as never)), 'a record');
    for (const wrong of [{ id: key(1, 17) }, { generation: -1 }, { wrapped: key(1, 71) }]) {
      await assertRefused(shred.insert(shredRow.map((row) => ({ ...row, ...wrong }))), 'a shred');
      await assertRefused(shred.rewrap(shredRow.map((row) => ({ was: row.wrapped, row: { ...row, ...wrong } }))), 'a rewrap');
    }
    await assertRefused(shred.rewrap(shredRow.map((row) => ({ was: key(1, 71), row }))), 'a rewrap');
    for (const wrong of [{ locator: key(1, 31) }, { row: 'text' }])
      await assertRefused(claims.insert(claim.map((row) => ({ ...row, ...wrong }) as never)), 'a claim');
    for (const wrong of [{ dueDay: 0.5 }, { cell: 7 }, { digest: key(1, 31) }, { salt: 'text' }, { statement: undefined }])
      await assertRefused(register.addToPool(item.map((row) => ({ ...row, ...wrong }) as never)), 'a pool item');
    const batch = batchOf([], 0, 1);
    for (const wrong of [{ leaves: [] }, { leaves: ['text'] }, { expectedSize: -1 }, { increments: new Map([['statements', 0.5]]) }])
      await assertRefused(register.appendBatch({ ...batch, ...wrong } as never), 'a batch');
    const change = pendingChanges('wrong', [ID]);
    for (const wrong of [
      { id: key(1, 15) },
      { kind: 'other' },
      { by: 'somebody' },
      { dueDay: 0.5 },
      { value: 7 },
      { salt: key(1, 31) },
      { signature: key(1) },
    ])
      await assertRefused(register.addChanges(change.map((row) => ({ ...row, ...wrong }) as never)), 'a change');
    await assertRefused(
      register.appendBatch({ ...batch, changes: { settled: [{ ...change[0], published: true }], entries: [] } } as never),
      'a batch',
    );
    for (const wrong of [key(1, 95), key(0)]) await assertRefused(keys.putEpochKey(1, wrong, key(1, 1249), 8), 'an epoch key');
    await assertRefused(keys.putEpochKey(1, key(1), key(1, 1249), 8.5), 'an expiry');
    for (const wrong of [key(1, 31), key(0, 32)]) await assertRefused(keys.putKek(1, wrong), 'a KEK');
    const sizes = [await vault.count(), await shred.generations(), await claims.count(), await register.poolSize(), await keys.epochs()];
    assertSame(sizes, [0, new Map(), 0, 0, []], 'nothing stored');
    assertSame([(await register.state()).logSize, await keys.keks()], [0, []], 'nothing appended');
  }),
  pairCase('stores: what one instance wrote another reads', async (one, other) => {
    await one.settings.put(key(3));
    await one.keys.putEpochKey(7, key(1), key(2), 14);
    assertSame([await other.settings.get(), await other.keys.epochs()], [key(3), [7]], 'settings and keys');
    await other.close();
    await assertRejects(other.vault.count(), 'REGISTRY_CLOSED');
    assertSame(await one.vault.count(), 0, 'the first still answers');
  }),
];
