import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, PEOPLE, seizedRegistry } from './support/fixture.js';
import { personOf } from './support/people.js';
import { printFound, printFoundControl } from './support/report.js';
import { type SeizedRow, seize } from './support/seized.js';
import { tupleHash } from './support/tuple-hash.js';

/** S2: somebody has the sealed stores and no key. He learns how many records there are and their month; nothing of whom. */
const STORES = [
  ['sealed/vault.db', 'records'],
  ['shred/shred.db', 'shreds'],
  ['claims/claims.db', 'claims'],
  ['sealed/inbox.db', 'seen'],
] as const;
const IDENTITIES = 1_000_000;
let stores: SeizedRow[][];

beforeAll(async () => {
  const fixture: Fixture = await seizedRegistry();
  stores = STORES.map(([file, table]) => seize(fixture.image('published'), file, table));
}, 900_000);

/** Columns in which two rows are alike say something about groups of people; only these may. */
const MAY_REPEAT: Readonly<Record<string, readonly number[]>> = { records: [1], shreds: [1], claims: [], seen: [1] };

/** 99.99 % point of chi-square with 255 degrees of freedom. */
const EVEN = 347.7;

/** How many shapes the rows have by the lengths of their columns, and how many different values each column. */
function likenessOf(rows: readonly SeizedRow[]): { readonly sizes: number; readonly different: readonly number[] } {
  const lengths = rows.map(({ columns }) => columns.map((column) => (Buffer.isBuffer(column) ? column.length : 0)).join());
  const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
  const different = rows[0]?.columns.map((_, k) => new Set(rows.map(({ columns }) => text(columns[k]))).size) ?? [];
  return { sizes: new Set(lengths).size, different };
}

/** Chi-square of all bytes against the same number of each. */
function unevennessOf(bodies: readonly Buffer[]): number {
  const counts = new Array<number>(256).fill(0);
  for (const body of bodies) for (const byte of body) counts[byte] = (counts[byte] as number) + 1;
  const expected = bodies.reduce((sum, { length }) => sum + length, 0) / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe(`the sealed stores of ${PEOPLE} people`, () => {
  it('have one value for all of each number, and bytes that are alike in length and in nothing else', () => {
    for (const [k, [, table]] of STORES.entries()) {
      const rows = stores[k] as SeizedRow[];
      expect(rows).toHaveLength(PEOPLE);
      const { sizes, different } = likenessOf(rows);
      printFound(`S2 sizes of envelope in ${table}`, sizes, 1);
      const expected = different.map((_, column) => (MAY_REPEAT[table]?.includes(column) === true ? 1 : PEOPLE));
      expect({ table, sizes, different }).toEqual({ table, sizes: 1, different: expected });
    }
  });

  it('control: one envelope a byte longer, and two that are the same, are seen', () => {
    const [first, second, ...others] = stores[0] as [SeizedRow, SeizedRow, ...SeizedRow[]];
    const contact = (bytes: Buffer): SeizedRow => ({ ...second, columns: second.columns.map((column, i) => (i === 4 ? bytes : column)) });
    const longer = likenessOf([first, contact(Buffer.concat([second.columns[4] as Buffer, Buffer.alloc(1)])), ...others]);
    printFoundControl('S2 sizes of envelope, one unpadded', longer.sizes);
    expect(longer.sizes).toBe(2);
    expect(likenessOf([first, contact(first.columns[4] as Buffer), ...others]).different[4]).toBe(PEOPLE - 1);
  });

  it('bytes of bodies are even: nothing of a plaintext shows', () => {
    // The last kilobyte of each contact: ciphertext, without the fixed head.
    const bodies = (stores[0] as SeizedRow[]).map(({ columns }) => (columns[4] as Buffer).subarray(-1024));
    const chi = unevennessOf(bodies);
    process.stdout.write(`  S2 chi-square of ciphertext bytes  ${chi.toFixed(1)}  bound ${EVEN}  ${chi < EVEN ? 'held' : 'BROKEN'}\n`);
    expect(chi).toBeLessThan(EVEN);
    // Control: one zero byte of padding in each body.
    const padded = bodies.map((body) => Buffer.concat([body.subarray(1), Buffer.alloc(1)]));
    const caught = unevennessOf(padded);
    process.stdout.write(
      `  control S2 one byte of padding in each  ${caught.toFixed(1)}  bound ${EVEN}  ${caught > EVEN ? 'caught' : 'MISSED'}\n`,
    );
    expect(caught).toBeGreaterThan(EVEN);
  });

  it(`of ${IDENTITIES.toLocaleString('en')} known identities none is confirmed by a digest; control: unkeyed tags confirm all`, () => {
    const known = new Set(
      stores.flat().flatMap(({ columns }) => columns.flatMap((column) => (Buffer.isBuffer(column) ? [start(column)] : []))),
    );
    const leaky = new Set(Array.from({ length: PEOPLE }, (_, i) => start(tagsOf(i)[1] as Buffer)));
    let [confirmed, caught] = [0, 0];
    for (let i = 0; i < IDENTITIES; i++) {
      const tags = tagsOf(i).map(start);
      if (tags.some((tag) => known.has(tag))) confirmed++;
      if (tags.some((tag) => leaky.has(tag))) caught++;
    }
    printFound(`S2 identities of ${IDENTITIES} confirmed`, confirmed, 0);
    printFoundControl('S2 identities confirmed by unkeyed tags', caught);
    expect([confirmed, caught]).toEqual([0, PEOPLE]);
  });
});

const start = (bytes: Buffer): string => bytes.toString('latin1', 0, 8);

/** What somebody with the population register can compute for a person: digests of what identifies him. */
function tagsOf(i: number): Buffer[] {
  const { names, phone } = personOf(i);
  const name = names[0] as string;
  return [
    createHash('sha256').update(name).digest(),
    createHash('sha256')
      .update(name + phone)
      .digest(),
    tupleHash('cryptonym/v1/sealed/digest', name, phone),
  ];
}
