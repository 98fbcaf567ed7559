import { wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { drawDueDay } from '../public/delay.js';
import type { PoolItem } from '../public/ports.js';
import { wrapShred } from '../sealed/shred.js';
import { cellKey } from '../vocabulary/categories.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { currentDelayWindow } from './delay-window.js';
import { currentKek } from './kek.js';
import type { OpenedSubmission } from './open-submission.js';

/**
 * Writes one chunk of opened submissions into vault, shreds and pool, each in one transaction that the store puts into the order of its own id.
 * The two sides of a submission part here: nothing that is written to one store is written to another. Insert-if-absent throughout.
 * `fresh`: how many of them are new; repeats do not shorten anybody's delay.
 */
export async function writeAccepted(context: RegistryContext, accepted: readonly OpenedSubmission[], fresh: number): Promise<void> {
  if (accepted.length === 0) return;
  const { stores, clock } = context;
  const kek = await currentKek(context);
  const period = monthNumber(today(clock));
  // The shred first: a body whose shred is missing would be a record that nobody can open.
  await stores.shred.insert(
    accepted.map(({ inner: { recordId, shred } }) => ({
      id: recordId,
      generation: kek.generation,
      wrapped: wrapShred(kek.key, recordId, kek.generation, shred, cryptoOptions(context)),
    })),
  );
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
  wipe(kek.key);
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
