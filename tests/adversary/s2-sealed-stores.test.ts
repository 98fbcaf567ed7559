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

/** One value for all where rows may be alike, else as many values as people. */
function expectedOf(table: string, different: readonly number[]): number[] {
  return different.map((_, column) => (MAY_REPEAT[table]?.includes(column) === true ? 1 : PEOPLE));
}

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
      expect({ table, sizes, different }).toEqual({ table, sizes: 1, different: expectedOf(table, different) });
    }
  });

  it.each(STORES)('control: %s, column by column: one value a byte longer, or as in another row, is seen', (file, table) => {
    const [first, second, ...others] = stores[STORES.findIndex(([name]) => name === file)] as [SeizedRow, SeizedRow, ...SeizedRow[]];
    const { different: honest } = likenessOf([first, second, ...others]);
    const withColumn = (k: number, value: Buffer | number) =>
      likenessOf([first, { ...second, columns: second.columns.map((column, i) => (i === k ? value : column)) }, ...others]);
    let seen = 0;
    for (const [k, column] of second.columns.entries()) {
      const repeats = MAY_REPEAT[table]?.includes(k) === true;
      if (Buffer.isBuffer(column)) seen += withColumn(k, Buffer.concat([column, Buffer.alloc(1)])).sizes - 1;
      const other = repeats ? (column as number) + 1 : (first.columns[k] as Buffer);
      const { different } = withColumn(k, other);
      expect(different[k]).toBe(repeats ? 2 : PEOPLE - 1);
      expect(different).not.toEqual(expectedOf(table, honest));
    }
    printFoundControl(`S2 columns of ${table} in which one value is a byte longer`, seen);
    expect(seen).toBe(second.columns.filter((column) => Buffer.isBuffer(column)).length);
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
    // The same rows as a build keeps them that puts a tag beside each: any of the three that can be computed.
    const tagged = (stores[0] as SeizedRow[]).map((row, i) => ({ ...row, columns: [...row.columns, tagsOf(i)[i % 3] as Buffer] }));
    const [known, leaky] = [stores.flat(), tagged].map(startsOf) as [ReadonlySet<string>, ReadonlySet<string>];
    let [confirmed, caught] = [0, 0];
    for (let i = 0; i < IDENTITIES; i++) {
      const tags = tagsOf(i).map(start);
      if (tags.some((tag) => known.has(tag))) confirmed++;
      // A tag of the name alone fits namesakes too.
      if (i < PEOPLE && tags.some((tag) => leaky.has(tag))) caught++;
    }
    printFound(`S2 identities of ${IDENTITIES} confirmed`, confirmed, 0);
    printFoundControl('S2 identities confirmed by unkeyed tags', caught);
    expect([confirmed, caught]).toEqual([0, PEOPLE]);
  });
});

const start = (bytes: Buffer): string => bytes.toString('latin1', 0, 8);

/** How every value of these rows begins. */
function startsOf(rows: readonly SeizedRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ columns }) => columns.flatMap((column) => (Buffer.isBuffer(column) ? [start(column)] : []))));
}

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
