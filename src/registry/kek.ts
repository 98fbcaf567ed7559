import { wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { unwrapShred, wrapShred } from '../sealed/shred.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** The key that encrypts the shred store is replaced weekly; a backup of shreds dies with it. */
export const KEK_LIFETIME_DAYS = 7;
const KEK_LENGTH = 32;
const REWRAP_CHUNK = 1000;

export interface Kek {
  /** Day it was made. */
  readonly generation: number;
  readonly key: Uint8Array;
}

/** The newest KEK, made if there is none. A generation that exists is never replaced: of two makers, the second reads the first's. */
export async function currentKek(context: RegistryContext): Promise<Kek> {
  const { keys } = context.stores;
  const newest = newestOf(await keys.keks());
  if (newest === undefined) await keys.putKek(today(context.clock), context.random.bytes(KEK_LENGTH));
  return readKek(context, newest ?? newestOf(await keys.keks()) ?? today(context.clock));
}

export async function readKek(context: RegistryContext, generation: number): Promise<Kek> {
  const key = await context.stores.keys.kek(generation);
  if (key === undefined) throw new RegistryError('STORE_INTEGRITY', 'the key of a shred generation is missing');
  return { generation, key };
}

/**
 * Weekly: makes a new KEK, re-encrypts every shred under it, and destroys an old one when no row of it is left and its successor is more
 * than a day old (two midnights, so that 23:59 and 00:01 are not a day), so that a sort that began under the old one cannot end with shreds whose key is gone. Interrupted anywhere, the next
 * run goes on. Returns the rows re-encrypted and the generations destroyed.
 */
export async function rotateKek(context: RegistryContext): Promise<{ rewrapped: number; destroyed: number }> {
  const { keys, shred } = context.stores;
  const day = today(context.clock);
  const current = await currentKek(context);
  if (day - current.generation >= KEK_LIFETIME_DAYS) await keys.putKek(day, context.random.bytes(KEK_LENGTH));
  const target = await currentKek(context);
  let rewrapped = 0;
  for (;;) {
    const rows = await shred.before(target.generation, REWRAP_CHUNK);
    if (rows.length === 0) break;
    const old = new Map<number, Kek>();
    for (const { generation } of rows) if (!old.has(generation)) old.set(generation, await readKek(context, generation));
    await shred.rewrap(
      rows.map((row) => {
        const plain = unwrapShred((old.get(row.generation) as Kek).key, row.id, row.generation, row.wrapped);
        const wrapped = wrapShred(target.key, row.id, target.generation, plain, cryptoOptions(context));
        wipe(plain);
        return { from: row.generation, row: { id: row.id, generation: target.generation, wrapped } };
      }),
    );
    for (const { key } of old.values()) wipe(key);
    rewrapped += rows.length;
  }
  wipe(current.key, target.key);
  if (target.generation >= day - 1) return { rewrapped, destroyed: 0 };
  const inUse = await shred.generations();
  const unused = (await keys.keks()).filter(({ generation }) => generation < target.generation && !inUse.has(generation));
  for (const { generation } of unused) await keys.destroyKek(generation);
  return { rewrapped, destroyed: unused.length };
}

function newestOf(keks: readonly { readonly generation: number }[]): number | undefined {
  return keks.length === 0 ? undefined : Math.max(...keks.map(({ generation }) => generation));
}
