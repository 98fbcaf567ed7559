import { beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, PEOPLE, seizedRegistry, SMALLER_BATCH } from './support/fixture.js';
import { byRank, byReversedRank, type Guesses } from './support/guesses.js';
import { identityPatterns } from './support/identity-patterns.js';
import { boundOf, printAttack, printControl, printFound, printFoundControl } from './support/report.js';
import { filesBelow } from './support/scan.js';
import { PLACES, type SeizedRow, seize, seizeEntries } from './support/seized.js';
import { join } from 'node:path';
import { registrationOf } from './support/build.js';

/**
 * S1: somebody has the public store, pool and site, and kept a list of who called when. Who came in one call: group.test.ts and
 * group-auc.test.ts. The public part itself is not in question: aliases, texts, categories and months are published.
 */
let fixture: Fixture;
/** Call numbers of the rows of a table. */
let callOf: ReadonlyMap<string, number>;

beforeAll(async () => {
  fixture = await seizedRegistry();
  callOf = new Map(fixture.truth.map(({ entry }, call) => [entry, call]));
}, 900_000);

const callsOf = (rows: readonly SeizedRow[]): number[] => rows.map(({ id }) => callOf.get(id.toString('hex')) as number);

/** Top-1: the call with the same rank. AUC: of two entries, the one that lies first came first. */
function attackOrder(name: string, calls: readonly number[], values: readonly number[]) {
  const hits = (guesses: Guesses) => guesses.filter((guess, i) => guess === i).length;
  const best = Math.max(hits(byRank(calls, values)), hits(byReversedRank(calls, values)));
  const chance = 1 / SMALLER_BATCH;
  const top = { attack: `S1 call by ${name}`, hits: best, trials: calls.length, chance, bound: boundOf(chance, calls.length, 30) };
  return { top, area: pairAuc(calls, values) };
}

/** Of all pairs with different values, how often the earlier call has the lower value. By merge counting, since there are eight million. */
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

function judgeOrder(stage: string, rows: readonly SeizedRow[]): { tops: string[]; worst: number } {
  const calls = callsOf(rows);
  const tops: string[] = [];
  let worst = 0;
  for (const [k, place] of PLACES.entries()) {
    const values = rows.map(({ places }) => places[k] as number);
    if (new Set(values).size < 2) continue;
    const { top, area } = attackOrder(`${stage} ${place}`, calls, values);
    printAttack(top);
    process.stdout.write(
      `  S1 order of calls by ${stage} ${place}  AUC ${area.toFixed(4)}  bound 0.50 ± 0.02  ${Math.abs(area - 0.5) <= 0.02 ? 'held' : 'BROKEN'}\n`,
    );
    if (top.hits / top.trials > top.bound) tops.push(top.attack);
    worst = Math.max(worst, Math.abs(area - 0.5));
  }
  return { tops, worst };
}

describe(`the public register of ${PEOPLE}`, () => {
  it.each([
    ['pool', 'sorted'],
    ['contents', 'published'],
  ] as const)('%s: no order of calls', (table, stage) => {
    const rows = seize(fixture.image(stage), 'public/public.db', table);
    expect(rows).toHaveLength(PEOPLE);
    const { tops, worst } = judgeOrder(table, rows);
    expect(tops).toEqual([]);
    expect(worst).toBeLessThanOrEqual(0.02);
  });

  it('register numbers: no order of calls', () => {
    const rows = seizeEntries(fixture.image('published'));
    expect(rows).toHaveLength(PEOPLE);
    const { tops, worst } = judgeOrder('entries', rows);
    expect(tops).toEqual([]);
    expect(worst).toBeLessThanOrEqual(0.02);
  });

  it('no identity: not a name, telephone, address of 1,000 people in the pool, the entries or the site', () => {
    const { patterns, peopleOf } = identityPatterns(0, 1000);
    for (const stage of ['sorted', 'published'] as const) {
      const files = filesBelow(join(fixture.image(stage), 'public'));
      const people = peopleOf(files.flatMap(({ bytes }) => patterns.scan(bytes).map(({ pattern }) => pattern)));
      printFound(`S1 people named in the public store, ${stage}`, people, 0);
      expect(people).toBe(0);
    }
    const leaky = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, (_, i) => registrationOf(i))));
    const found = peopleOf(patterns.scan(leaky).map(({ pattern }) => pattern));
    printFoundControl('S1 people named in a register that prints identities', found);
    expect(found).toBe(1000);
  });

  it('control: published at once, in the order of calls', () => {
    const calls = Array.from({ length: PEOPLE }, (_, i) => i);
    const { top, area } = attackOrder('register number, immediate publication', calls, calls);
    printControl(top);
    process.stdout.write(`  control S1 order of calls, immediate publication  AUC ${area.toFixed(4)}  caught\n`);
    expect([top.hits, area]).toEqual([PEOPLE, 1]);
  });
});
