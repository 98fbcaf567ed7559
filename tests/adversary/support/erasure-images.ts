import { expect } from 'vitest';
import type { Random } from '../../../src/foundation/random.js';
import type { RegistryContext } from '../../../src/registry/context.js';
import { rewriteWindow } from '../../../src/registry/shred-window.js';
import type { Stores } from '../../../src/registry/stores.js';
import type { ShredRow } from '../../../src/sealed/ports.js';
import { wrapShred } from '../../../src/sealed/shred.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../../src/testing.js';
import { START } from './build.js';
import { chiSquare, hex } from './erasure.js';
import { type AttackResult, boundOf } from './report.js';

/**
 * S3: somebody has an image of the shred store from before an erasure and one from after. What tells the erased row? The attacks, shared by
 * `erasure.test.ts` and its controls.
 */
export const DAY = Math.floor(START / 86_400_000);
export const KEK = new Uint8Array(32).fill(7);
export const STORE = 96;
export const SIZE = 32;
/** p = 0.001 at 31 degrees of freedom. The seeds are fixed: a run that passes passes always. */
export const CHI_SQUARE_31 = 61.1;

/** A shred store with its key and nothing else: all that an erasure touches. */
export async function shredStore(seed: string, rows: number) {
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
export function changedRuns(before: readonly ShredRow[], after: readonly ShredRow[]): number[][] {
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

export interface Seen {
  readonly run: readonly number[];
  readonly before: readonly ShredRow[];
  readonly after: readonly ShredRow[];
}

const numberOf = (row: ShredRow | undefined): number => (row === undefined ? 0 : Buffer.from(row.id).readUIntBE(0, 6));
const gap = (rows: readonly ShredRow[], from: number, to: number): number =>
  (numberOf(rows.at(to % rows.length)) - numberOf(rows.at(from)) + 2 ** 48) % 2 ** 48;

/** Ways to order the changed rows. If the place of the erased one in any order is not uniform, that order finds it. */
export const ORDERS: Readonly<Record<string, (seen: Seen) => readonly (number | string)[]>> = {
  'place in the window': ({ run }) => run.map((_, i) => i),
  'rank of id': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).id)),
  'gap before it': ({ run, after }) => run.map((at) => gap(after, at - 1, at)),
  'gap after it': ({ run, after }) => run.map((at) => gap(after, at, at + 1)),
  'bytes before': ({ run, before }) => run.map((at) => hex((before[at] as ShredRow).wrapped)),
  'bytes after': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).wrapped)),
  'sealed bytes after, without nonce': ({ run, after }) => run.map((at) => hex((after[at] as ShredRow).wrapped.subarray(24))),
};

/** What a leaky erasure does differently; nothing, where it is left out. */
export interface Leak {
  readonly random?: (random: Random) => Random;
  /** What it leaves of the erased row, which is at `at`. */
  readonly trace?: (seen: Seen, at: number) => Seen;
}

/** Ranks of the erased row by every order, one list for each. */
export async function erasures(seed: string, trials: number, { random: randomOf, trace }: Leak = {}): Promise<Map<string, number[]>> {
  const { context, image, restore, ids, random } = await shredStore(seed, STORE);
  const victims = seededRandom(`${seed} victims`);
  const ranks = new Map(Object.keys(ORDERS).map((name): [string, number[]] => [name, []]));
  for (let trial = 0; trial < trials; trial++) {
    const victim = hex(ids[(victims.bytes(2).reduce((sum, byte) => sum * 256 + byte, 0) * STORE) >> 16] as Uint8Array);
    const before = await image();
    const at = before.findIndex(({ id }) => hex(id) === victim);
    await rewriteWindow({ ...context, random: randomOf?.(random) ?? random }, [(before[at] as ShredRow).id], SIZE);
    const after = await image();
    const runs = changedRuns(before, after);
    expect(runs.map(({ length }) => length)).toEqual([SIZE]);
    const run = runs[0] as number[];
    const place = run.indexOf(at);
    expect(place).toBeGreaterThanOrEqual(0);
    const seen = trace?.({ run, before, after }, at) ?? { run, before, after };
    for (const [name, order] of Object.entries(ORDERS)) ranks.get(name)?.push(rankAt(order(seen), place));
    await restore(after[at] as ShredRow, before[at] as ShredRow);
  }
  return ranks;
}

