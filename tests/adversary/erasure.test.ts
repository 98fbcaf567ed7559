import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/foundation/random.js';
import type { RegistryContext } from '../../src/registry/context.js';
import { rewriteWindow, WINDOW } from '../../src/registry/shred-window.js';
import type { ShredRow } from '../../src/sealed/ports.js';
import { erasedShred, wrapShred } from '../../src/sealed/shred.js';
import type { Stores } from '../../src/registry/stores.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../src/testing.js';
import { START } from './support/build.js';
import { chiSquare, held, hex, recordControl } from './support/erasure.js';
import { boundOf } from './support/report.js';

/**
 * S3: somebody has an image of the shred store from before an erasure and one from after. Which of the changed rows is the erased one?
 * Small windows and stores: what is asked is whether the place is uniform, and that takes thousands of trials, not large windows.
 */
const DAY = Math.floor(START / 86_400_000);
const KEK = new Uint8Array(32).fill(7);
const STORE = 96;
const SIZE = 32;
const TRIALS = 4096;
/** p = 0.001 at 31 degrees of freedom. The seeds are fixed: a run that passes passes always. */
const CHI_SQUARE_31 = 61.1;

/** A shred store with its key and nothing else: all that an erasure touches. */
async function shredStore(seed: string, rows: number) {
  const random = seededRandom(seed);
  const stores: Stores = createMemoryStores();
  const ids = Array.from({ length: rows }, () => random.bytes(16));
  await stores.keys.putKek(DAY, KEK);
  await stores.shred.insert(ids.map((id) => ({ id, generation: DAY, wrapped: wrapShred(KEK, id, DAY, random.bytes(32), { random }) })));
  const context = { stores, random, clock: fixedClock(START) } as unknown as RegistryContext;
  const image = () => stores.shred.from(new Uint8Array(16), rows);
  /** Brings back what an image has, so that thousands of trials may use one store. */
  const restore = async (was: ShredRow, row: ShredRow): Promise<void> => {
    expect(await stores.shred.rewrap([{ was: was.wrapped, row }])).toHaveLength(1);
  };
  return { stores, context, ids, image, restore, random };
}

/** What two images tell: the places of the rows that changed, as runs on the circle of ids. */
function changedRuns(before: readonly ShredRow[], after: readonly ShredRow[]): number[][] {
  const changed = after.map((row, i) => hex(row.wrapped) !== hex(before[i]?.wrapped ?? row.wrapped));
  const runs: number[][] = [];
  const first = Math.max(0, changed.indexOf(false));
  for (let step = 0; step < changed.length; step++) {
    const at = (first + step) % changed.length;
    if (!changed[at]) continue;
    if (changed.at(at - 1) && runs.length > 0) runs.at(-1)?.push(at);
    else runs.push([at]);
  }
  return runs;
}

/** How many of the values are smaller than the one at `place`. */
const rankAt = (values: readonly (number | string)[], place: number): number =>
  values.filter((value) => value < (values[place] as number | string)).length;

interface Seen {
  readonly run: readonly number[];
  readonly before: readonly ShredRow[];
  readonly after: readonly ShredRow[];
}

const numberOf = (row: ShredRow | undefined): number => (row === undefined ? 0 : Buffer.from(row.id).readUIntBE(0, 6));
const gap = (rows: readonly ShredRow[], from: number, to: number): number =>
  (numberOf(rows.at(to % rows.length)) - numberOf(rows.at(from)) + 2 ** 48) % 2 ** 48;

/** Ways to order the changed rows. If the place of the erased one in any order is not uniform, that order finds it. */
const ORDERS: Readonly<Record<string, (seen: Seen) => readonly (number | string)[]>> = {
  'place in the window': ({ run }) => run.map((_, i) => i),
  'rank of id': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).id)),
  'gap before it': ({ run, after }) => run.map((at) => gap(after, at - 1, at)),
  'gap after it': ({ run, after }) => run.map((at) => gap(after, at, at + 1)),
  'bytes before': ({ run, before }) => run.map((at) => hex((before[at] as ShredRow).wrapped)),
  'bytes after': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).wrapped)),
  'sealed bytes after, without nonce': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).wrapped.subarray(24))),
};

