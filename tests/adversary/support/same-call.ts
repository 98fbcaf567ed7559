import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Entry } from '../../../src/index.js';
import { auc } from './auc.js';
import { shuffled } from './group-world.js';
import { type SeizedRow, seize, seizeContents } from './seized.js';

/** Everything a reader of the site and the thief of the public store have of one entry. */
export interface Seen {
  readonly entry: Entry;
  readonly salt: Buffer;
  readonly dueDay: number;
  readonly poolPlaces: readonly number[];
  readonly places: readonly number[];
}

/** `image` has the published register; `poolImage` is of a time when all of it waited. */
export function seenIn(image: string, entries: readonly Entry[], poolImage?: string): Seen[] {
  const contents = seizeContents(image);
  const salts = new Map(contents.map(({ id, columns }) => [id.toString('hex'), columns[1] as Buffer]));
  const places = placesOf(contents);
  const poolPlaces = poolImage === undefined ? undefined : placesOf(seize(poolImage, 'public/public.db', 'pool'));
  const days = poolImage === undefined ? undefined : columnOf<number>(poolImage, 'SELECT id, due_day AS value FROM pool');
  return entries.map((entry) => ({
    entry,
    salt: of(salts, entry),
    dueDay: days === undefined ? 0 : of(days, entry),
    poolPlaces: poolPlaces === undefined ? [0, 0, 0] : of(poolPlaces, entry),
    places: of(places, entry),
  }));
}

/** What was not found would count as alike for all, and so as nothing that tells. */
function of<T>(found: ReadonlyMap<string, T>, { entryId }: Entry): T {
  const value = found.get(entryId);
  if (value === undefined) throw new Error('an entry is not in the seized file');
  return value;
}

function columnOf<T>(image: string, sql: string): Map<string, T> {
  const database = new Database(join(image, 'public/public.db'), { readonly: true });
  const rows = database.prepare(sql).all() as { id: Buffer; value: T }[];
  database.close();
  return new Map(rows.map(({ id, value }) => [id.toString('hex'), value]));
}

function placesOf(rows: readonly SeizedRow[]): Map<string, readonly number[]> {
  return new Map(rows.map(({ id, places }) => [id.toString('hex'), places]));
}

const near = (a: number, b: number): number => -Math.abs(a - b);
const lead = (hex: string): number => Number.parseInt(hex.slice(0, 12), 16);
const nearHex = (a: string, b: string): number => near(lead(a), lead(b));
const sameBits = (a: string, b: string): number => {
  const [x, y] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return -x.reduce((sum, byte, i) => sum + (byte ^ (y[i] ?? 0)).toString(2).replaceAll('0', '').length, 0);
};

export type Feature = (a: Seen, b: Seen) => number;
export const WHAT_THE_LIBRARY_ADDS: Readonly<Record<string, Feature>> = {
  'register number': (a, b) => near(a.entry.registerNumber, b.entry.registerNumber),
  'same batch': (a, b) => Number(a.entry.batch === b.entry.batch),
  'near batch': (a, b) => near(a.entry.batch, b.entry.batch),
  'same due day': (a, b) => Number(a.dueDay === b.dueDay),
  'near due day': (a, b) => near(a.dueDay, b.dueDay),
  'id, near': (a, b) => nearHex(a.entry.entryId, b.entry.entryId),
  'id, bits': (a, b) => sameBits(a.entry.entryId, b.entry.entryId),
  'key, near': (a, b) => nearHex(a.entry.entryKey ?? '', b.entry.entryKey ?? ''),
  'key, bits': (a, b) => sameBits(a.entry.entryKey ?? '', b.entry.entryKey ?? ''),
  'salt, near': (a, b) => nearHex(a.salt.toString('hex'), b.salt.toString('hex')),
  'salt, bits': (a, b) => sameBits(a.salt.toString('hex'), b.salt.toString('hex')),
  'hash, near': (a, b) => nearHex(a.entry.contentHash, b.entry.contentHash),
  'hash, bits': (a, b) => sameBits(a.entry.contentHash, b.entry.contentHash),
  'suggested alias': (a, b) => Number(a.entry.name === b.entry.name),
  period: (a, b) => Number(a.entry.period === b.entry.period),
  ...Object.fromEntries([0, 1, 2].map((k) => [`pool, place ${k}`, (a: Seen, b: Seen) => near(a.poolPlaces[k] ?? 0, b.poolPlaces[k] ?? 0)])),
  ...Object.fromEntries([0, 1, 2].map((k) => [`entries, place ${k}`, (a: Seen, b: Seen) => near(a.places[k] ?? 0, b.places[k] ?? 0)])),
};
export const WHAT_A_FAMILY_CHOOSES: Readonly<Record<string, Feature>> = {
  'same text': (a, b) => Number(a.entry.text === b.entry.text),
  'same categories': (a, b) => Number(a.entry.categories.join() === b.entry.categories.join()),
};

type Pair = readonly [Seen, Seen];
/** The call of each, for scoring. */
export type CallOf = (one: Seen) => number;

/** All pairs of one call, and as many times six of different calls. */
function pairsOf(seen: readonly Seen[], callOf: CallOf): { readonly same: readonly Pair[]; readonly different: readonly Pair[] } {
  const byCall = new Map<number, Seen[]>();
  for (const one of seen) byCall.set(callOf(one), [...(byCall.get(callOf(one)) ?? []), one]);
  const same = [...byCall.values()].flatMap((members) => members.flatMap((a, i) => members.slice(i + 1).map((b) => [a, b] as const)));
  const different = Array.from({ length: 6 }, () => shuffled(seen)).flatMap((order) =>
    order.flatMap((b, i) => {
      const a = order[i - 1];
      return a === undefined || callOf(a) === callOf(b) ? [] : [[a, b] as const];
    }),
  );
  return { same, different };
}

/** How well each feature tells pairs of one call from others: the area under its curve. */
export function aucsOf(
  seen: readonly Seen[],
  callOf: CallOf,
  features: Readonly<Record<string, Feature>>,
): { readonly pairs: number; readonly aucs: Readonly<Record<string, number>> } {
  const { same, different } = pairsOf(seen, callOf);
  const of = (feature: Feature): number =>
    auc(
      same.map(([a, b]) => feature(a, b)),
      different.map(([a, b]) => feature(a, b)),
    );
  return { pairs: same.length, aucs: Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, of(feature)])) };
}

const BOUND = 0.52;

/** Features that tell who came in one call, the right way round or the wrong one. */
export function telling(aucs: Readonly<Record<string, number>>): string[] {
  return Object.keys(aucs).filter((name) => Math.max(aucs[name] as number, 1 - (aucs[name] as number)) > BOUND);
}