/** What an order finds: its result, and Pearson's statistic of the ranks. */
export function judgeOrder(name: string, ranks: readonly number[]): { readonly result: AttackResult; readonly statistic: number } {
  const { hits, trials } = learned(ranks);
  const statistic = chiSquare(countsOf(ranks));
  process.stdout.write(`    χ² of ${name}: ${statistic.toFixed(1)} (31 df, held below ${CHI_SQUARE_31})\n`);
  return { result: { attack: `changed row by ${name}`, hits, trials, chance: 1 / SIZE, bound: boundOf(1 / SIZE, trials) }, statistic };
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

/** Two rows erased at once, near each other: guesses at a particular one, and how often the two windows overlapped. */
export async function twoAtOnce(trials: number, { random: randomOf }: Leak = {}) {
  const { context, image, restore, ids, random } = await shredStore('two', STORE);
  const hits = { 'middle of the longest run': 0, 'first of the first run': 0, 'last of the longest run': 0 };
  let overlapped = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [one, other] = [(trial * 37) % STORE, (trial * 37 + 1 + ((random.bytes(1)[0] as number) % 40)) % STORE];
    const [victim, second] = [ids[one] as Uint8Array, ids[other] as Uint8Array];
    const before = await image();
    await rewriteWindow({ ...context, random: randomOf?.(random) ?? random }, [victim, second], SIZE);
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
  const results = Object.entries(hits).map(
    ([attack, n]): AttackResult => ({
      attack: `two at once, ${attack}`,
      hits: n,
      trials,
      chance: 1 / SIZE,
      bound: boundOf(1 / SIZE, trials),
    }),
  );
  return { results, overlapped };
}

const ROWS = 480;
const TURNS = 600;

/** Which window a turn has that erases nothing new; the row was erased before. */
export interface Turns {
  readonly name: string;
  /** Asks for the erasure again, or for none. */
  readonly erase: boolean;
  /** A leaky build: forgets that the row was erased. */
  readonly forgets?: boolean;
  /** A leaky build: lays the window around a row so many places behind the erased one. */
  readonly around?: number;
}

/** How often the windows of later turns hold the row, against chance; and that they hold it as often as that. */
export async function laterWindows({ name, erase, forgets = false, around }: Turns): Promise<{ result: AttackResult; avoided: boolean }> {
  const { context, image, ids, restore, stores } = await shredStore(name, ROWS);
  const victim = ids[0] as Uint8Array;
  const whole = await image();
  const placeOf = (rows: readonly ShredRow[]): number => rows.findIndex(({ id }) => hex(id) === hex(victim));
  const sealed = whole[placeOf(whole)] as ShredRow;
  const point = around === undefined ? undefined : (whole[(placeOf(whole) + around) % ROWS] as ShredRow).id;
  const random: Random = { bytes: (n) => (n === 16 && point !== undefined ? point : context.random.bytes(n)) };
  await rewriteWindow(context, [victim], SIZE);
  let hits = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    if (forgets) await restore((await stores.shred.get(victim)) as ShredRow, sealed);
    const before = await image();
    await rewriteWindow({ ...context, random }, erase ? [victim] : [], SIZE);
    const after = await image();
    const runs = changedRuns(before, after);
    expect(runs.map(({ length }) => length)).toEqual([SIZE]);
    if (runs.flat().includes(placeOf(after))) hits++;
  }
  const chance = chanceOf(whole, placeOf(whole));
  const bound = boundOf(chance, TURNS);
  const result = { attack: `window of a ${name} holds the row`, hits, trials: TURNS, chance, bound };
  return { result, avoided: hits / TURNS <= 2 * chance - bound };
}

/** How often a window that has nothing to erase may hold one row by chance: it lies around a random point, and gaps differ. */
function chanceOf(rows: readonly ShredRow[], row: number): number {
  let chance = 0;
  for (let ahead = 1 - SIZE; ahead < SIZE; ahead++) {
    const first = (row + ahead + ROWS) % ROWS;
    chance += ((gap(rows, first - 1, first) / 2 ** 48) * (SIZE - Math.abs(ahead))) / SIZE;
  }
  return chance;
}
