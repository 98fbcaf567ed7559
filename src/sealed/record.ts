import type { CryptoOptions } from '../foundation/backend.js';
import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { assertBytes, utf8 } from '../foundation/bytes.js';
import { LABELS } from '../foundation/labels.js';
import { nobleBackend } from '../foundation/noble-backend.js';
import { hashTupleBy } from '../foundation/tuple.js';
import { ID_LENGTH, idFromHex, idToHex, type RecordId } from '../vocabulary/ids.js';
import { COMPARTMENTS, compartmentLength, decodeCompartment, MAX_WRAPS, SHRED_LENGTH } from './compartment.js';

/** The encoded compartments of one record. */
export interface SealedCompartments {
  readonly identity: Uint8Array;
  readonly contact: Uint8Array;
  readonly link: Uint8Array;
}

/**
 * What travels to the custodians' offline station: ciphertext and shred together. With the shred it can be opened by a quorum for ever, so
 * it is made for one opening and destroyed after it; an erasure does not reach a copy.
 */
export interface SealedRecord extends SealedCompartments {
  readonly recordId: RecordId;
  /** 32 bytes. */
  readonly shred: Uint8Array;
}

const FORMAT = 'cn/rec/1';
const MAX_LENGTH = 8 + ID_LENGTH + SHRED_LENGTH + COMPARTMENTS.reduce((sum, name) => sum + 4 + compartmentLength(name, MAX_WRAPS), 0);

/** magic ‖ id 16 ‖ shred 32 ‖ for identity, contact, link: u32 length ‖ bytes. Throws `FORMAT_INVALID` for a bad id, RangeError for the rest. */
export function encodeSealedRecord(record: SealedRecord): Uint8Array {
  const writer = new ByteWriter().fixed(utf8(FORMAT), 8).fixed(idFromHex(record.recordId), ID_LENGTH).fixed(record.shred, SHRED_LENGTH);
  for (const name of COMPARTMENTS) {
    if (decodeCompartment(record[name]).compartment !== name) throw new RangeError('compartments are exchanged');
    writer.prefixed(record[name]);
  }
  return writer.finish();
}

/** Inverse of `encodeSealedRecord`; every compartment must be well formed and in its own place. Throws `FORMAT_INVALID`. */
export function decodeSealedRecord(bytes: Uint8Array): SealedRecord {
  const reader = new ByteReader(bytes, FORMAT, MAX_LENGTH).expect(utf8(FORMAT));
  const recordId = idToHex(reader.fixed(ID_LENGTH));
  const shred = reader.fixed(SHRED_LENGTH);
  const [identity, contact, link] = COMPARTMENTS.map((name) => {
    const compartment = reader.prefixed(compartmentLength(name, MAX_WRAPS));
    if (decodeCompartment(compartment).compartment !== name) throw reader.invalid();
    return compartment;
  }) as [Uint8Array, Uint8Array, Uint8Array];
  reader.end();
  return { recordId, shred, identity, contact, link };
}

/**
 * 32 bytes by which a retry of the same submission is told from another record under the same id. Says nothing about the content, and the
 * shred (32 uniform bytes) cannot be found from it.
 */
export function recordDigest(compartments: SealedCompartments, shred: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  assertBytes(shred, 'shred', SHRED_LENGTH);
  const { sha256 } = options.backend ?? nobleBackend;
  return hashTupleBy(sha256, LABELS.sealedDigest, compartments.identity, compartments.contact, compartments.link, shred);
}
