import { isWellFormed } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { deriveKey } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import type { Secret } from '../foundation/secret.js';
import type { RejectedMember } from '../submit/make-group.js';
import type { MadeSubmission } from '../submit/make-submission.js';
import { type EntryId, ID_LENGTH, idToHex } from '../vocabulary/ids.js';
import { inboxRows } from './accept.js';
import type { RegistryContext } from './context.js';
import { currentKek, generationsOf } from './kek.js';

export interface Registered {
  readonly submissionId: string;
  /** Public id of the entry that will appear. Never store it beside the person's name: that is the link the library keeps apart. */
  readonly entryId: EntryId;
  /** Claim phrase, if asked for: show it once, store it nowhere. */
  readonly claim?: Secret<string>;
}

export interface GroupResult {
  /** In the order given, without the rejected. */
  readonly accepted: readonly (Registered & { readonly member: number })[];
  readonly rejected: readonly RejectedMember[];
}

const MAX_CALLER_ID = 256;

/** Stores what this process sealed, in one transaction. A submission whose id was seen before is left out of the answer. */
export async function storeMade(
  context: RegistryContext,
  made: readonly MadeSubmission[],
  ids?: readonly Uint8Array[],
): Promise<Registered[]> {
  const submissions = made.map(({ bytes }) => bytes);
  const rows = await inboxRows(context, submissions, ids);
  const { duplicates } = await context.stores.inbox.put(rows);
  context.logger.debug('accepted', { count: rows.length - duplicates.length });
  const seenBefore = new Set(duplicates.map(idToHex));
  return made.flatMap(({ entryId, claim }, i) => {
    const submissionId = idToHex((rows[i] as (typeof rows)[number]).id);
    return seenBefore.has(submissionId) ? [] : [{ submissionId, entryId, ...(claim === undefined ? {} : { claim }) }];
  });
}

/** The submission ids of a caller's id, the one to store first. Throws `REGISTRATION_DUPLICATE` if one was seen. */
export async function unseenIds(context: RegistryContext, id: string): Promise<readonly Uint8Array[]> {
  const ids = await idsOf(context, id);
  if ((await context.stores.inbox.seen(ids)).length > 0) throw duplicate();
  return ids;
}

export function duplicate(): RegistryError {
  return new RegistryError('REGISTRATION_DUPLICATE', 'a registration with this id was accepted before');
}

/**
 * Ids of a submission to which the caller gave one, under each live KEK, the newest first. Keyed, so that a seized inbox confirms no guess
 * (people use telephone numbers); the key dies with its KEK, and with it what could be confirmed. Throws RangeError.
 */
async function idsOf(context: RegistryContext, id: string): Promise<readonly Uint8Array[]> {
  if (typeof id !== 'string' || id.length < 1 || id.length > MAX_CALLER_ID || !isWellFormed(id)) {
    throw new RangeError(`id must be 1 to ${MAX_CALLER_ID} characters`);
  }
  const keyed = (key: Uint8Array): Uint8Array => deriveKey(key, LABELS.callerId, id).slice(0, ID_LENGTH);
  const newest = await currentKek(context);
  // Also such as a clock ahead has made: until they go, an id may have been taken under them.
  const others = (await generationsOf(context.stores.keys)).filter((generation) => generation !== newest.generation);
  const keys = await Promise.all(others.map((generation) => context.stores.keys.kek(generation)));
  return [keyed(newest.key), ...keys.flatMap((key) => (key === undefined ? [] : [keyed(key)]))];
}
