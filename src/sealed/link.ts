import { utf8 } from '../foundation/bytes.js';
import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { ID_LENGTH } from '../vocabulary/ids.js';

/**
 * What ties a sealed record to the rest, sealed to the link key: whoever opens a link compartment learns which public entry is this
 * person's. The caller fills what does not exist, or is not to be escrowed, with random bytes: outside and inside look the same.
 */
export interface Link {
  /** 16 bytes; the public entry, or random where the deployment escrows no link. */
  readonly entryId: Uint8Array;
  /** 16 bytes; equal for members of one group, random for one who came alone. */
  readonly groupId: Uint8Array;
  /** 16 bytes; which registrar took the statement, or random. */
  readonly registrarMark: Uint8Array;
}

const FORMAT = 'cn/lnk/1';
const LENGTH = 8 + 3 * ID_LENGTH;

/** 56 bytes: magic ‖ entryId ‖ groupId ‖ registrarMark. Throws TypeError or RangeError. */
export function encodeLink(link: Link): Uint8Array {
  return new ByteWriter()
    .fixed(utf8(FORMAT), 8)
    .fixed(link.entryId, ID_LENGTH)
    .fixed(link.groupId, ID_LENGTH)
    .fixed(link.registrarMark, ID_LENGTH)
    .finish();
}

/** Inverse of `encodeLink`. Throws `FORMAT_INVALID`. */
export function decodeLink(bytes: Uint8Array): Link {
  const reader = new ByteReader(bytes, FORMAT, LENGTH).expect(utf8(FORMAT));
  const link = { entryId: reader.fixed(ID_LENGTH), groupId: reader.fixed(ID_LENGTH), registrarMark: reader.fixed(ID_LENGTH) };
  reader.end();
  return link;
}