/** Ranks of the erased row by every order, one list for each. */
async function erasures(seed: string, trials: number, randomOf: (random: Random) => Random = (random) => random) {
  const { context, image, restore, ids, random } = await shredStore(seed, STORE);
  const victims = seededRandom(`${seed} victims`);
  const ranks = new Map(Object.keys(ORDERS).map((name): [string, number[]] => [name, []]));
  for (let trial = 0; trial < trials; trial++) {
    const victim = hex(ids[(victims.bytes(2).reduce((sum, byte) => sum * 256 + byte, 0) * STORE) >> 16] as Uint8Array);
    const before = await image();
    const at = before.findIndex(({ id }) => hex(id) === victim);
    await rewriteWindow({ ...context, random: randomOf(random) }, [(before[at] as ShredRow).id], SIZE);
    const after = await image();
    const runs = changedRuns(before, after);
    expect(runs.map(({ length }) => length)).toEqual([SIZE]);
    const run = runs[0] as number[];
    const place = run.indexOf(at);
    expect(place).toBeGreaterThanOrEqual(0);
    for (const [name, order] of Object.entries(ORDERS)) ranks.get(name)?.push(rankAt(order({ run, before, after }), place));
    await restore(after[at] as ShredRow, before[at] as ShredRow);
  }
  return ranks;
}

const countsOf = (ranks: readonly number[]): number[] => {
  const counts = new Array<number>(SIZE).fill(0);
  for (const rank of ranks) counts[rank] = (counts[rank] ?? 0) + 1;
  return counts;
};

/** Learns the best rank from the first half and names it throughout the second. */
function learned(ranks: readonly number[]): { hits: number; trials: number } {
  const half = ranks.length / 2;
  const counts = countsOf(ranks.slice(0, half));
  const best = counts.indexOf(Math.max(...counts));
  return { hits: ranks.slice(half).filter((rank) => rank === best).length, trials: half };
}

