import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrationOf } from './support/build.js';
import { type Fixture, PEOPLE, seizedRegistry, SMALLER_BATCH } from './support/fixture.js';
import { byRank, byReversedRank, type Guesses } from './support/guesses.js';
import { identityPatterns } from './support/identity-patterns.js';
import { copyOf, doctor, keepBeside, writeInOrder } from './support/leaky.js';
import { boundOf, printAttack, printControl, printFound, printFoundControl } from './support/report.js';
import { filesBelow } from './support/scan.js';
import { PLACES, type SeizedRow, seize, seizeContents, seizeEntries } from './support/seized.js';

/**
 * S1: somebody has the public store, pool and site, and kept a list of who called when. Who came in one call: group.test.ts and
 * group-auc.test.ts. The public part itself is not in question: aliases, texts, categories and months are published.
 */
let fixture: Fixture;
/** Call numbers of the rows of a table. */
let callOf: ReadonlyMap<string, number>;

const root = mkdtempSync(join(tmpdir(), 'adversary-s1-'));

beforeAll(async () => {
  fixture = await seizedRegistry();
  callOf = new Map(fixture.truth.map(({ entry }, call) => [entry, call]));
}, 900_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const callsOf = (rows: readonly SeizedRow[]): number[] => rows.map(({ id }) => callOf.get(id.toString('hex')) as number);

/** Top-1: the call with the same rank. AUC: of two entries, the one that lies first came first. */
function attackOrder(name: string, calls: readonly number[], values: readonly number[]) {
  const hits = (guesses: Guesses) => guesses.filter((guess, i) => guess === i).length;
  const best = Math.max(hits(byRank(calls, values)), hits(byReversedRank(calls, values)));
  const chance = 1 / SMALLER_BATCH;
  const top = { attack: `S1 call by ${name}`, hits: best, trials: calls.length, chance, bound: boundOf(chance, calls.length, 30) };
  return { top, area: pairAuc(calls, values) };
}

/** Of all pairs with different values, how often the earlier call has the lower value. There are eight million. */
function pairAuc(calls: readonly number[], values: readonly number[]): number {
  const order = calls.map((_, i) => i).sort((a, b) => (calls[a] as number) - (calls[b] as number));
  let [right, wrong] = [0, 0];
  for (const [i, a] of order.entries()) {
    for (let j = i + 1; j < order.length; j++) {
      const difference = (values[order[j] as number] as number) - (values[a] as number);
      if (difference > 0) right++;
      else if (difference < 0) wrong++;
    }
  }
  return right + wrong === 0 ? 0.5 : right / (right + wrong);
}

/** By every place that says anything, or of a leaky build by those that leak: which find the call, and by which the order of calls shows. */
function attackPlaces(stage: string, rows: readonly SeizedRow[], leaks?: readonly string[]): { calls: string[]; orders: string[] } {
  const control = leaks !== undefined;
  expect(rows).toHaveLength(PEOPLE);
  const found: { calls: string[]; orders: string[] } = { calls: [], orders: [] };
  for (const [k, place] of PLACES.entries()) {
    const values = rows.map(({ places }) => places[k] as number);
    if (new Set(values).size < 2 || leaks?.includes(place) === false) continue;
    const { top, area } = attackOrder(`${stage} ${place}`, callsOf(rows), values);
    const shows = Math.abs(area - 0.5) > 0.02;
    if (top.hits / top.trials > top.bound) found.calls.push(place);
    if (shows) found.orders.push(place);
    (control ? printControl : printAttack)(top);
    const verdict = control ? (shows ? 'caught' : 'MISSED') : shows ? 'BROKEN' : 'held';
    const name = `${control ? 'control ' : ''}S1 order of calls by ${stage} ${place}`;
    process.stdout.write(`  ${name}  AUC ${area.toFixed(4)}  bound 0.50 ± 0.02  ${verdict}\n`);
  }
  return found;
}

const STORED = [
  ['pool', 'sorted'],
  ['contents', 'published'],
] as const;
const stored = (table: 'pool' | 'contents', image: string) =>
  table === 'contents' ? seizeContents(image) : seize(image, 'public/public.db', table);

describe(`the public register of ${PEOPLE}`, () => {
  it.each(STORED)('%s: no order of calls', (table, stage) => {
    const found = attackPlaces(table, stored(table, fixture.image(stage)));
    expect(found).toEqual({ calls: [], orders: [] });
  });

  it('register numbers: no order of calls', () => {
    expect(attackPlaces('entries', seizeEntries(fixture.image('published')))).toEqual({ calls: [], orders: [] });
  });

  it.each([...STORED, ['entries', 'published']] as const)('control: %s in the order of calls', (table, stage) => {
    const image = copyOf(fixture.image(stage), join(root, table), ['public']);
    doctor(join(image, 'public/public.db'), (database) => {
      writeInOrder(
        database,
        table,
        fixture.truth.map(({ entry }) => entry),
      );
      if (table === 'entries') database.exec('UPDATE entries SET idx = rowid');
      database.exec('VACUUM');
    });
    const rows = table === 'entries' ? seizeEntries(image) : stored(table, image);
    const leaks = ['page', 'row-number'];
    expect(attackPlaces(`${table} in the order of calls,`, rows, leaks)).toEqual({ calls: leaks, orders: leaks });
  });

  it('control: rows each of whose places is the number of its call', () => {
    const rows = seizeContents(fixture.image('published'));
    const calls = callsOf(rows);
    const found = attackPlaces(
      'leaky',
      rows.map((row, i) => ({ ...row, places: PLACES.map(() => calls[i] as number) })),
      PLACES,
    );
    expect(found).toEqual({ calls: PLACES, orders: PLACES });
  });

  /** Sealed data of 1,000 people in any file of a public store. */
  function attackIdentities(directory: string): number {
    const { patterns, peopleOf } = identityPatterns(0, 1000);
    return peopleOf(filesBelow(directory).flatMap(({ bytes }) => patterns.scan(bytes).map(({ pattern }) => pattern)));
  }

  it('no identity: not a name, telephone, address of 1,000 people in the pool, the entries or the site', () => {
    for (const stage of ['sorted', 'published'] as const) {
      const people = attackIdentities(join(fixture.image(stage), 'public'));
      printFound(`S1 people named in the public store, ${stage}`, people, 0);
      expect(people).toBe(0);
    }
  });

  it('control: a register that prints identities', () => {
    const image = copyOf(fixture.image('published'), join(root, 'identities'), ['public']);
    doctor(join(image, 'public/public.db'), (database) => {
      keepBeside(
        database,
        'contents',
        new Map(fixture.truth.slice(0, 1000).map(({ entry }, i) => [entry, Buffer.from(JSON.stringify(registrationOf(i).identity))])),
      );
    });
    const found = attackIdentities(join(image, 'public'));
    printFoundControl('S1 people named in a register that prints identities', found);
    expect(found).toBe(1000);
  });
});
