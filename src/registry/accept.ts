import type { Backend } from '../foundation/backend.js';
import { assertBytes, toHex, utf8 } from '../foundation/bytes.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { LABELS } from '../foundation/labels.js';
import { encodeTuple, LENGTH_PREFIX } from '../foundation/tuple.js';
import type { InboxRow } from '../sealed/ports.js';
import { decodeHeader, NAMING_PARTS, SUBMISSION_LENGTH } from '../submit/outer-format.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { EPOCH_VALID_DAYS } from './epochs.js';

/** As bytes: encoding it anew for each submission would cost as much as the hash. */
const ID_LABEL = utf8(LABELS.submissionId);

/**
 * Takes submissions that were sealed elsewhere into the inbox, all in one transaction (copies of what waits under the same id, should there be
 * any, in one more). Every valid one gets the same answer, nothing,
 * whether it is new or was sent before (P5).
 *
 * Throws before anything is stored: `SUBMISSION_INVALID` (size or header), `EPOCH_UNKNOWN`, `EPOCH_EXPIRED`; RangeError and TypeError for
 * what is not 24 KiB of bytes.
 */
export async function acceptSubmissions(context: RegistryContext, submissions: readonly Uint8Array[]): Promise<void> {
  const rows = await inboxRows(context, submissions);
  const { differing } = await context.stores.inbox.put(rows);
  if (differing.length > 0) await putUnderOtherIds(context, rows, differing);
  context.logger.debug('accepted', { count: rows.length });
}

/**
 * Id of a submission that came without one, so that sending the same bytes twice stores them once: a hash of its header, the end of its
 * encapsulated key and its authentication tag, 129 bytes of 24 KiB. Of two submissions that both open and have them in common one sender knows
 * both secrets: an ML-KEM ciphertext that opens to a known secret is a function of a message of 32 bytes (FIPS 203 encrypts anew and
 * compares), so another with the same end is a second preimage, and the secret of the point is that of its maker. A copy altered in between
 * keeps the id, but does not open: see `putUnderOtherIds`. Throws TypeError.
 *
 * For many: what is hashed has one length, so it is laid out once, and 129 bytes are copied faster by hand. For other lengths than 24 KiB the
 * result says nothing.
 */
export function submissionIds(backend: Backend): (submission: Uint8Array) => Uint8Array {
  const blanks = NAMING_PARTS.map(({ start, end }) => new Uint8Array(end - start));
  const hashed = encodeTuple(ID_LABEL, ...blanks);
  const labelEnd = LENGTH_PREFIX + ID_LABEL.length;
  return (submission) => {
    assertBytes(submission, 'submission');
    let at = labelEnd;
    for (const { start, end } of NAMING_PARTS) {
      at += LENGTH_PREFIX;
      for (let from = start; from < end; from++) hashed[at++] = submission[from] as number;
    }
    return backend.sha256(hashed).slice(0, ID_LENGTH);
  };
}

/**
 * Other bytes wait under the same id: one of the two is an altered copy, sent to make us drop the other as a repetition. Nobody can tell them
 * apart before the sort, so both are kept, the later under a hash of all its bytes.
 */
async function putUnderOtherIds(context: RegistryContext, rows: readonly InboxRow[], differing: readonly Uint8Array[]): Promise<void> {
  const ids = new Set(differing.map(toHex));
  const again = rows.filter(({ id }) => ids.has(toHex(id)));
  await context.stores.inbox.put(again.map((row) => ({ ...row, id: contentIdOf(row.submission, context.backend) })));
}

/** Name of something by all its bytes. Throws TypeError. */
export function contentIdOf(bytes: Uint8Array, backend: Backend): Uint8Array {
  return backend.sha256(encodeTuple(ID_LABEL, bytes)).slice(0, ID_LENGTH);
}

/**
 * Checks what can be seen from outside. Without `ids` each gets the id of its content.
 *
 * Throws `SUBMISSION_INVALID` (size or header), `EPOCH_UNKNOWN`, `EPOCH_EXPIRED`; TypeError for what is not bytes.
 */
export async function inboxRows(
  context: RegistryContext,
  submissions: readonly Uint8Array[],
  ids?: readonly Uint8Array[],
): Promise<readonly InboxRow[]> {
  const day = today(context.clock);
  const idOf = submissionIds(context.backend);
  const rows = submissions.map((submission, i) => {
    const epoch = acceptedEpoch(submission, day);
    return { id: ids?.[i] ?? idOf(submission), epoch, arrivedDay: day, submission };
  });
  for (const epoch of new Set(rows.map((row) => row.epoch))) {
    if (!(await context.stores.keys.hasEpochKey(epoch))) throw epochUnknown();
  }
  return rows;
}

/** The epoch in the header of a submission that may come in today, if there is a key for it. */
function acceptedEpoch(submission: Uint8Array, day: number): number {
  assertBytes(submission, 'submission');
  if (submission.length !== SUBMISSION_LENGTH)
    throw new RegistryError('SUBMISSION_INVALID', 'a submission has exactly 24 KiB', { limit: SUBMISSION_LENGTH });
  const { epoch, expires } = decodeHeader(submission);
  if (day >= expires) throw new RegistryError('EPOCH_EXPIRED', 'sealed to an epoch that has closed; seal again with newer public keys');
  if (expires !== epoch + EPOCH_VALID_DAYS) throw new RegistryError('SUBMISSION_INVALID', 'malformed submission');
  // One day ahead for a device whose clock is fast; not more, or the private key would outlive its purpose.
  if (epoch > day + 1) throw epochUnknown();
  return epoch;
}

function epochUnknown(): RegistryError {
  return new RegistryError('EPOCH_UNKNOWN', 'sealed to an epoch this registry does not know');
}
