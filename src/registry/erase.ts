import type { RecordStatus } from '../claims/reply.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { dateOfDay } from '../vocabulary/period.js';
import { idFromHex, idToHex, type RecordId } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { generationsOf, lastDayOfKeys, withOpenedShreds } from './kek.js';
import { isTombstone, rewriteWindow } from './shred-window.js';

/**
 * Destroys the shred of a record, without which no quorum opens it. `finalOn` (`YYYY-MM-DD`): after that day's `maintain` no key is left
 * that opens the shred in a backup of the shred store, provided `maintain` runs daily, under a right clock, and reports no unreadable shreds. Erasing again is
 * fine and counts from the present key, so the day may be later than the first time said, never earlier. A backup of the inbox, which must
 * not be made, is another matter: whoever has one opens what waited in it until the epoch's key goes, some 37 days after it was sent.
 *
 * Throws `RECORD_UNKNOWN`, `FORMAT_INVALID` (id), `STORE_BUSY` when remnants may still be read: then it must be called again.
 */
export async function eraseRecord(context: RegistryContext, recordId: RecordId): Promise<{ readonly finalOn: string }> {
  const [finalOn] = await eraseShreds(context, [idFromHex(recordId)]);
  if (finalOn === undefined) throw new RegistryError('RECORD_UNKNOWN', 'there is no such record');
  return { finalOn };
}

/**
 * For each id the day of `eraseRecord`, or undefined where there is no such record. At least one window of `windowSize` rows changes, also
 * where there is nothing to erase: that a window is missing must not be a sign.
 */
export async function eraseShreds(
  context: RegistryContext,
  ids: readonly Uint8Array[],
  windowSize?: number,
): Promise<readonly (string | undefined)[]> {
  const known = await Promise.all(ids.map(async (id) => (await context.stores.shred.get(id)) !== undefined));
  await rewriteWindow(
    context,
    ids.filter((_, i) => known[i]),
    windowSize,
  );
  if (!known.includes(true)) return ids.map(() => undefined);
  const finalDay = lastDayOfKeys(await generationsOf(context.stores.keys), today(context.clock));
  return known.map((there) => (there ? dateOfDay(finalDay) : undefined));
}

/** Undefined for a record no store has. */
export async function recordStatus(context: RegistryContext, recordId: RecordId): Promise<RecordStatus | undefined> {
  return (await recordStatuses(context, [idFromHex(recordId)])).at(0);
}

/** The same for many. A shred that does not open was not erased: it counts as sealed, and maintenance reports it. */
export async function recordStatuses(context: RegistryContext, ids: readonly Uint8Array[]): Promise<readonly (RecordStatus | undefined)[]> {
  const { vault, shred } = context.stores;
  const records = await vault.digests(ids);
  const rows = await Promise.all(ids.map(async (id) => (records.has(idToHex(id)) ? await shred.get(id) : undefined)));
  const found = rows.filter((row) => row !== undefined);
  return withOpenedShreds(context, found, (open) =>
    rows.map((row) => {
      if (row === undefined) return undefined;
      return isTombstone(open(row)) ? 'erased' : 'sealed';
    }),
  );
}
