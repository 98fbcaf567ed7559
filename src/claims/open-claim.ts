import { ByteReader } from '../foundation/byte-reader.js';
import { utf8 } from '../foundation/bytes.js';
import { LABELS } from '../foundation/labels.js';
import type { ClaimKey } from './claim-key.js';
import { ROW_BUCKET } from './make-row.js';
import { openRow } from './open-row.js';

/** What a claim row holds (docs/spec/claim.md). */
export interface OpenedClaim {
  /** κ, 32 bytes: record id and entry id follow from it. */
  readonly kappa: Uint8Array;
  /** 32 bytes: mailboxes and keys of replies follow from it. */
  readonly replySeed: Uint8Array;
}

const MAGIC = utf8('cn/clm/1');

/** Opens a row with the key its phrase gives. Throws `OPEN_FAILED` for a dummy, a wrong key and altered bytes alike. */
export function openClaim(row: Uint8Array, { rowKey, locator }: ClaimKey): OpenedClaim {
  const content = openRow(row, { key: rowKey, label: LABELS.claimRow, locator });
  const reader = new ByteReader(content, 'claim row', ROW_BUCKET, 'OPEN_FAILED').expect(MAGIC);
  const opened = { kappa: reader.fixed(32), replySeed: reader.fixed(32) };
  reader.end();
  return opened;
}
