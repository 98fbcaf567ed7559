import { wipe } from '../foundation/bytes.js';
import type { SealedRecord } from '../sealed/record.js';
import { unwrapShred } from '../sealed/shred.js';
import { idFromHex, type RecordId } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { readKek } from './kek.js';

/**
 * A record as the custodians need it: three ciphertexts and the shred, without which a quorum can open nothing. The shred leaves the
 * shred store here and only here.
 */
export async function getSealedRecord(context: RegistryContext, recordId: RecordId): Promise<SealedRecord | undefined> {
  const id = idFromHex(recordId);
  const { vault, shred } = context.stores;
  const row = await vault.get(id);
  const shredRow = await shred.get(id);
  if (row === undefined || shredRow === undefined) return undefined;
  const kek = await readKek(context, shredRow.generation);
  const plain = unwrapShred(kek.key, id, shredRow.generation, shredRow.wrapped);
  wipe(kek.key);
  return { recordId, shred: plain, identity: row.identity, contact: row.contact, link: row.link };
}
