import { openXChaCha } from '../foundation/aead-open.js';
import { assertBytes } from '../foundation/bytes.js';
import { openFailed } from '../foundation/errors.js';
import { unpad } from '../foundation/padding.js';
import { encodeTuple } from '../foundation/tuple.js';
import { CLAIM_ROW_LENGTH, ROW_NONCE_LENGTH, type RowSealing } from './make-row.js';

/** Inverse of `makeRow`. Throws `OPEN_FAILED` for a dummy, a wrong key, place or label, altered bytes and another length, all alike. */
export function openRow(row: Uint8Array, { key, label, locator }: RowSealing): Uint8Array {
  assertBytes(row, 'row');
  if (row.length !== CLAIM_ROW_LENGTH) throw openFailed();
  return unpad(openXChaCha(key, row.slice(0, ROW_NONCE_LENGTH), row.slice(ROW_NONCE_LENGTH), encodeTuple(label, locator)));
}
