import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { deriveKey } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import { hashTuple } from '../foundation/tuple.js';
import type { ImportProgress, InboxRow } from '../sealed/ports.js';
import type { Registration } from '../submit/registration.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { inboxRow, submissionIdOf } from './accept.js';
import type { RegistryContext } from './context.js';
import { currentPublicKeys } from './register.js';
import type { Sealer } from './sealer.js';

export interface RegisterManyOptions {
  /** Rows sealed and stored together; default 256. */
  readonly batchSize?: number;
  /**
   * 32 bytes that name the source, e.g. the SHA-256 of a file. With it the import can be interrupted and run again: rows already dealt with
   * are skipped, because its position is stored in the same transaction as the rows.
   */
  readonly source?: Uint8Array;
}

export interface RejectedRow {
  /** 1-based. */
  readonly row: number;
  readonly code: string;
  readonly field?: string;
}

/** After each batch. Numbers and codes only. */
export interface RegisterProgress {
  /** Rows read so far, skipped ones included. */
  readonly rows: number;
  readonly accepted: number;
  /** Rows of an earlier run of the same import. */
  readonly skipped: number;
  /** Rejected in this batch. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedTotal: number;
}

const DEFAULT_BATCH = 256;

/**
 * Seals and stores a stream. An item that is a `RegistryError` (a row the reader could not parse) counts as rejected under its code.
 *
 * Exactly once per row with `source`, also if the process is killed: rows and position are one transaction. What is kept of an import is
 * its name, its position and, until it finished, 16 random bytes from which its group ids follow; nothing of κ.
 */
export async function* registerStream(
  context: RegistryContext,
  source: AsyncIterable<Registration | RegistryError>,
  sealer: Sealer,
  options: RegisterManyOptions,
): AsyncIterable<RegisterProgress> {
  const { batchSize = DEFAULT_BATCH } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 4096) throw new RangeError('batchSize must be 1 to 4096');
  const start = await beginImport(context, options.source);
  let rows = 0;
  let accepted = 0;
  let rejectedTotal = 0;
  let batch: (Registration | RegistryError)[] = [];

  async function* flush(finished: boolean): AsyncIterable<RegisterProgress> {
    const result = await storeBatch(
      context,
      sealer,
      batch,
      rows - batch.length,
      { ...start, nextRow: rows, finished },
      options.source !== undefined,
    );
    accepted += result.accepted;
    rejectedTotal += result.rejected.length;
    batch = [];
    yield { rows, accepted, skipped: Math.min(rows, start.nextRow), rejected: result.rejected, rejectedTotal };
  }

  for await (const item of source) {
    rows++;
    if (rows <= start.nextRow) continue;
    batch.push(item);
    if (batch.length >= batchSize) yield* flush(false);
  }
  yield* flush(true);
}

async function beginImport(context: RegistryContext, source: Uint8Array | undefined): Promise<ImportProgress> {
  const importId = hashTuple(LABELS.importId, source ?? context.random.bytes(32)).slice(0, ID_LENGTH);
  const begun = source === undefined ? undefined : await context.stores.inbox.importProgress(importId);
  return begun ?? { importId, nextRow: 0, groupSecret: context.random.bytes(ID_LENGTH), finished: false };
}

async function storeBatch(
  context: RegistryContext,
  sealer: Sealer,
  batch: readonly (Registration | RegistryError)[],
  firstRow: number,
  progress: ImportProgress,
  keepProgress: boolean,
): Promise<{ accepted: number; rejected: RejectedRow[] }> {
  const publicKeys = await currentPublicKeys(context);
  const rejected: RejectedRow[] = [];
  const jobs = batch.flatMap((item, i) => (item instanceof RegistryError ? [] : [{ row: firstRow + i + 1, registration: item }]));
  for (const [i, item] of batch.entries())
    if (item instanceof RegistryError) rejected.push(rejection(firstRow + i + 1, item.code, item.details.field));

  const outcomes = await sealer.seal(
    jobs.map(({ registration }) => ({ registration, groupId: groupIdOf(registration, progress.groupSecret) })),
    publicKeys,
    context.clock.now(),
  );
  const epochs = new Set(publicKeys.epochs.map(({ epoch }) => epoch));
  const inboxRows: InboxRow[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if ('bytes' in outcome) inboxRows.push(inboxRow(outcome.bytes, submissionIdOf(outcome.bytes), epochs, today(context.clock)));
    else rejected.push(rejection((jobs[i] as { row: number }).row, outcome.code, outcome.field));
  }
  const kept = { ...progress, groupSecret: progress.finished ? new Uint8Array(ID_LENGTH) : progress.groupSecret };
  if (keepProgress) await context.stores.inbox.put(inboxRows, kept);
  else if (inboxRows.length > 0) await context.stores.inbox.put(inboxRows);
  rejected.sort((a, b) => a.row - b.row);
  context.logger.debug('accepted', { count: inboxRows.length });
  return { accepted: inboxRows.length, rejected };
}

function rejection(row: number, code: string, field: string | undefined): RejectedRow {
  return { row, code, ...(field === undefined ? {} : { field }) };
}

function groupIdOf(registration: Registration, groupSecret: Uint8Array): Uint8Array | undefined {
  return typeof registration?.group === 'string'
    ? deriveKey(groupSecret, LABELS.importGroup, registration.group).slice(0, ID_LENGTH)
    : undefined;
}
