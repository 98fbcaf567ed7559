import { LABELS } from '../foundation/labels.js';
import { openRow } from './open-row.js';
import type { Reply } from './reply.js';
import { decodeReply } from './reply-format.js';

/** Inverse of `sealReply`. Throws `OPEN_FAILED`: no reply yet, a wrong key and altered bytes look alike. */
export function openReply(row: Uint8Array, mailbox: Uint8Array, replyKey: Uint8Array): Reply {
  return decodeReply(openRow(row, { key: replyKey, label: LABELS.replyRow, locator: mailbox }));
}
