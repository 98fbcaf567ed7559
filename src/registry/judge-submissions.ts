import { equalBytes, wipe } from '../foundation/bytes.js';
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

/** What the sort does with each row of a chunk. */
export interface Judgement {
  /** Of registrations that no store has yet; a re-wrapped one may be among them twice. */
  readonly fresh: readonly OpenedRow[];
  /** Retries of what is stored, or half stored since a crash: writing them again completes or changes nothing. */
  readonly known: readonly OpenedRow[];
  /** A known id with other content: never overwritten, never dropped, but quarantined. */
  readonly collided: readonly OpenedRow[];
  readonly failed: readonly WaitingRow[];
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
 * Compares with what the stores have. The stores are written records first, statements later, so a crash leaves a known record without a
 * statement, never the reverse: a known statement under a new record id is somebody's attempt to use an entry that is not his.
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
  const known: OpenedRow[] = [];
  const collided: OpenedRow[] = [];
  for (const one of opened) {
    const entryId = idToHex(one.opened.entryId);
    const agrees =
      remember(records, one.recordId, one.opened.recordDigest, equalBytes) &&
      remember(statements, entryId, one.opened.statementDigest, equalBytes) &&
      remember(pairs, `record ${one.recordId}`, entryId) &&
      remember(pairs, `entry ${entryId}`, one.recordId);
    const statementOfAnother = storedStatements.has(entryId) && !storedRecords.has(one.recordId);
    if (!agrees || statementOfAnother) collided.push(one);
    else if (storedRecords.has(one.recordId)) known.push(one);
    else fresh.push(one);
  }
  const of = (outcome: 'failed' | 'gone'): WaitingRow[] => rows.filter((one) => one.outcome === outcome).map(({ row }) => row);
  return { fresh, known, collided, failed: of('failed'), gone: of('gone') };
}

function remember<T>(known: Map<string, T>, id: string, value: T, same: (a: T, b: T) => boolean = Object.is): boolean {
  const before = known.get(id);
  if (before === undefined) known.set(id, value);
  return before === undefined || same(before, value);
}
