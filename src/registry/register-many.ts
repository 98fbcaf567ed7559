import { isWellFormed } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { deriveKey } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import type { InboxRow } from '../sealed/ports.js';
import { snapshot } from '../submit/prepare-registration.js';
import { refusalOf } from '../submit/refusal.js';
import type { Registration } from '../submit/registration.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { inboxRows } from './accept.js';
import type { RegistryContext } from './context.js';
import { currentPublicKeys } from './epochs.js';
import { importPosition, type RegisterProgress, type RejectedRow } from './import-progress.js';
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

/** What `registerMany` reads. An item that is a `RegistryError` is a row the reader could not parse: it counts as rejected under its code. */
export type RegistrationStream = AsyncIterable<Registration | RegistryError> | Iterable<Registration | RegistryError>;

const DEFAULT_BATCH = 256;
const MAX_BATCH = 4096;

/**
 * Seals and stores a stream. No claim phrases are made, because nobody would see them: an item that asks for one is rejected.
 *
 * Exactly once per row with `source`, also if the process is killed or two run at once: rows and position are one transaction. What is kept
 * of an import is its name, its position and, until it finished, 16 random bytes from which its group ids follow; nothing of κ.
 * Throws `IMPORT_MISMATCH` if a finished import brings more rows, `STORE_BUSY` if another process imports the same source, `SEALER_FAILED`.
 */
export async function* registerStream(
  context: RegistryContext,
  source: RegistrationStream,
  sealer: Sealer,
  options: RegisterManyOptions,
): AsyncIterable<RegisterProgress> {
  const { batchSize = DEFAULT_BATCH } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > MAX_BATCH) throw new RangeError(`batchSize must be 1 to ${MAX_BATCH}`);
  const start = options.source === undefined ? undefined : await importPosition(context, options.source);
  const groupSecret = start?.groupSecret ?? context.random.bytes(ID_LENGTH);
  const done = start?.nextRow ?? 0;
  let rows = 0;
  let stored = done;
  let accepted = 0;
  let rejectedTotal = 0;
  let batch: (Registration | RegistryError)[] = [];

  const flush = async (finished: boolean): Promise<RegisterProgress> => {
    const sealed = await sealBatch(context, sealer, batch, stored, groupSecret);
    const to = Math.max(rows, stored);
    const kept = finished ? new Uint8Array(ID_LENGTH) : groupSecret;
    const step = start && { importId: start.importId, fromRow: stored, nextRow: to, groupSecret: kept, finished };
    if (step !== undefined || sealed.rows.length > 0) await context.stores.inbox.put(sealed.rows, step);
    context.logger.debug('accepted', { count: sealed.rows.length });
    stored = to;
    batch = [];
    accepted += sealed.rows.length;
    rejectedTotal += sealed.rejected.length;
    return { rows, accepted, skipped: Math.min(rows, done), rejected: sealed.rejected, rejectedTotal };
  };

  for await (const item of source) {
    rows++;
    if (rows <= done) continue;
    if (start?.finished === true) throw new RegistryError('IMPORT_MISMATCH', 'this import was finished with fewer rows', { row: rows });
    batch.push(item);
    if (batch.length >= batchSize) yield await flush(false);
  }
  yield await flush(true);
}

interface SealedBatch {
  readonly rows: readonly InboxRow[];
  readonly rejected: readonly RejectedRow[];
}

async function sealBatch(
  context: RegistryContext,
  sealer: Sealer,
  batch: readonly (Registration | RegistryError)[],
  firstRow: number,
  groupSecret: Uint8Array,
): Promise<SealedBatch> {
  const publicKeys = await currentPublicKeys(context);
  const items = batch.map((item, i) => ({ row: firstRow + i + 1, item: withoutPhrase(item) }));
  const jobs = items.flatMap(({ row, item }) => (item instanceof RegistryError ? [] : [{ row, registration: item }]));
  const outcomes = await sealer.seal(
    jobs.map(({ registration }) => ({ registration, groupId: groupIdOf(registration, groupSecret) })),
    publicKeys,
    context.clock.now(),
  );
  const rejected: RejectedRow[] = items.flatMap(({ row, item }) => (item instanceof RegistryError ? [{ row, ...refusalOf(item) }] : []));
  const sealed: Uint8Array[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if ('bytes' in outcome) sealed.push(outcome.bytes);
    else rejected.push({ row: (jobs[i] as { row: number }).row, ...outcome });
  }
  return { rows: await inboxRows(context, sealed), rejected: rejected.sort((a, b) => a.row - b.row) };
}

function withoutPhrase(item: Registration | RegistryError): Registration | RegistryError {
  try {
    if (item instanceof RegistryError) return item;
    const registration = snapshot(item);
    if (registration.claim === undefined || registration.claim === 'none') return { ...registration, claim: 'none' };
    return new RegistryError('REGISTRATION_INVALID', 'a stream makes no claim phrases', { field: 'claim' });
  } catch {
    return new RegistryError('REGISTRATION_INVALID', 'a registration is plain data', { field: 'registration' });
  }
}

function groupIdOf(registration: Registration, groupSecret: Uint8Array): Uint8Array | undefined {
  return typeof registration?.group === 'string' && isWellFormed(registration.group)
    ? deriveKey(groupSecret, LABELS.importGroup, registration.group).slice(0, ID_LENGTH)
    : undefined;
}
