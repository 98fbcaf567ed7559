import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Stores } from '../../src/registry/stores.js';
import { caught, hex, recordControl } from './support/erasure.js';
import { COMPANY, GUESSES, joinsOf, looksLikeErasure, oddities, type Round } from './support/erasure-join-attacks.js';
import { play, quietSort, type World, world } from './support/erasure-join-world.js';
import { boundOf, printFoundControl } from './support/report.js';
import type { SeizedRow } from './support/seized.js';

/** The attacks of `erasure-join.test.ts` on builds that leak: each guess must find what leads to it. */
const ROUNDS = 8;

/** Makes of `rows` some in which one guess, asked for `row`, names `wanted`: as a build looks that leaks just that. */
type Leak = (row: SeizedRow, wanted: SeizedRow, others: readonly SeizedRow[]) => readonly SeizedRow[];

const LEAKS: Readonly<Record<string, Leak>> = {
  'nearest id': (row, wanted, others) => [...others, { ...wanted, id: beside(row.id, wanted.id) }],
  'first id': (_, wanted, others) => [wanted, ...others],
  'middle id': (_, wanted, others) => others.toSpliced((others.length + 1) >> 1, 0, wanted),
  'last id': (_, wanted, others) => [...others, wanted],
  'first in the file': (_, wanted, others) => [...others, lyingAt(wanted, 1)],
  'last in the file': (_, wanted, others) => [...others, lyingAt(wanted, 2 ** 40)],
  'last of its page': (_, wanted, others) => [...others, lyingAt(wanted, 4095)],
  'shared bytes': (row, wanted, others) => [...others, { ...wanted, bytes: Buffer.concat([wanted.bytes, row.id]) }],
};

/** An id that begins as one does, one further, and ends as another. */
function beside(near: Buffer, own: Buffer): Buffer {
  const id = Buffer.from(own);
  id.writeUIntBE(near.readUIntBE(0, 6) + 1, 0, 6);
  return id;
}

const lyingAt = (row: SeizedRow, end: number): SeizedRow => ({ ...row, places: row.places.map((place, k) => (k === 2 ? end : place)) });

/** `rows` with the leak, and the row in question as it is in them. */
function led(leak: Leak, row: SeizedRow, wanted: string, rows: readonly SeizedRow[]): { rows: readonly SeizedRow[]; to: SeizedRow } {
  const target = rows.find(({ id }) => hex(id) === wanted) as SeizedRow;
  const others = rows.filter((each) => each !== target);
  const leaky = leak(row, target, others);
  return { rows: leaky, to: leaky.find((each) => !others.includes(each)) as SeizedRow };
}

/** The rounds as they look where one join leaks. */
const JOINS: Readonly<Record<string, (round: Round, leak: Leak) => Round>> = {
  'removal to erased record': toRecord,
  'removal to its reply': (round, leak) => {
    const { rows, to } = led(leak, round.removals[0] as SeizedRow, round.removalReply, round.newClaims);
    return { ...round, newClaims: rows, removalReply: hex(to.id) };
  },
  'erased record to its reply': (round, leak) => {
    const known = toRecord(round, leak);
    const shred = known.changed.find(({ id }) => hex(id) === known.record) as SeizedRow;
    const { rows, to } = led(leak, shred, round.eraseReply, round.newClaims);
    return { ...known, newClaims: rows, eraseReply: hex(to.id) };
  },
};

function toRecord(round: Round, leak: Leak): Round {
  const { rows, to } = led(leak, round.removals[0] as SeizedRow, round.record, round.changed);
  return { ...round, changed: rows, record: hex(to.id) };
}

describe('two images around a sort that erases a record and removes a text of one person', () => {
  let made: World;
  let rounds: readonly Round[];
  beforeAll(async () => {
    made = await world(ROUNDS, COMPANY);
    rounds = await play(made);
  });
  afterAll(() => made.target.destroy());

  it('every guess has its leak', () => expect(Object.keys(LEAKS)).toEqual(Object.keys(GUESSES)));

  it.each(Object.entries(LEAKS))('a leak by %s joins what it leads to, every time', (name, leak) => {
    for (const [join, leaking] of Object.entries(JOINS)) {
      const attack = `${join} by ${name}`;
      const hits = joinsOf(rounds.map((round) => leaking(round, leak))).get(attack) ?? 0;
      const result = { attack, hits, trials: ROUNDS, chance: 1 / COMPANY, bound: boundOf(1 / COMPANY, ROUNDS) };
      expect(caught(result), attack).toBe(true);
      expect(hits, attack).toBe(ROUNDS);
    }
  });

  it('a reply of another size, and one that is missing', () => {
    const [round] = rounds as [Round];
    expect(oddities(round)).toEqual([]);
    const [first, ...rest] = round.newClaims as [SeizedRow, ...SeizedRow[]];
    const longer = { ...first, bytes: Buffer.concat([first.bytes, Buffer.alloc(1)]) };
    const found = [
      { ...round, newClaims: [longer, ...rest] },
      { ...round, newClaims: rest },
    ].map(oddities);
    printFoundControl('erasure: claim rows that stand out', found.flat().length);
    expect(found).toEqual([['claim rows of several sizes'], ['not one claim row for each submission']]);
  });
});

describe('an erasure that changes its row alone', () => {
  it('is joined to its removal every time, and shows beside a sort without requests', async () => {
    const made = await world(ROUNDS, COMPANY, (stores) => ({ ...stores, shred: oneRow(stores.shred) }));
    onTestFinished(() => made.target.destroy());
    const rounds = await play(made);
    expect(rounds.map(({ changed }) => changed.length)).toEqual(rounds.map(() => 1));
    const hits = joinsOf(rounds).get('removal to erased record by nearest id');
    recordControl('one-row erasure joined to a removal', hits ?? 0, rounds.length);
    expect(hits).toBe(rounds.length);
    expect(rounds.map(oddities)).toEqual(rounds.map(() => ['the window is smaller than the company']));

    const seen = !looksLikeErasure(await quietSort(made));
    recordControl('sort without erasure that changes no row', seen ? 1 : 0, 1);
    expect(seen).toBe(true);
  }, 600_000);
});

/** What nobody may build: a shred store in which a row has no neighbours. */
function oneRow(shred: Stores['shred']): Stores['shred'] {
  return {
    insert: (rows) => shred.insert(rows),
    get: (id) => shred.get(id),
    before: (generation, limit, after) => shred.before(generation, limit, after),
    from: async (id) => {
      const row = await shred.get(id);
      return row === undefined ? [] : [row];
    },
    backFrom: async () => [],
    rewrap: (rows) => shred.rewrap(rows),
    generations: () => shred.generations(),
    check: () => shred.check(),
  };
}
