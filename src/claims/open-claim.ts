import { openXChaCha } from '../foundation/aead-open.js';
import { ByteReader } from '../foundation/byte-reader.js';
import { utf8 } from '../foundation/bytes.js';
import { openFailed } from '../foundation/errors.js';
import { unpad } from '../foundation/padding.js';
import { encodeTuple } from '../foundation/tuple.js';
import { LABELS } from '../foundation/labels.js';
import type { ClaimKey } from './claim-key.js';
import { CLAIM_ROW_LENGTH } from './make-claim.js';

/** What a claim row holds (docs/spec/claim.md). */
export interface OpenedClaim {
  /** κ, 32 bytes: record id and entry id follow from it. */
  readonly kappa: Uint8Array;
  readonly replySeed: Uint8Array;
}

const MAGIC = utf8('cn/clm/1');

/** Opens a row with the key its phrase gives. Throws `OPEN_FAILED` for a dummy, a wrong key and altered bytes alike. */
export function openClaim(row: Uint8Array, key: ClaimKey): OpenedClaim {
  if (row.length !== CLAIM_ROW_LENGTH) throw openFailed();
  const content = unpad(openXChaCha(key.rowKey, row.slice(0, 24), row.slice(24), encodeTuple(LABELS.claimRow, key.locator)));
  const reader = new ByteReader(content, 'claim row', 256, 'OPEN_FAILED').expect(MAGIC);
  const opened = { kappa: reader.fixed(32), replySeed: reader.fixed(32) };
  reader.end();
  return opened;
}
