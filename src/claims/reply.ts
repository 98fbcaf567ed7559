import type { CryptoOptions } from '../foundation/backend.js';
import { drawBytes, systemRandom } from '../foundation/random.js';
import { LABELS } from '../foundation/labels.js';
import type { ChangeKind } from '../vocabulary/words.js';
import { makeRow, ROW_NONCE_LENGTH } from './make-row.js';
import { encodeReply } from './reply-format.js';

/** What the registry answers to a request. Sealed under the request's reply key, it lies among the claim rows and looks like one. */
export interface Reply {
  /** `waiting`: it will be in a later batch. */
  readonly result: 'done' | 'waiting' | 'refused';
  readonly reason?: RefusalReason;
  /** `YYYY-MM-DD`: first batch that may carry the change. */
  readonly dueOn?: string;
  /** `YYYY-MM-DD`: from then on no backup of the shred store brings the record back. */
  readonly finalOn?: string;
  readonly entry?: EntryStatus;
  readonly record?: RecordStatus;
}

export type RefusalReason = 'number' | 'value' | 'retracted' | 'removed' | 'evidence' | 'locked' | 'pending';
export type RecordStatus = 'sealed' | 'erased';

export interface EntryStatus {
  readonly state: 'waiting' | 'published';
  readonly registerNumber?: number;
  readonly retracted: boolean;
  readonly removed: boolean;
  /** Published amendments; the next has number `amendments + 1`. */
  readonly amendments: number;
  readonly nameLocked: boolean;
  readonly pending: readonly ChangeKind[];
}

/**
 * The claims row of a reply: 296 bytes, as every claim row. `mailbox` and `replyKey` are 32 bytes.
 * Throws RangeError for a reply that breaks the format (docs/spec/request.md, "Reply").
 */
export function sealReply(mailbox: Uint8Array, replyKey: Uint8Array, reply: Reply, options: CryptoOptions = {}): Uint8Array {
  const nonce = drawBytes(options.random ?? systemRandom, ROW_NONCE_LENGTH);
  return makeRow(encodeReply(reply), { key: replyKey, label: LABELS.replyRow, locator: mailbox }, nonce);
}
