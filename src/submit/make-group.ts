import { RegistryError } from '../foundation/errors.js';
import { systemRandom } from '../foundation/random.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { type MadeSubmission, makeSubmission, type MakeSubmissionOptions } from './make-submission.js';
import { snapshot } from './prepare-registration.js';
import type { GroupMember, SharedFields } from './registration.js';
import { type Refusal, refusalOf } from './refusal.js';

export interface GroupOptions {
  readonly shared?: SharedFields | undefined;
  /** Default `reject-all`: one bad member and nothing is made. `skip`: the good ones are made and the bad ones named. */
  readonly onInvalid?: 'skip' | 'reject-all' | undefined;
}

export type MakeGroupOptions = GroupOptions & Omit<MakeSubmissionOptions, 'groupId'>;

/** 1-based member number, code and field; no value. */
export type RejectedMember = Refusal & { readonly member: number };

export interface MadeGroup {
  /** In the order given, without the rejected. */
  readonly submissions: readonly (MadeSubmission & { readonly member: number })[];
  readonly rejected: readonly RejectedMember[];
}

/**
 * The people of one call. Each has its own κ, record, entry and delay; that they came together is written only in their sealed `link`.
 * Throws `GROUP_INVALID`, with the first bad member as `details.row` (`reject-all`) or with field `shared`; and `EPOCH_EXPIRED`.
 */
export function makeGroup(members: readonly GroupMember[], publicKeys: PublicKeys, options: MakeGroupOptions = {}): MadeGroup {
  if (!Array.isArray(members)) throw new TypeError('members must be an array');
  const { shared = {}, onInvalid, ...sealing } = options;
  assertShared(shared);
  const groupId = (sealing.random ?? systemRandom).bytes(ID_LENGTH);
  const submissions: (MadeSubmission & { readonly member: number })[] = [];
  const rejected: RejectedMember[] = [];
  for (const [index, member] of members.entries()) {
    try {
      const made = makeSubmission(snapshot(member, shared), publicKeys, { ...sealing, groupId });
      submissions.push({ ...made, member: index + 1 });
    } catch (error) {
      const { code, ...field } = refusalOf(error);
      if (onInvalid !== 'skip')
        throw new RegistryError('GROUP_INVALID', `a member is not valid (${code}); nothing was kept`, { row: index + 1, ...field });
      rejected.push({ member: index + 1, code, ...field });
    }
  }
  return { submissions, rejected };
}

const SHARED = ['contact', 'statement', 'channel', 'claim'];

/** A name shared by mistake would be shown for a whole family. */
function assertShared(shared: SharedFields): void {
  const isObject = typeof shared === 'object' && shared !== null;
  if (isObject && Object.keys(shared).every((field) => SHARED.includes(field))) {
    const shown = Object.keys(shared.statement ?? {});
    if (!shown.includes('alias') && !shown.includes('useName')) return;
  }
  throw new RegistryError('GROUP_INVALID', 'shared has something that cannot be shared', { field: 'shared' });
}
