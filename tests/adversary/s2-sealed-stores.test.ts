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

describe(`the sealed stores of ${PEOPLE} people`, () => {
  it('have one value for all of each number, and bytes that are alike in length and in nothing else', () => {
    for (const [k, [, table]] of STORES.entries()) {
      const rows = stores[k] as SeizedRow[];
      expect(rows).toHaveLength(PEOPLE);
      const width = rows[0]?.columns.length ?? 0;
      const lengths = new Set(rows.map(({ columns }) => columns.map((column) => (Buffer.isBuffer(column) ? column.length : 0)).join()));
      printFound(`S2 sizes of envelope in ${table}`, lengths.size, 1);
      expect(lengths.size).toBe(1);
      for (let column = 0; column < width; column++) {
        const values = rows.map(({ columns }) => {
          const value = columns[column];
          return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
        });
        const different = new Set(values).size;
        const expected = MAY_REPEAT[table]?.includes(column) === true ? 1 : PEOPLE;
        expect({ table, column, different }).toEqual({ table, column, different: expected });
      }
    }
  });

  it('bytes of bodies are even: nothing of a plaintext shows', () => {
    const counts = new Array<number>(256).fill(0);
    let total = 0;
    // The last kilobyte of each contact: ciphertext, without the fixed head.
    for (const { columns } of stores[0] as SeizedRow[]) {
      for (const byte of (columns[4] as Buffer).subarray(-1024)) counts[byte] = (counts[byte] as number) + 1;
      total += 1024;
    }
    const expected = total / 256;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.99 % point of 255 degrees of freedom.
    process.stdout.write(`  S2 chi-square of ciphertext bytes  ${chi.toFixed(1)}  bound 347.7  ${chi < 347.7 ? 'held' : 'BROKEN'}\n`);
    expect(chi).toBeLessThan(347.7);
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
