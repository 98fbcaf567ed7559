import { wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { drawBytes } from '../foundation/random.js';
import type { KeyStore, ShredRow } from '../sealed/ports.js';
import { unwrapShred, wrapShred } from '../sealed/shred.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** The key that encrypts the shred store is replaced weekly; a backup of shreds dies with it. */
export const KEK_LIFETIME_DAYS = 7;
/** An old KEK outlives its successor's day by so many midnights (docs/decisions/004). */
export const KEK_GRACE_DAYS = 2;
/** Two processes around midnight may differ by a day. */
const DAYS_APART = 1;
/** A key dated in the future has a lasting successor then: made tomorrow, and once more the day after if tomorrow's was due anyway. */
const SEEN_WITHIN_DAYS = 2;
const KEK_LENGTH = 32;
const REWRAP_CHUNK = 1000;

export interface Kek {
  /** Day it was made. */
  readonly generation: number;
  readonly key: Uint8Array;
}

export interface Rotation {
  readonly rewrapped: number;
  /** Rows of earlier generations that do not open: left as they are, and the KEK they name with them. */
  readonly unreadable: number;
  /** Generations destroyed. */
  readonly destroyed: number;
}

/**
 * The newest KEK that is not dated in the future, made if there is none. A generation that exists is never replaced: of two makers, the second
 * reads the first's.
 *
 * One that a clock ahead has made is not used: nobody would replace it before its date, and until then no erasure would be final.
 */
export async function currentKek(context: RegistryContext): Promise<Kek> {
  const { keys } = context.stores;
  const day = today(context.clock);
  const newest = currentGeneration(await generationsOf(keys), day);
  if (newest === undefined) await makeKek(context, day);
  return readKek(context, newest ?? currentGeneration(await generationsOf(keys), day) ?? day);
}

/**
 * A new KEK for a day. Throws `STORE_INTEGRITY` where shreds of that day's key are there and the key is not: another under its name would hide
 * that it is lost, and stand in the way of its copy. Rows are counted before the key is looked for, for a key is there before its rows.
 */
async function makeKek({ stores: { keys, shred }, random }: RegistryContext, day: number): Promise<void> {
  if ((await shred.generations()).has(day) && (await keys.kek(day)) === undefined)
    throw new RegistryError('STORE_INTEGRITY', 'the key of shreds of this day is missing: put it back from the second disk');
  await keys.putKek(day, drawBytes(random, KEK_LENGTH));
}

export async function generationsOf(keys: Pick<KeyStore, 'keks'>): Promise<readonly number[]> {
  return (await keys.keks()).map(({ generation }) => generation);
}

/** The newest of them. Undefined where there is none, or only such that are dated in the future. */
export function currentGeneration(generations: readonly number[], day: number): number | undefined {
  const dated = generations.filter((generation) => generation <= day + DAYS_APART);
  return dated.length === 0 ? undefined : Math.max(...dated);
}

/**
 * The day after whose maintenance no key is left under which a row may have been until now. The one in use is replaced after a week, or today if
 * that is overdue, and goes when its successor has had its grace.
 *
 * One dated in the future was in use under a clock ahead. If it is far ahead it goes with the successor that is made because of it; else its date
 * comes before that, and it is in use for a week of its own.
 */
export function lastDayOfKeys(generations: readonly number[], day: number): number {
  const newest = currentGeneration(generations, day + SEEN_WITHIN_DAYS + KEK_GRACE_DAYS) ?? day;
  const isAhead = generations.some((generation) => generation > day + DAYS_APART);
  return Math.max(newest + KEK_LIFETIME_DAYS, day + (isAhead ? SEEN_WITHIN_DAYS : 0)) + KEK_GRACE_DAYS;
}

/**
 * Lends `work` a function that opens rows and gives their shreds, or `undefined` for a row whose key is missing or that does not open.
 * Each generation's key is read once and wiped at the end; wiping the shreds is the caller's part.
 */
export async function withOpenedShreds<T>(
  context: RegistryContext,
  rows: readonly ShredRow[],
  work: (open: (row: ShredRow) => Uint8Array | undefined) => T,
): Promise<T> {
  const keys = new Map<number, Uint8Array>();
  try {
    for (const generation of new Set(rows.map((row) => row.generation))) {
      const key = await context.stores.keys.kek(generation);
      if (key !== undefined) keys.set(generation, key);
    }
    return work((row) => openRow(keys.get(row.generation), row));
  } finally {
    wipe(...keys.values());
  }
}

/**
 * Weekly: makes a new KEK, re-encrypts every shred under it, and destroys an old one when no row of it is left and its successor is more
 * than a day old (two midnights, so that 23:59 and 00:01 are not a day), so that a sort that began under the old one cannot end with
 * shreds whose key is gone. So does one that is dated in the future, made while the clock was wrong. Interrupted anywhere, the next run goes on.
 * One damaged row does not stop the others.
 */
export async function rotateKek(context: RegistryContext): Promise<Rotation> {
  const { keys, shred } = context.stores;
  const day = today(context.clock);
  const current = await currentKek(context);
  wipe(current.key);
  const known = await generationsOf(keys);
  if (isDue(current.generation, known, day)) await makeKek(context, day);
  const target = await currentKek(context);
  let rewrapped = 0;
  let unreadable = 0;
  for await (const rows of rowsUnderOthers(context, target.generation)) {
    const moved = await rewrapRows(context, rows, target);
    rewrapped += (await shred.rewrap(moved)).length;
    unreadable += rows.length - moved.length;
  }
  wipe(target.key);
  if (target.generation > day - KEK_GRACE_DAYS) return { rewrapped, unreadable, destroyed: 0 };
  const inUse = await shred.generations();
  // Of those that were there at the beginning: one that another process has made since, behind midnight, has no row yet and will have all.
  const unused = known.filter((generation) => generation !== target.generation && !inUse.has(generation));
  for (const generation of unused) await keys.destroyKek(generation);
  return { rewrapped, unreadable, destroyed: unused.length };
}

/**
 * After a week; and sooner where a key is dated in the future, so that there is a successor from which its grace counts. Made for that, it lies
 * less than a week behind the one before, which is kept as long: then it is not made again.
 */
function isDue(current: number, all: readonly number[], day: number): boolean {
  if (day - current >= KEK_LIFETIME_DAYS) return true;
  const before = Math.max(...all.filter((generation) => generation < current));
  return day > current && all.some((generation) => generation > day + DAYS_APART) && current - before >= KEK_LIFETIME_DAYS;
}

/** Rows under earlier keys, and under later ones where a clock ahead has made some: only then rows of `generation` itself are passed over. */
async function* rowsUnderOthers({ stores: { shred } }: RegistryContext, generation: number): AsyncIterable<readonly ShredRow[]> {
  const newest = Math.max(generation, ...(await shred.generations()).keys());
  const end = newest === generation ? generation : newest + 1;
  let after: Uint8Array | undefined;
  for (;;) {
    const rows = await shred.before(end, REWRAP_CHUNK, after);
    if (rows.length === 0) return;
    after = rows.at(-1)?.id;
    yield rows.filter((row) => row.generation !== generation);
  }
}

/** Those of the rows that open, under `target` and with a fresh nonce; `was` is what they were read with. */
async function rewrapRows(context: RegistryContext, rows: readonly ShredRow[], target: Kek) {
  return withOpenedShreds(context, rows, (open) =>
    rows.flatMap((row) => {
      const plain = open(row);
      if (plain === undefined) return [];
      const wrapped = wrapShred(target.key, row.id, target.generation, plain, cryptoOptions(context));
      wipe(plain);
      return [{ was: row.wrapped, row: { id: row.id, generation: target.generation, wrapped } }];
    }),
  );
}

export async function readKek(context: RegistryContext, generation: number): Promise<Kek> {
  const key = await context.stores.keys.kek(generation);
  if (key === undefined) throw new RegistryError('STORE_INTEGRITY', 'the key of a shred generation is missing');
  return { generation, key };
}

function openRow(key: Uint8Array | undefined, row: ShredRow): Uint8Array | undefined {
  if (key === undefined) return undefined;
  try {
    return unwrapShred(key, row.id, row.generation, row.wrapped);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'OPEN_FAILED') return undefined;
    throw error;
  }
}
