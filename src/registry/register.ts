import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { type MadeSubmission, makeSubmission } from '../submit/make-submission.js';
import type { ExtraFields } from '../submit/prepare-registration.js';
import type { Registration } from '../submit/registration.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { ensureEpochKeys, publicKeys } from './epochs.js';
import { duplicate, type Registered, storeMade, unseenIds } from './store-made.js';

export interface GroupResult {
  /** In the order given, without the rejected. */
  readonly accepted: readonly (Registered & { readonly member: number })[];
  /** 1-based member number, code and field; no value. */
  readonly rejected: readonly RejectedMember[];
}

export interface RejectedMember {
  readonly member: number;
  readonly code: string;
  readonly field?: string;
}

/**
 * Seals on this machine and takes into the inbox. The weaker mode: a name that passes through a server stays in its memory for an unknown
 * time. The strong one is `makeSubmission` on the device and `accept` here; what is stored is the same.
 *
 * `id`: the caller's own key for this call. A second call with it stores nothing and throws `REGISTRATION_DUPLICATE`.
 */
export async function registerOne(
  context: RegistryContext,
  registration: Registration,
  extra: ExtraFields,
  id?: string,
): Promise<Registered> {
  const ids = id === undefined ? undefined : await unseenIds(context, id);
  const keys = await currentPublicKeys(context);
  const made = makeSubmission(registration, keys, { ...cryptoOptions(context), clock: context.clock, extra });
  const [registered] = await storeMade(context, [made], ids);
  if (registered === undefined) throw duplicate();
  return registered;
}

/**
 * The people of one call. Each has its own κ, record, entry and delay; that they came together is written only in their sealed `link`.
 *
 * `reject-all` (default): one bad member and nothing is stored; throws `GROUP_INVALID` with `details.row` = the first bad member.
 * `skip`: the good ones are stored, in one transaction, and the bad ones named.
 */
export async function registerGroupOf(
  context: RegistryContext,
  registrations: readonly Registration[],
  extra: ExtraFields,
  onInvalid: 'skip' | 'reject-all',
): Promise<GroupResult> {
  if (!Array.isArray(registrations)) throw new TypeError('registrations must be an array');
  const keys = await currentPublicKeys(context);
  const groupId = context.random.bytes(ID_LENGTH);
  const made: { member: number; submission: MadeSubmission }[] = [];
  const rejected: RejectedMember[] = [];
  for (const [index, registration] of registrations.entries()) {
    try {
      const submission = makeSubmission(registration, keys, { ...cryptoOptions(context), clock: context.clock, extra, groupId });
      made.push({ member: index + 1, submission });
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      rejected.push({ member: index + 1, code: error.code, ...(error.details.field === undefined ? {} : { field: error.details.field }) });
    }
  }
  const [firstBad] = rejected;
  if (onInvalid === 'reject-all' && firstBad !== undefined) {
    throw new RegistryError('GROUP_INVALID', `a member of the group is not valid (${firstBad.code}); nothing was stored`, {
      row: firstBad.member,
      ...(firstBad.field === undefined ? {} : { field: firstBad.field }),
    });
  }
  const registered = await storeMade(
    context,
    made.map(({ submission }) => submission),
  );
  return { accepted: registered.map((one, i) => ({ ...one, member: (made[i] as { member: number }).member })), rejected };
}

/** Public keys for today; makes today's epoch key if no `maintain` did. */
export async function currentPublicKeys(context: RegistryContext) {
  const day = today(context.clock);
  const keys = await publicKeys(context);
  if (keys.epochs.some((key) => key.epoch === day)) return keys;
  await ensureEpochKeys(context);
  return publicKeys(context);
}
