import { openFailed } from '../foundation/errors.js';
import type { SealedRecord } from '../sealed/record.js';
import { isErasedShred } from '../sealed/shred.js';
import { idFromHex, type RecordId } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { withOpenedShreds } from './kek.js';

/**
 * A record as the custodians need it: three ciphertexts and the shred, without which a quorum can open nothing. The shred leaves the
 * shred store here and only here. Undefined if there is no such record or it was erased; `OPEN_FAILED` if its shred does not open: its key is
 * missing, or it was altered (`health` tells which).
 */
export async function getSealedRecord(context: RegistryContext, recordId: RecordId): Promise<SealedRecord | undefined> {
  const id = idFromHex(recordId);
  const { vault, shred } = context.stores;
  const row = await vault.get(id);
  const shredRow = await shred.get(id);
  if (row === undefined || shredRow === undefined) return undefined;
  const plain = await withOpenedShreds(context, [shredRow], (open) => open(shredRow));
  if (plain === undefined) throw openFailed();
  if (isErasedShred(plain)) return undefined;
  return { recordId, shred: plain, identity: row.identity, contact: row.contact, link: row.link };
}
