import { type GroupOptions, makeGroup } from '../submit/make-group.js';
import { makeSubmission } from '../submit/make-submission.js';
import type { ExtraFields } from '../submit/prepare-registration.js';
import type { GroupMember, Registration } from '../submit/registration.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { currentPublicKeys } from './epochs.js';
import { duplicate, type GroupResult, type Registered, storeMade, unseenIds } from './store-made.js';

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

/** The people of one call, in one transaction: see `makeGroup`. Throws `GROUP_INVALID`; nothing was stored then. */
export async function registerGroupOf(
  context: RegistryContext,
  members: readonly GroupMember[],
  extra: ExtraFields,
  { shared, onInvalid }: GroupOptions,
): Promise<GroupResult> {
  const keys = await currentPublicKeys(context);
  const sealing = { ...cryptoOptions(context), clock: context.clock, extra };
  const { submissions, rejected } = makeGroup(members, keys, { ...sealing, shared, onInvalid });
  const registered = await storeMade(context, submissions);
  return { accepted: registered.map((one, i) => ({ ...one, member: (submissions[i] as { member: number }).member })), rejected };
}
