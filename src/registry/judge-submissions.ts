import { equalBytes, toHex } from '../foundation/bytes.js';
import type { WaitingRow } from '../sealed/ports.js';
import { idToHex } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import type { SortableRow } from './open-rows.js';
import type { OpenedRequest, OpenedSubmission } from './open-submission.js';

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

export interface RequestRow {
  readonly row: WaitingRow;
  readonly opened: OpenedRequest;
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
  readonly requests: readonly RequestRow[];
  readonly gone: readonly WaitingRow[];
}

/**
 * Compares with what the stores have. Records are written before statements and claim rows, so a crash leaves a known record without them,
 * and only of a row whose writing had begun. Every other half-known pair is somebody's attempt to use what is not his, or to use his own
 * twice; one record has one entry and one claim row. A half-known row that has not begun may belong to a sort that runs at this moment: it
 * counts as failed and is looked at again.
 */
export async function judge(context: RegistryContext, rows: readonly SortableRow[]): Promise<Judgement> {
  const opened = rows.flatMap(({ row, outcome }): OpenedRow[] =>
    typeof outcome === 'object' && 'inner' in outcome ? [{ row, opened: outcome, recordId: idToHex(outcome.inner.recordId) }] : [],
  );
  const requests = rows.flatMap(({ row, outcome }): RequestRow[] =>
    typeof outcome === 'object' && 'request' in outcome ? [{ row, opened: outcome }] : [],
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
  const gone = rows.filter(({ outcome }) => outcome === 'gone').map(({ row }) => row);
  return { fresh, begun, repeated, collided, failed, requests, gone };
}

function remember<T>(known: Map<string, T>, id: string, value: T, same: (a: T, b: T) => boolean = Object.is): boolean {
  const before = known.get(id);
  if (before === undefined) known.set(id, value);
  return before === undefined || same(before, value);
}
