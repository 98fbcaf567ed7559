import { equalBytes, toHex, wipe } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import type { HybridPrivateKey } from '../foundation/hybrid-kem.js';
import { decodeHybridPrivateKey } from '../foundation/hybrid-kem-open.js';
import type { WaitingRow } from '../sealed/ports.js';
import { idToHex } from '../vocabulary/ids.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { firstKeptEpoch } from './epochs.js';
import { checkInner, type OpenedSubmission, openOuter } from './open-submission.js';

/** A waiting row and what opening it gave. */
export interface SortableRow {
  readonly row: WaitingRow;
  readonly outcome: OpenedSubmission | 'failed' | 'gone';
}

export interface OpenedRow {
  readonly row: WaitingRow;
  readonly opened: OpenedSubmission;
  readonly recordId: string;
}

/** A row that is looked at again, and what of it would go to the quarantine. */
export interface FailedRow {
  readonly row: WaitingRow;
  readonly bytes: Uint8Array;
}

/** What the sort does with each row of a chunk. */
export interface Judgement {
  /** Of registrations that no store has yet; a re-wrapped one may be among them twice. */
  readonly fresh: readonly OpenedRow[];
  /** Half stored since a crash: writing them again completes them. */
  readonly begun: readonly OpenedRow[];
  /** Retries of what is stored whole. */
  readonly repeated: readonly OpenedRow[];
  /** A known id with other content: never overwritten, never dropped, but quarantined. */
  readonly collided: readonly OpenedRow[];
  readonly failed: readonly FailedRow[];
  readonly gone: readonly WaitingRow[];
}

/**
 * Opens the outer layers. A row of an epoch past its grace is `gone`: its key was destroyed and it is noise for us as for everybody.
 * Throws `STORE_INTEGRITY` if a key is missing before that: then nothing may be drained.
 */
export async function openAll(context: RegistryContext, rows: readonly WaitingRow[]): Promise<SortableRow[]> {
  const keys = new Map<number, HybridPrivateKey | undefined>();
  for (const { epoch } of rows) if (!keys.has(epoch)) keys.set(epoch, await epochKey(context, epoch));
  const sortable = rows.map((row) => ({ row, outcome: open(context, row, keys.get(row.epoch)) }));
  for (const key of keys.values()) if (key !== undefined) wipe(key.scalar, key.seed);
  return sortable;
}

function open(context: RegistryContext, row: WaitingRow, key: HybridPrivateKey | undefined): SortableRow['outcome'] {
  if (key === undefined) return 'gone';
  const options = cryptoOptions(context);
  try {
    return checkInner(openOuter(row.submission, key, options), context.settings);
  } catch (error) {
    if (error instanceof RegistryError) return 'failed';
    throw error;
  }
}

async function epochKey(context: RegistryContext, epoch: number): Promise<HybridPrivateKey | undefined> {
  const encoded = await context.stores.keys.epochKey(epoch);
  if (encoded !== undefined) return decodeHybridPrivateKey(encoded);
  if (epoch < firstKeptEpoch(today(context.clock))) return undefined;
  throw new RegistryError('STORE_INTEGRITY', 'the private key of an epoch that is still open is missing');
}

/**
 * Compares with what the stores have. Records are written before statements and claim rows, so a crash leaves a known record without them,
 * and only of a row whose writing had begun. Every other half-known pair is somebody's attempt to use what is not his, or to use his own
 * twice; one record has one entry and one claim row. A half-known row that has not begun may belong to a sort that runs at this moment: it
 * counts as failed and is looked at again.
 */
export async function judge(context: RegistryContext, rows: readonly SortableRow[]): Promise<Judgement> {
  const opened = rows.flatMap(({ row, outcome }): OpenedRow[] =>
    typeof outcome === 'string' ? [] : [{ row, opened: outcome, recordId: idToHex(outcome.inner.recordId) }],
  );
  const storedRecords = await context.stores.vault.digests(opened.map(({ opened: { inner } }) => inner.recordId));
  const storedStatements = await context.stores.public.digests(opened.map(({ opened: { entryId } }) => entryId));
  const records = new Map(storedRecords);
  const statements = new Map(storedStatements);
  const pairs = new Map<string, string>();
  const fresh: OpenedRow[] = [];
  const begun: OpenedRow[] = [];
  const repeated: OpenedRow[] = [];
  const collided: OpenedRow[] = [];
  const failed = rows.flatMap(({ row, outcome }): FailedRow[] => (outcome === 'failed' ? [{ row, bytes: row.submission }] : []));
  for (const one of opened) {
    const entryId = idToHex(one.opened.entryId);
    const locator = toHex(one.opened.inner.locator);
    const agrees =
      remember(records, one.recordId, one.opened.recordDigest, equalBytes) &&
      remember(statements, entryId, one.opened.statementDigest, equalBytes) &&
      remember(pairs, `record ${one.recordId}`, `${entryId} ${locator}`) &&
      remember(pairs, `entry ${entryId}`, one.recordId) &&
      remember(pairs, `claim ${locator}`, one.recordId);
    const recordKnown = storedRecords.has(one.recordId);
    const statementKnown = storedStatements.has(entryId);
    const claimKnown = (await context.stores.claims.get(one.opened.inner.locator)) !== undefined;
    if (!agrees || (!recordKnown && (statementKnown || claimKnown))) collided.push(one);
    else if (!recordKnown) fresh.push(one);
    else if (one.row.begun) begun.push(one);
    else if (statementKnown && claimKnown) repeated.push(one);
    else failed.push({ row: one.row, bytes: one.opened.padded });
  }
  return { fresh, begun, repeated, collided, failed, gone: rows.filter(({ outcome }) => outcome === 'gone').map(({ row }) => row) };
}

function remember<T>(known: Map<string, T>, id: string, value: T, same: (a: T, b: T) => boolean = Object.is): boolean {
  const before = known.get(id);
  if (before === undefined) known.set(id, value);
  return before === undefined || same(before, value);
}
