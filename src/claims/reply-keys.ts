import { deriveKey } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import { u32 } from '../foundation/tuple.js';

/** Which of a person's requests a reply belongs to. */
export interface ReplyPlace {
  readonly operation: string;
  /** The request's number. */
  readonly number: number;
  /** 0, 1, 2 …: a request that was refused may be made again, and its first reply stays where it is. Default 0. */
  readonly attempt?: number;
}

/** Where the reply lies and what it is sealed with; 32 bytes each. */
export interface ReplyKeys {
  readonly mailbox: Uint8Array;
  readonly replyKey: Uint8Array;
}

/**
 * Both follow from the reply seed of the claim, so whoever has the phrase finds every reply again and nobody else can tell that two
 * mailboxes are of one person. Throws RangeError for a number or attempt that is no u32.
 */
export function deriveReplyKeys(replySeed: Uint8Array, operation: string, number: number, attempt = 0): ReplyKeys {
  const place = [operation, u32(number), u32(attempt)] as const;
  return { mailbox: deriveKey(replySeed, LABELS.replyMailbox, ...place), replyKey: deriveKey(replySeed, LABELS.replyKey, ...place) };
}
