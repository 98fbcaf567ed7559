import { toHex, wipe } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { drawBytes, randomInt } from '../foundation/random.js';
import type { ShredRow } from '../sealed/ports.js';
import { erasedShred, isErasedShred, wrapShred } from '../sealed/shred.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { currentKek, type Kek, withOpenedShreds } from './kek.js';

/** Rows that change with one erasure outside a sort. */
export const WINDOW = 1024;
/** Erasures of one transaction: at most 128 × 1,024 rows are held in memory. */
const TOGETHER = 128;
const ATTEMPTS = 8;

interface Place {
  /** Where the window is: an id to erase, or a random point. */
  readonly point: Uint8Array;
  /** How many rows of the window come before it. */
  readonly before: number;
  /** How many from it on. */
  readonly rest: number;
}

/**
 * Overwrites the shreds of `erase` (ids; those without a row are ignored) and re-encrypts around each a window of consecutive rows in id
 * order, all with fresh nonces, in one transaction. The erased row is at a uniformly random place of its window and the circle of ids has
 * no end, so two images of the store show `size` changed rows of which each is as likely the erased one. With nothing to erase one window
 * around a random point changes, as an erasure would.
 *
 * A row that was erased before is such a "nothing": a second window around it would leave only what both have in common.
 * Rows that do not open are left alone (their key may have a replica), unless they are to be erased. No row is ever removed, and a lost
 * race with another writer is run again at the same place.
 *
 * Throws `STORE_BUSY` if the old bytes may still be read from the file, or if others kept writing: call it again.
 */
export async function rewriteWindow(context: RegistryContext, erase: readonly Uint8Array[], size: number = WINDOW): Promise<void> {
  const sealed = await stillSealed(context, erase);
  if (sealed.length === 0) await rewrite(context, [placeAt(context, drawBytes(context.random, ID_LENGTH), size)], new Set());
  for (let at = 0; at < sealed.length; at += TOGETHER) await eraseTogether(context, sealed.slice(at, at + TOGETHER), size);
}

async function eraseTogether(context: RegistryContext, ids: readonly Uint8Array[], size: number): Promise<void> {
  const places = ids.map((id) => placeAt(context, id, size));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await rewrite(context, places, new Set(ids.map(toHex)));
    if ((await stillSealed(context, ids)).length === 0) return;
  }
  throw new RegistryError('STORE_BUSY', 'others kept writing to the shreds; try again', { retryable: true });
}

/** Of the ids those whose row is there and is no tombstone, each once. */
async function stillSealed(context: RegistryContext, ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const rows = new Map<string, ShredRow>();
  for (const id of ids) {
    const row = await context.stores.shred.get(id);
    if (row !== undefined) rows.set(toHex(id), row);
  }
  const found = [...rows.values()];
  return withOpenedShreds(context, found, (open) => found.filter((row) => !isTombstone(open(row))).map(({ id }) => id));
}

/** Wipes what it is shown. A row that does not open is no tombstone: overwriting it is the only way to be sure. */
export function isTombstone(shred: Uint8Array | undefined): boolean {
  if (shred === undefined) return false;
  const erased = isErasedShred(shred);
  wipe(shred);
  return erased;
}

function placeAt(context: RegistryContext, point: Uint8Array, size: number): Place {
  const before = randomInt(context.random, size);
  return { point, before, rest: size - before };
}

async function rewrite(context: RegistryContext, places: readonly Place[], erase: ReadonlySet<string>): Promise<void> {
  const { shred } = context.stores;
  const rows = new Map<string, ShredRow>();
  for (const { point, before, rest } of places) {
    for (const row of await shred.backFrom(point, before)) rows.set(toHex(row.id), row);
    for (const row of await shred.from(point, rest)) rows.set(toHex(row.id), row);
  }
  const newest = await currentKek(context);
  const changed = await withOpenedShreds(context, [...rows.values()], (open) =>
    [...rows.values()].flatMap((row) => {
      const plain = erase.has(toHex(row.id)) ? erasedShred() : open(row);
      return plain === undefined ? [] : [{ was: row.wrapped, row: wrapped(context, newest, row.id, plain) }];
    }),
  );
  wipe(newest.key);
  await shred.rewrap(changed);
}

/** Under the newest key, as the rotation would do it within the week. */
function wrapped(context: RegistryContext, { generation, key }: Kek, id: Uint8Array, plain: Uint8Array): ShredRow {
  const row = { id, generation, wrapped: wrapShred(key, id, generation, plain, cryptoOptions(context)) };
  wipe(plain);
  return row;
}
