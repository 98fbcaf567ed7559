import { toHex } from '../foundation/bytes.js';
import { assertSame, collect } from './assertions.js';
import { pairCase, type StoreCase, storeCase } from './conformance.js';
import { byId, shredRows, vaultRows } from './sample-rows.js';

const ids = (rows: readonly { readonly id: Uint8Array }[]): readonly Uint8Array[] => rows.map((row) => row.id);

export const vaultCases: readonly StoreCase[] = [
  storeCase('vault: what is inserted comes back, ids in order', async ({ vault }) => {
    const rows = vaultRows('insert', 40);
    await vault.insert(rows);
    for (const row of rows) assertSame(await vault.get(row.id), row, 'the record');
    assertSame(await collect(vault.ids()), ids(byId(rows)), 'all ids');
    assertSame(await vault.count(), 40, 'count');
    assertSame(await vault.get(new Uint8Array(16)), undefined, 'an unknown id');
  }),
  storeCase('vault: insert-if-absent, never upsert', async ({ vault }) => {
    const [first, second] = [vaultRows('absent', 2), vaultRows('present', 2)];
    await vault.insert(first);
    await vault.insert([...first, ...second.map((row, i) => ({ ...row, id: first[i]?.id ?? row.id }))]);
    assertSame(await vault.get(first[0]?.id ?? new Uint8Array(16)), first[0], 'the first stays');
    assertSame(await vault.count(), 2, 'count');
  }),
  storeCase('vault: digests of the ids that exist', async ({ vault }) => {
    const rows = vaultRows('digests', 3);
    await vault.insert(rows);
    const found = await vault.digests([...ids(rows), new Uint8Array(16)]);
    assertSame(found, new Map(rows.map((row) => [toHex(row.id), row.digest])), 'digests');
  }),
  storeCase('vault: more ids than one page', async ({ vault }) => {
    const rows = vaultRows('pages', 1100).map((row) => ({
      ...row,
      identity: new Uint8Array(1),
      contact: new Uint8Array(1),
      link: new Uint8Array(1),
    }));
    await vault.insert(rows);
    assertSame(await collect(vault.ids()), ids(byId(rows)), 'all ids');
  }),
  pairCase('vault: two writers of the same rows store each once', async (one, other) => {
    const rows = vaultRows('race', 10);
    await Promise.all([one.vault.insert(rows), other.vault.insert(rows)]);
    assertSame([await one.vault.count(), await other.vault.count()], [10, 10], 'count');
    assertSame(await other.vault.check(), [], 'no problem');
  }),
];

export const shredCases: readonly StoreCase[] = [
  storeCase('shred: what is inserted comes back, and is never overwritten by an insert', async ({ shred }) => {
    const rows = shredRows('insert', 5);
    await shred.insert(rows);
    await shred.insert(rows.map((row) => ({ ...row, generation: 5, wrapped: new Uint8Array(72) })));
    for (const row of rows) assertSame(await shred.get(row.id), row, 'the shred');
    assertSame(await shred.generations(), new Map([[20_000, 5]]), 'generations');
  }),
  storeCase('shred: rows of earlier generations, in id order, up to the limit', async ({ shred }) => {
    const rows = [...shredRows('one', 4, 1), ...shredRows('two', 4, 2), ...shredRows('three', 4, 3)];
    await shred.insert(rows);
    const older = byId(rows.filter((row) => row.generation < 3));
    assertSame(await shred.before(3, 100), older, 'all older');
    assertSame(await shred.before(3, 5), older.slice(0, 5), 'five');
    assertSame(await shred.before(1, 5), [], 'none');
  }),
  storeCase('shred: rewrap moves a row from the generation it was read with, and only then', async ({ shred }) => {
    const rows = byId(shredRows('rewrap', 4, 1));
    await shred.insert(rows);
    const moved = rows.map((row) => ({ ...row, generation: 2, wrapped: new Uint8Array(72).fill(2) }));
    await shred.rewrap(moved.slice(0, 3).map((row) => ({ from: 1, row })));
    await shred.rewrap(moved.map((row) => ({ from: 1, row: { ...row, generation: 3, wrapped: new Uint8Array(72).fill(3) } })));
    assertSame(await shred.get(rows[0]?.id ?? new Uint8Array(16)), moved[0], 'the first rewrap stays');
    assertSame(
      await shred.generations(),
      new Map([
        [2, 3],
        [3, 1],
      ]),
      'generations',
    );
    assertSame(await shred.check(), [], 'no problem');
  }),
  pairCase('shred: of two rewraps at once exactly one wins, row by row', async (one, other) => {
    const rows = shredRows('race', 20, 1);
    await one.shred.insert(rows);
    const to = (fill: number) => rows.map((row) => ({ from: 1, row: { ...row, generation: 2, wrapped: new Uint8Array(72).fill(fill) } }));
    await Promise.all([one.shred.rewrap(to(1)), other.shred.rewrap(to(2))]);
    assertSame(await other.shred.generations(), new Map([[2, 20]]), 'generations');
    for (const { id } of rows) {
      const wrapped = (await one.shred.get(id))?.wrapped ?? new Uint8Array(0);
      assertSame(new Set(wrapped).size, 1, 'one of the two, whole');
    }
    assertSame(await one.shred.check(), [], 'no problem');
  }),
];
