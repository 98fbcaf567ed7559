import { wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { drawDueDay } from '../public/delay.js';
import type { PoolItem } from '../public/ports.js';
import type { ShredRow } from '../sealed/ports.js';
import { wrapShred } from '../sealed/shred.js';
import { cellKey } from '../vocabulary/categories.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { currentDelayWindow } from './delay-window.js';
import { currentKek, generationsOf } from './kek.js';
import type { OpenedSubmission } from './open-submission.js';

/**
 * Writes one chunk of opened submissions into vault, shreds and pool, each in one transaction that the store puts into the order of its own id.
 * The two sides of a submission part here: nothing that is written to one store is written to another. Insert-if-absent throughout.
 * `fresh`: how many of them are new; repeats do not shorten anybody's delay.
 */
export async function writeAccepted(context: RegistryContext, accepted: readonly OpenedSubmission[], fresh: number): Promise<void> {
  if (accepted.length === 0) return;
  const { stores, clock } = context;
  const period = monthNumber(today(clock));
  // The shred first: a body whose shred is missing would be a record that nobody can open.
  await insertShreds(context, accepted);
  await stores.vault.insert(
    accepted.map(({ inner: { recordId, identity, contact, link }, recordDigest }) => ({
      id: recordId,
      period,
      digest: recordDigest,
      identity: copyOf(identity),
      contact: copyOf(contact),
      link: copyOf(link),
    })),
  );
  await stores.public.addToPool(await poolItems(context, accepted, fresh));
}

/**
 * A machine may sleep for days between reading the key and writing (a lid that was closed, a virtual machine that was moved); then the key may be
 * gone, and only this sort still knows the shreds. They are written again, over our own rows only.
 */
async function insertShreds(context: RegistryContext, accepted: readonly OpenedSubmission[]): Promise<void> {
  const { keys, shred } = context.stores;
  const rows = await wrapAll(context, accepted);
  await shred.insert(rows);
  const generations = await generationsOf(keys);
  if (rows.every(({ generation }) => generations.includes(generation))) return;
  const again = await wrapAll(context, accepted);
  await shred.rewrap(again.map((row, i) => ({ was: (rows[i] as ShredRow).wrapped, row })));
}

async function wrapAll(context: RegistryContext, accepted: readonly OpenedSubmission[]): Promise<readonly ShredRow[]> {
  const { generation, key } = await currentKek(context);
  const rows = accepted.map(({ inner: { recordId, shred } }) => ({
    id: recordId,
    generation,
    wrapped: wrapShred(key, recordId, generation, shred, cryptoOptions(context)),
  }));
  wipe(key);
  return rows;
}

/** For a store: a window on the inside would hand the vault the statement as well: it lies in the same buffer. */
function copyOf(window: Uint8Array): Uint8Array {
  return new Uint8Array(window);
}

async function poolItems(context: RegistryContext, accepted: readonly OpenedSubmission[], fresh: number): Promise<PoolItem[]> {
  const day = today(context.clock);
  const window = await currentDelayWindow(context, fresh);
  return accepted.map(({ entryId, statement, statementDigest, inner }) => ({
    id: entryId,
    dueDay: drawDueDay(day, window, context.random),
    cell: cellKey(statement.categories),
    digest: statementDigest,
    salt: inner.salt,
    statement: inner.statement,
  }));
}

/** Month as `year * 12 + month - 1`: the finest time on the sealed side. */
function monthNumber(day: number): number {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
