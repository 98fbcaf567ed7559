import { RegistryError } from '../foundation/errors.js';
import type { Claim, LookUp } from './claim.js';
import { openReply } from './open-reply.js';
import type { Reply } from './reply.js';
import { deriveReplyKeys, type ReplyPlace } from './reply-keys.js';

/**
 * The registry's answer to a request, or undefined while there is none: a request is answered by a later sort. One look-up.
 * Whatever `lookUp` throws passes through (`CLAIM_THROTTLED`).
 */
export async function readReply(claim: Claim, place: ReplyPlace, lookUp: LookUp): Promise<Reply | undefined> {
  const { mailbox, replyKey } = deriveReplyKeys(claim.secret.reveal().replySeed, place.operation, place.number, place.attempt);
  const row = await lookUp(mailbox);
  try {
    return openReply(row, mailbox, replyKey);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'OPEN_FAILED') return undefined;
    throw error;
  }
}
