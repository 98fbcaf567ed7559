import { concatBytes } from '../foundation/bytes.js';
import { assertRefused, assertSame } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { claimRows } from './sample-rows.js';

/** What a look-up asks of the store; the cases of rows by locator stand with those of keys and settings. */
export const nearestCases: readonly StoreCase[] = [
  storeCase('claims: nearest gives the row itself where there is one', async ({ claims }) => {
    const rows = claimRows('nearest', 40);
    await claims.insert(rows);
    for (const row of rows) assertSame(await claims.nearest(row.locator), row, 'the row and its locator');
  }),
  storeCase('claims: nearest gives some stored row for every other locator, the ends of the range included', async ({ claims }) => {
    assertSame(await claims.nearest(new Uint8Array(32)), undefined, 'nothing in an empty store');
    const rows = claimRows('others', 5);
    await claims.insert(rows);
    const unknown = [new Uint8Array(32), new Uint8Array(32).fill(0xff), ...claimRows('unknown', 20).map(({ locator }) => locator)];
    for (const locator of unknown) {
      const found = await claims.nearest(locator);
      const stored = rows.find((row) => found !== undefined && row.locator.every((byte, i) => byte === found.locator[i]));
      assertSame(found, stored, 'one of the stored rows, whole');
    }
    for (const wrong of [new Uint8Array(31), new Uint8Array(33), 'text'])
      await assertRefused(claims.nearest(wrong as Uint8Array), 'a locator');
  }),
  storeCase('claims: nearest tells locators apart that share all but the last byte, in the order of the bytes', async ({ claims }) => {
    const [row] = claimRows('neighbours', 1);
    const start = (row?.locator ?? new Uint8Array(32)).slice(0, 31);
    const at = (last: number) => ({ locator: concatBytes(start, Uint8Array.of(last)), row: new Uint8Array(296).fill(last) });
    await claims.insert([at(200)]);
    assertSame(await claims.nearest(at(200).locator), at(200), 'the only one');
    assertSame(await claims.nearest(at(201).locator), at(200), 'another than the one asked for');
  }),
  storeCase('claims: the secret of the dummies is 32 bytes, the same each time and its own', async ({ claims }) => {
    const secret = await claims.dummySecret();
    assertSame([secret.length, new Set(secret).size > 8], [32, true], '32 random bytes');
    const before = secret.slice();
    secret.fill(0);
    assertSame(await claims.dummySecret(), before, 'whatever a caller does with it');
    assertSame(await claims.check(), [], 'no problem');
  }),
  pairCase('claims: of two that make the secret both read the same, and it lasts', async (one, other) => {
    const [a, b] = await Promise.all([one.claims.dummySecret(), other.claims.dummySecret()]);
    assertSame([b, await one.claims.dummySecret()], [a, a], 'one secret');
  }),
];
