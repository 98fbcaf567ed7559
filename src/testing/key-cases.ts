import type { Stores } from '../registry/stores.js';
import { assertRejects, assertSame } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { claimRows } from './sample-rows.js';

const key = (fill: number, length = 96): Uint8Array => new Uint8Array(length).fill(fill);

export const keyCases: readonly StoreCase[] = [
  storeCase('keys: epoch keys are kept with their public half and die with it', async ({ keys }) => {
    await keys.putEpochKey(102, key(2), key(3, 1249), 109);
    await keys.putEpochKey(9, key(4), key(5, 1249), 16);
    assertSame(await keys.epochs(), [9, 102], 'epochs in order');
    assertSame(await keys.epochKey(102), key(2), 'private half');
    assertSame(await keys.epochKey(1), undefined, 'an unknown epoch');
    assertSame([await keys.hasEpochKey(102), await keys.hasEpochKey(1)], [true, false], 'which are there');
    const publicKeys = [
      { epoch: 9, expires: 16, publicKey: key(5, 1249) },
      { epoch: 102, expires: 109, publicKey: key(3, 1249) },
    ];
    assertSame(await keys.epochPublicKeys(0), publicKeys, 'public halves');
    assertSame([await keys.epochPublicKeys(10), await keys.epochPublicKeys(103)], [publicKeys.slice(1), []], 'of later epochs');
    for (let i = 0; i < 2; i++) await keys.destroyEpochKey(9);
    assertSame(
      [await keys.epochs(), await keys.hasEpochKey(9), await keys.epochKey(9), await keys.epochPublicKeys(0)],
      [[102], false, undefined, publicKeys.slice(1)],
      'after destruction',
    );
  }),
  storeCase('keys: KEKs by generation', async ({ keys }) => {
    await keys.putKek(20_007, key(7, 32));
    await keys.putKek(20_000, key(1, 32));
    assertSame(await keys.keks(), [{ generation: 20_000 }, { generation: 20_007 }], 'generations');
    for (let i = 0; i < 2; i++) await keys.destroyKek(20_000);
    assertSame([await keys.kek(20_000), await keys.kek(20_007)], [undefined, key(7, 32)], 'keys');
    assertSame(await keys.check(), [], 'no problem');
  }),
  storeCase('keys: a key that exists is never replaced', async ({ keys }) => {
    await keys.putEpochKey(5, key(1), key(2), 12);
    await keys.putEpochKey(5, key(3), key(4), 99);
    await keys.putKek(5, key(1, 32));
    await keys.putKek(5, key(2, 32));
    assertSame(
      [await keys.epochKey(5), await keys.epochPublicKeys(0), await keys.kek(5)],
      [key(1), [{ epoch: 5, expires: 12, publicKey: key(2) }], key(1, 32)],
      'the first',
    );
  }),
  pairCase('keys: of two makers both read the first', async (one, other) => {
    await Promise.all([one.keys.putKek(1, key(1, 32)), other.keys.putKek(1, key(2, 32))]);
    assertSame(await one.keys.kek(1), await other.keys.kek(1), 'the same key');
    const put = ({ keys }: Stores, fill: number) => keys.putEpochKey(1, key(fill), key(fill, 1249), 8);
    await Promise.all([put(one, 1), put(other, 2)]);
    const [found] = await other.keys.epochPublicKeys(1);
    assertSame((await one.keys.epochKey(1))?.[0], found?.publicKey[0], 'both halves of one maker');
  }),
];

export const claimCases: readonly StoreCase[] = [
  storeCase('claims: rows by locator, insert-if-absent', async ({ claims }) => {
    const rows = claimRows('claims', 6);
    await claims.insert(rows);
    await claims.insert(rows.map((row) => ({ ...row, row: new Uint8Array(296) })));
    for (const { locator, row } of rows) assertSame(await claims.get(locator), row, 'the row');
    assertSame(
      [await claims.get(new Uint8Array(32)), await claims.count(), await claims.check()],
      [undefined, 6, []],
      'unknown, count, check',
    );
  }),
  pairCase('claims: two writers of the same rows store each once', async (one, other) => {
    const rows = claimRows('race', 6);
    await Promise.all([one.claims.insert(rows), other.claims.insert(rows)]);
    assertSame([await one.claims.count(), await other.claims.check()], [6, []], 'count and check');
  }),
];

export const settingsCases: readonly StoreCase[] = [
  storeCase('settings: written once', async ({ settings }) => {
    assertSame(await settings.get(), undefined, 'none at first');
    await settings.put(key(1));
    await assertRejects(settings.put(key(2)), 'REGISTRY_EXISTS');
    assertSame(await settings.get(), key(1), 'the first');
  }),
  pairCase('settings: of two creators exactly one wins', async (one, other) => {
    const results = await Promise.allSettled([one.settings.put(key(1)), other.settings.put(key(2))]);
    assertSame(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one wins');
    assertSame(await one.settings.get(), await other.settings.get(), 'both read the same');
  }),
];
