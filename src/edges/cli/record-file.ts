import { decodeSealedRecord, encodeSealedRecord } from '../../custodian.js';
import { RegistryError, type Registry, type SealedRecord } from '../../index.js';
import { usageError } from './arguments.js';
import { writePrivateFile } from './private-file.js';
import { fileBytes, readBytes } from './read-input.js';

/** A record with four keys has less than half of it; the format has its own, exact limit. */
const MAX_RECORD_BYTES = 64 * 1024;

/** Throws `RECORD_ERASED` where there is no record with this id (any more), and the codes of `registry.sealed.get`. */
export async function sealedRecordOf(registry: Registry, recordId: string): Promise<SealedRecord> {
  const sealed = await registry.sealed.get(recordId);
  if (sealed === undefined) throw new RegistryError('RECORD_ERASED', 'there is no such record, or it was erased');
  return sealed;
}

/**
 * The record as a file for the custodians' station, shred included: whoever has it and a quorum reads the record, erased or not. Only its
 * owner can read it, and it replaces nothing. Gives its length.
 * Throws `USAGE` without its name, `STORE_INTEGRITY` for a record that is damaged in the store.
 */
export function writeRecordFile(path: string, record: SealedRecord): number {
  const bytes = encoded(record);
  try {
    writePrivateFile(path, bytes);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw usageError(
      isThere ? '--out is there already, and nothing is overwritten; take a new name' : 'the file given with --out cannot be written',
    );
  }
  return bytes.length;
}

/** Throws `USAGE` when it cannot be read, `FORMAT_INVALID` for what is no record file. */
export async function readRecordFile(path: string): Promise<SealedRecord> {
  return decodeSealedRecord(await readBytes(fileBytes(path, '--record-file'), MAX_RECORD_BYTES, 'FORMAT_INVALID'));
}

function encoded(record: SealedRecord): Uint8Array {
  try {
    return encodeSealedRecord(record);
  } catch {
    throw new RegistryError('STORE_INTEGRITY', 'the record is damaged in the store');
  }
}
