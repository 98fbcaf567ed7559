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
  storeCase('shred: rows of earlier generations, page by page', async ({ shred }) => {
    const rows = byId([...shredRows('page one', 5, 1), ...shredRows('page two', 5, 2)]);
    await shred.insert(rows);
    const [third, last] = [rows[2]?.id, rows[9]?.id];
    assertSame(await shred.before(3, 4, third), rows.slice(3, 7), 'after the third');
    assertSame(await shred.before(3, 4, last), [], 'after the last');
    assertSame(
      await shred.before(2, 9, third),
      rows.slice(3).filter(({ generation }) => generation === 1),
      'of the first generation',
    );
  }),
  storeCase('shred: neighbours on the circle of ids, forwards and backwards, each once', async ({ shred }) => {
    assertSame([await shred.from(new Uint8Array(16), 5), await shred.backFrom(new Uint8Array(16), 5)], [[], []], 'empty');
    const rows = byId(shredRows('circle', 7));
    await shred.insert(rows);
    const fifth = rows[4]?.id ?? new Uint8Array(0);
    const [smallest, greatest] = [new Uint8Array(16), new Uint8Array(16).fill(255)];
    const backwards = [...rows].reverse();
    assertSame(await shred.from(fifth, 2), rows.slice(4, 6), 'two from the fifth');
    assertSame(await shred.from(fifth, 5), [...rows.slice(4), ...rows.slice(0, 2)], 'over the end');
    assertSame(await shred.from(fifth, 100), [...rows.slice(4), ...rows.slice(0, 4)], 'every row once');
    assertSame(await shred.backFrom(fifth, 2), [rows[3], rows[2]], 'two before the fifth');
    assertSame(await shred.backFrom(fifth, 5), [...backwards.slice(3), backwards[0]], 'over the beginning');
    assertSame(await shred.backFrom(fifth, 100), [...backwards.slice(3), ...backwards.slice(0, 3)], 'every row once, backwards');
    assertSame([await shred.from(greatest, 7), await shred.from(smallest, 7)], [rows, rows], 'from ids that are none');
    assertSame([await shred.backFrom(greatest, 7), await shred.backFrom(smallest, 7)], [backwards, backwards], 'the same backwards');
    assertSame([await shred.from(fifth, 0), await shred.backFrom(fifth, 0)], [[], []], 'none');
  }),
  storeCase('shred: rewrap replaces the bytes that were read, and only those', async ({ shred }) => {
    const rows = byId(shredRows('rewrap', 4, 1));
    await shred.insert(rows);
    const to = (generation: number, fill: number) =>
      rows.map((row) => ({ was: row.wrapped, row: { ...row, generation, wrapped: new Uint8Array(72).fill(fill) } }));
    assertSame(await shred.rewrap(to(2, 2).slice(0, 3)), ids(rows.slice(0, 3)), 'the first three');
    assertSame(await shred.rewrap(to(3, 3).reverse()), ids(rows.slice(3)), 'the last: the others have other bytes now');
    assertSame(await shred.get(rows[0]?.id ?? new Uint8Array(16)), to(2, 2)[0]?.row, 'the first rewrap stays');
    const unknown = shredRows('unknown', 1).map((row) => ({ was: row.wrapped, row }));
    assertSame(await shred.rewrap(unknown), [], 'nothing comes into being');
    const expected = new Map([
      [2, 3],
      [3, 1],
    ]);
    assertSame(await shred.generations(), expected, 'generations');
    assertSame(await shred.check(), [], 'no problem');
  }),
  storeCase('shred: the same generation is no excuse: bytes read before an erasure do not come back', async ({ shred }) => {
    const [row] = shredRows('erased', 1, 1);
    if (row === undefined) throw new TypeError('one row');
    await shred.insert([row]);
    const tombstone = { ...row, wrapped: new Uint8Array(72).fill(9) };
    assertSame(await shred.rewrap([{ was: row.wrapped, row: tombstone }]), [row.id], 'erased');
    assertSame(await shred.rewrap([{ was: row.wrapped, row: { ...row, generation: 2 } }]), [], 'refused');
    assertSame(await shred.get(row.id), tombstone, 'still erased');
  }),
  pairCase('shred: of two rewraps at once exactly one wins, row by row', async (one, other) => {
    const rows = shredRows('race', 20, 1);
    await one.shred.insert(rows);
    const to = (generation: number, fill: number) =>
      rows.map((row) => ({ was: row.wrapped, row: { ...row, generation, wrapped: new Uint8Array(72).fill(fill) } }));
    const replaced = await Promise.all([one.shred.rewrap(to(1, 1)), other.shred.rewrap(to(2, 2))]);
    assertSame(byId(replaced.flat().map((id) => ({ id }))), byId(rows.map(({ id }) => ({ id }))), 'each id once');
    for (const { id } of rows) {
      const row = await one.shred.get(id);
      assertSame(new Set(row?.wrapped), new Set([row?.generation]), 'one of the two, whole');
    }
    assertSame(await one.shred.check(), [], 'no problem');
  }),
];
