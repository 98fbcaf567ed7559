import type { ClaimStore } from '../claims/ports.js';
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
  /** Half stored since a crash: writing them again completes them. With them the same in other wrappings. */
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
 * counts as failed and is looked at again. (What others count meanwhile hurts nobody: what is half stored has begun when it is taken again.)
 */
export async function judge(context: RegistryContext, rows: readonly SortableRow[]): Promise<Judgement> {
  const { vault, public: publicStore, claims } = context.stores;
  const registrations = rows.flatMap(({ row, outcome }): OpenedRow[] =>
    typeof outcome === 'object' && 'inner' in outcome ? [{ row, opened: outcome, recordId: idToHex(outcome.inner.recordId) }] : [],
  );
  // What has begun first: nobody's second takes its place, and the same in another wrapping goes with it.
  const opened = registrations.sort((a, b) => Number(b.row.begun) - Number(a.row.begun));
  const requests = rows.flatMap(({ row, outcome }): RequestRow[] =>
    typeof outcome === 'object' && 'request' in outcome ? [{ row, opened: outcome }] : [],
  );
  // In the order opposite to that of writing: what another sort stores meanwhile never looks like a statement without its record, which is
  // what somebody's attempt looks like.
  const storedClaims = await knownLocators(claims, opened);
  const storedStatements = await publicStore.digests(opened.map(({ opened: { entryId } }) => entryId));
  const storedRecords = await vault.digests(opened.map(({ opened: { inner } }) => inner.recordId));
  const records = new Map(storedRecords);
  const statements = new Map(storedStatements);
  const pairs = new Map<string, string>();
  const fresh: OpenedRow[] = [];
  const begun: OpenedRow[] = [];
  const begunRecords = new Set<string>();
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
    const claimKnown = storedClaims.has(locator);
    if (!agrees || (!recordKnown && (statementKnown || claimKnown))) collided.push(one);
    else if (!recordKnown) fresh.push(one);
    else if (one.row.begun || begunRecords.has(one.recordId)) {
      begunRecords.add(one.recordId);
      begun.push(one);
    } else if (statementKnown && claimKnown) repeated.push(one);
    else failed.push({ row: one.row, bytes: one.opened.padded });
  }
  const gone = rows.filter(({ outcome }) => outcome === 'gone').map(({ row }) => row);
  return { fresh, begun, repeated, collided, failed, requests, gone };
}

async function knownLocators(claims: Pick<ClaimStore, 'get'>, rows: readonly OpenedRow[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const { opened } of rows) {
    const { locator } = opened.inner;
    if ((await claims.get(locator)) !== undefined) known.add(toHex(locator));
  }
  return known;
}

function remember<T>(known: Map<string, T>, id: string, value: T, same: (a: T, b: T) => boolean = Object.is): boolean {
  const before = known.get(id);
  if (before === undefined) known.set(id, value);
  return before === undefined || same(before, value);
}
