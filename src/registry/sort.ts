import { compareBytes, equalBytes, wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import type { HybridPrivateKey } from '../foundation/hybrid-kem.js';
import { decodeHybridPrivateKey } from '../foundation/hybrid-kem-open.js';
import type { QuarantineRow, WaitingRow } from '../sealed/ports.js';
import { idToHex } from '../vocabulary/ids.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { checkInner, type OpenedSubmission, openOuter } from './open-submission.js';
import { quarantine } from './quarantine.js';
import { writeAccepted } from './write-accepted.js';

export interface SortResult {
  /** False when the policy says to wait for more submissions. */
  readonly ran: boolean;
  readonly sorted: number;
  readonly quarantined: number;
  /** Submissions that still wait: for company, or for another attempt. */
  readonly waiting: number;
}

/** Most submissions opened at once: 2,048 × 24 KiB = 48 MiB. */
const CHUNK = 2048;
const FAILURES_BEFORE_QUARANTINE = 3;

/**
 * The mix. Takes what waits, in chunks of equal size, opens the outer layers, and writes each store in one transaction with rows sorted by
 * its own id; only then drains the inbox. Nothing stored says which record came with which statement: no shared id, order, time or digest.
 *
 * Crash-safe without a journal: every write is insert-if-absent and the inbox rows go last, so killing it anywhere and running it again
 * ends in exactly one record and one entry. Two sorts at once are harmless for the same reason.
 *
 * Runs when `sortMinimum` wait or the oldest has waited `sortMaxWaitDays`. Store errors (`STORE_*`) pass through and count against nobody.
 */
export async function sortInbox(context: RegistryContext): Promise<SortResult> {
  const { inbox } = context.stores;
  const { sortMinimum, sortMaxWaitDays } = context.settings.policy;
  const { count, oldestEpoch } = await inbox.waiting();
  const waitedLongEnough = oldestEpoch !== undefined && today(context.clock) - oldestEpoch >= sortMaxWaitDays;
  if (count === 0 || (count < sortMinimum && !waitedLongEnough)) return { ran: false, sorted: 0, quarantined: 0, waiting: count };

  const chunks = Math.ceil(count / CHUNK);
  const size = Math.ceil(count / chunks);
  const total = { sorted: 0, quarantined: 0 };
  const triedAgainLater = new Set<string>();
  for (let chunk = 0; chunk < chunks; chunk++) {
    const rows = (await inbox.take(size + triedAgainLater.size)).filter((row) => !triedAgainLater.has(idToHex(row.id)));
    const result = await sortChunk(context, rows.slice(0, size), triedAgainLater);
    total.sorted += result.sorted;
    total.quarantined += result.quarantined;
  }
  const { count: waiting } = await inbox.waiting();
  context.logger.info('sorted', { count: total.sorted, waiting });
  if (total.quarantined > 0) context.logger.warn('quarantined', { count: total.quarantined });
  return { ran: true, ...total, waiting };
}

async function sortChunk(
  context: RegistryContext,
  rows: readonly WaitingRow[],
  triedAgainLater: Set<string>,
): Promise<{ sorted: number; quarantined: number }> {
  const { stores } = context;
  const { opened, failed, gone } = await openAll(context, rows);
  const { accepted, collided } = await separateCollisions(context, opened);
  await writeAccepted(
    context,
    accepted.map(({ submission }) => submission),
  );

  const hopeless = failed.filter((row) => row.failures + 1 >= FAILURES_BEFORE_QUARANTINE);
  const again = failed.filter((row) => row.failures + 1 < FAILURES_BEFORE_QUARANTINE);
  const quarantined: QuarantineRow[] = [
    ...hopeless.map((row) => quarantine(context, row.id, row.submission)),
    ...collided.map(({ row, submission }) => quarantine(context, row.id, submission.padded)),
  ];
  if (again.length > 0) await stores.inbox.countFailure(again.map((row) => row.id));
  for (const row of again) triedAgainLater.add(idToHex(row.id));
  const removed = [...accepted.map(({ row }) => row), ...collided.map(({ row }) => row), ...hopeless, ...gone].map((row) => row.id);
  await stores.inbox.drain(
    removed.sort(compareBytes),
    quarantined.sort((a, b) => compareBytes(a.id, b.id)),
  );
  return { sorted: accepted.length, quarantined: quarantined.length };
}

interface OpenedRow {
  readonly row: WaitingRow;
  readonly submission: OpenedSubmission;
}

async function openAll(
  context: RegistryContext,
  rows: readonly WaitingRow[],
): Promise<{ opened: OpenedRow[]; failed: WaitingRow[]; gone: WaitingRow[] }> {
  const keys = new Map<number, HybridPrivateKey | undefined>();
  const opened: OpenedRow[] = [];
  const failed: WaitingRow[] = [];
  const gone: WaitingRow[] = [];
  for (const row of rows) {
    if (!keys.has(row.epoch)) keys.set(row.epoch, await epochKey(context, row.epoch));
    const key = keys.get(row.epoch);
    // The epoch's private key was destroyed: the row is noise for us as for everybody.
    if (key === undefined) gone.push(row);
    else {
      try {
        opened.push({
          row,
          submission: checkInner(openOuter(row.submission, key, cryptoOptions(context)), context.settings, cryptoOptions(context)),
        });
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        failed.push(row);
      }
    }
  }
  for (const key of keys.values()) if (key !== undefined) wipe(key.scalar, key.seed);
  return { opened, failed, gone };
}

async function epochKey(context: RegistryContext, epoch: number): Promise<HybridPrivateKey | undefined> {
  const encoded = await context.stores.keys.epochKey(epoch);
  return encoded === undefined ? undefined : decodeHybridPrivateKey(encoded);
}

/** A retry has the digests of what is stored; anything else under a known id is not overwritten and not dropped but quarantined. */
async function separateCollisions(
  context: RegistryContext,
  opened: readonly OpenedRow[],
): Promise<{ accepted: OpenedRow[]; collided: OpenedRow[] }> {
  const { stores } = context;
  const records = new Map(await stores.vault.digests(opened.map(({ submission }) => submission.inner.recordId)));
  const statements = new Map(await stores.public.digests(opened.map(({ submission }) => submission.entryId)));
  const accepted: OpenedRow[] = [];
  const collided: OpenedRow[] = [];
  for (const one of opened) {
    const { inner, entryId, recordDigest, statementDigest } = one.submission;
    const sameRecord = remember(records, idToHex(inner.recordId), recordDigest);
    const sameStatement = remember(statements, idToHex(entryId), statementDigest);
    (sameRecord && sameStatement ? accepted : collided).push(one);
  }
  return { accepted, collided };
}

function remember(known: Map<string, Uint8Array>, id: string, digest: Uint8Array): boolean {
  const before = known.get(id);
  if (before === undefined) known.set(id, digest);
  return before === undefined || equalBytes(before, digest);
}
