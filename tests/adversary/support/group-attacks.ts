import { join } from 'node:path';
import Database from 'better-sqlite3';
import { chiSquare, hex } from './erasure.js';
import { joinBySharedBytes } from './joins.js';
import { type AttackResult, boundOf } from './report.js';
import type { SeizedRow } from './seized.js';

/** S1: which rows are of people who came in one call? What an attack names, and how it is scored; tests and controls share it. */
export type Pairs = readonly (readonly [string, string])[];

/** The truth, for scoring. */
export interface Groups {
  readonly count: number;
  readonly size: number;
  /** By hex id. */
  readonly of: ReadonlyMap<string, number>;
}

/** Each row with the one that lies before it, by one of `PLACES`. */
export function neighbours(rows: readonly SeizedRow[], place: number): Pairs {
  const order = [...rows].sort((a, b) => (a.places[place] ?? 0) - (b.places[place] ?? 0)).map(({ id }) => hex(id));
  return order.slice(1).map((id, i) => [order[i] as string, id] as const);
}

/** Few enough that seldom two of one group are among them: bytes that many of one side share count as constants. */
const SLICE = 10;

/** Each row with the one of the others that it shares most bytes with, slice by slice; a pair that names each other once. */
export function sharing(rows: readonly SeizedRow[]): Pairs {
  const pairs = new Map<string, readonly [string, string]>();
  for (let at = 0; at < rows.length; at += SLICE) {
    const slice = rows.slice(at, at + SLICE);
    const others = [...rows.slice(0, at), ...rows.slice(at + SLICE)];
    const guesses = joinBySharedBytes(
      slice.map(({ bytes }) => bytes),
      others.map(({ bytes }) => bytes),
    );
    for (const [i, guess] of guesses.entries()) {
      if (guess === undefined) continue;
      const [a, b] = [slice[i] as SeizedRow, others[guess] as SeizedRow].map(({ id }) => hex(id)).sort() as [string, string];
      pairs.set(a + b, [a, b]);
    }
  }
  return [...pairs.values()];
}

/** Three places and shared bytes, of four tables. */
const ATTACKS = 16;

/** Of the pairs an attack names, how many are of one group. */
export function scoreOf(attack: string, pairs: Pairs, { count, size, of }: Groups): AttackResult {
  const trials = pairs.length;
  const chance = (size - 1) / (count * size - 1);
  const hits = pairs.filter(([a, b]) => of.get(a) === of.get(b)).length;
  return { attack, hits, trials, chance, bound: trials === 0 ? 0 : boundOf(chance, trials, ATTACKS) };
}

/** What the pool of an image says of each group: the days its members are due, counted from `first`. */
export function dueDaysOf(image: string, first: number, { count, of }: Groups): number[][] {
  const database = new Database(join(image, 'public/public.db'), { readonly: true });
  const rows = database.prepare('SELECT id, due_day AS day FROM pool').all() as { id: Buffer; day: number }[];
  database.close();
  return Array.from({ length: count }, (_, group) => rows.filter(({ id }) => of.get(hex(id)) === group).map(({ day }) => day - first));
}

/** 99.99 % points of chi-square with one degree of freedom and with thirteen. */
const ONE_DEGREE = 15.14;
const THIRTEEN_DEGREES = 41.5;

export interface DayFindings {
  /** Members of a group are due on one day no more often than strangers. */
  readonly independent: boolean;
  /** Every day of the window is as likely, and no other is drawn. */
  readonly even: boolean;
}

/** Judges days drawn from a window of fourteen. */
export function judgeDays(attack: string, groups: readonly (readonly number[])[]): DayFindings {
  const window = 14;
  const { observed, expected, chi } = sameDay(groups, window);
  const days = evenness(groups.flat(), window);
  process.stdout.write(
    `  ${attack}: ${observed} pairs due the same day, independent ${expected.toFixed(1)}, chi-square ${chi.toFixed(2)} (held below ` +
      `${ONE_DEGREE}); evenness ${days.toFixed(1)} (held below ${THIRTEEN_DEGREES})\n`,
  );
  const inside = groups.flat().every((day) => day >= 0 && day < window);
  return { independent: chi < ONE_DEGREE, even: inside && days < THIRTEEN_DEGREES };
}

/** Pairs of one group due on the same day against independence: chi-square with one degree of freedom. */
function sameDay(groups: readonly (readonly number[])[], window: number): { observed: number; expected: number; chi: number } {
  const pairs = groups.flatMap((days) => days.flatMap((day, i) => days.slice(i + 1).map((other) => day === other)));
  const observed = pairs.filter(Boolean).length;
  const expected = pairs.length / window;
  return { observed, expected, chi: (observed - expected) ** 2 / expected + (observed - expected) ** 2 / (pairs.length - expected) };
}

/** Distribution over days: chi-square with window − 1 degrees of freedom. */
function evenness(days: readonly number[], window: number): number {
  return chiSquare(Array.from({ length: window }, (_, day) => days.filter((value) => value === day).length));
}