describe('two images around one erasure (S3)', () => {
  it('show a window of the right size in which every row is as likely the erased one', async () => {
    const broken: string[] = [];
    for (const [name, ranks] of await erasures('window', TRIALS)) {
      const { hits, trials } = learned(ranks);
      if (!held({ attack: `changed row by ${name}`, hits, trials, chance: 1 / SIZE, bound: boundOf(1 / SIZE, trials) })) broken.push(name);
      const statistic = chiSquare(countsOf(ranks));
      process.stdout.write(`    χ² of ${name}: ${statistic.toFixed(1)} (31 df, below ${CHI_SQUARE_31})\n`);
      if (statistic >= CHI_SQUARE_31) broken.push(`${name}, χ²`);
    }
    expect(broken).toEqual([]);
  });

  it('control: with a window that always begins at the erased row, the same orders find it every time', async () => {
    // The place in the window is the only draw of few bytes; nonces stay random.
    const atTheFront = (random: Random): Random => ({ bytes: (n) => (n < 16 ? new Uint8Array(n) : random.bytes(n)) });
    const ranks = (await erasures('front', 256, atTheFront)).get('place in the window') as number[];
    const { hits, trials } = learned(ranks);
    recordControl('window that begins at the erased row', hits, trials);
    expect([hits, trials]).toEqual([128, 128]);
    expect(chiSquare(countsOf(ranks))).toBeGreaterThan(CHI_SQUARE_31);
  });

  it('control: an erasure that changes its row alone is found every time', async () => {
    const { stores, ids, image, random } = await shredStore('naive', STORE);
    let found = 0;
    for (const id of ids) {
      const before = await image();
      const was = (await stores.shred.get(id))?.wrapped as Uint8Array;
      await stores.shred.rewrap([{ was, row: { id, generation: DAY, wrapped: wrapShred(KEK, id, DAY, erasedShred(), { random }) } }]);
      const after = await image();
      const [run, ...others] = changedRuns(before, after);
      if (others.length === 0 && run?.length === 1 && hex((after[run[0] as number] as ShredRow).id) === hex(id)) found++;
    }
    recordControl('one changed row', found, STORE);
    expect(found).toBe(STORE);
  });

  it('two erased at once: a particular one is still no likelier anywhere than 1 in a window', async () => {
    const { context, image, restore, ids, random } = await shredStore('two', STORE);
    const trials = 2048;
    const hits = { 'middle of the longest run': 0, 'first of the first run': 0, 'last of the longest run': 0 };
    let overlapped = 0;
    for (let trial = 0; trial < trials; trial++) {
      const [one, other] = [(trial * 37) % STORE, (trial * 37 + 1 + ((random.bytes(1)[0] as number) % 40)) % STORE];
      const [victim, second] = [ids[one] as Uint8Array, ids[other] as Uint8Array];
      const before = await image();
      await rewriteWindow(context, [victim, second], SIZE);
      const after = await image();
      const runs = changedRuns(before, after);
      const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), []);
      if (runs.length === 1 && longest.length < 2 * SIZE) overlapped++;
      const place = before.findIndex(({ id }) => hex(id) === hex(victim));
      if (longest[longest.length >> 1] === place) hits['middle of the longest run']++;
      if (runs[0]?.[0] === place) hits['first of the first run']++;
      if (longest.at(-1) === place) hits['last of the longest run']++;
      for (const id of [victim, second]) {
        const at = before.findIndex((row) => hex(row.id) === hex(id));
        await restore(after[at] as ShredRow, before[at] as ShredRow);
      }
    }
    // The windows must really overlap: that is where the middle is likelier than the ends.
    expect(overlapped).toBeGreaterThan(trials / 3);
    for (const [attack, n] of Object.entries(hits)) {
      const result = { attack: `two at once, ${attack}`, hits: n, trials, chance: 1 / SIZE, bound: boundOf(1 / SIZE, trials) };
      expect(held(result), attack).toBe(true);
    }
  });

  it('outside a sort the window has 1,024 rows', async () => {
    const { context, image, ids } = await shredStore('default', 1500);
    const before = await image();
    await rewriteWindow(context, [ids[0] as Uint8Array]);
    expect(changedRuns(before, await image()).map(({ length }) => length)).toEqual([WINDOW]);
    expect(WINDOW).toBe(1024);
  });
});

describe('many images (S3)', () => {
  const ROWS = 480;
  const TURNS = 600;

  /** How often a window that has nothing to erase may hold one row by chance: it lies around a random point, and gaps differ. */
  function chanceOf(rows: readonly ShredRow[], row: number): number {
    let chance = 0;
    for (let ahead = 1 - SIZE; ahead < SIZE; ahead++) {
      const first = (row + ahead + ROWS) % ROWS;
      chance += ((gap(rows, first - 1, first) / 2 ** 48) * (SIZE - Math.abs(ahead))) / SIZE;
    }
    return chance;
  }

  it.each([
    ['repeated erasure', 'changes a window elsewhere: two around one row would leave what they have in common', true],
    ['sort without erasure', 'changes a window too, anywhere', false],
  ] as const)('a %s %s', async (name, _, erase) => {
    const { context, image, ids } = await shredStore(name, ROWS);
    const victim = ids[0] as Uint8Array;
    await rewriteWindow(context, [victim], SIZE);
    let hits = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      const before = await image();
      await rewriteWindow(context, erase ? [victim] : [], SIZE);
      const after = await image();
      const runs = changedRuns(before, after);
      expect(runs.map(({ length }) => length)).toEqual([SIZE]);
      if (runs.flat().some((at) => hex((after[at] as ShredRow).id) === hex(victim))) hits++;
    }
    const rows = await image();
    const place = rows.findIndex(({ id }) => hex(id) === hex(victim));
    const chance = chanceOf(rows, place);
    expect(held({ attack: `window of a ${name} holds the row`, hits, trials: TURNS, chance, bound: boundOf(chance, TURNS) })).toBe(true);
    expect(hits / TURNS).toBeGreaterThan(2 * chance - boundOf(chance, TURNS)); // nor is the row avoided
  });
});
