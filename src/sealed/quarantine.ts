import type { CryptoOptions } from '../foundation/backend.js';
import { concatBytes, utf8, wipe } from '../foundation/bytes.js';
import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { hpkeSeal } from '../foundation/hpke-seal.js';
import { HYBRID_ENC_LENGTH } from '../foundation/hybrid-kem.js';
import { LABELS } from '../foundation/labels.js';
import { pad } from '../foundation/padding.js';

const FORMAT = 'cn/qua/1';
/** A submission of 24 KiB and one byte of padding; its opened inside is shorter. */
const BUCKET = 24 * 1024 + 1;
const CIPHERTEXT_LENGTH = BUCKET + 16;
/** Of every quarantined row. */
export const QUARANTINED_LENGTH = FORMAT.length + HYBRID_ENC_LENGTH + CIPHERTEXT_LENGTH;

/** The parts of a quarantined row (docs/spec/submission.md, "Quarantine"). */
export interface Quarantined {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * Re-seals what could not be sorted to the custodians' quarantine key, so that nothing is lost and the epoch key can still be destroyed. One
 * length for opened and unopened ones; only a quorum reads it. `id`: 16 bytes, the row's.
 */
export function sealQuarantined(id: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  const { enc, ciphertext, ephemeralScalar } = hpkeSeal(
    { publicKey, info: utf8(LABELS.quarantine), aad: quarantineContext(id), plaintext: pad(bytes, BUCKET) },
    options,
  );
  wipe(ephemeralScalar);
  return encodeQuarantined({ enc, ciphertext });
}

export function encodeQuarantined({ enc, ciphertext }: Quarantined): Uint8Array {
  return new ByteWriter().fixed(utf8(FORMAT), FORMAT.length).fixed(enc, HYBRID_ENC_LENGTH).fixed(ciphertext, CIPHERTEXT_LENGTH).finish();
}

/** Inverse of `encodeQuarantined`. Throws `FORMAT_INVALID`. */
export function decodeQuarantined(sealed: Uint8Array): Quarantined {
  const reader = new ByteReader(sealed, FORMAT, QUARANTINED_LENGTH).expect(utf8(FORMAT));
  const parts = { enc: reader.fixed(HYBRID_ENC_LENGTH), ciphertext: reader.fixed(CIPHERTEXT_LENGTH) };
  reader.end();
  return parts;
}

/** Binds a row to its id: rows exchanged between ids do not open. */
export function quarantineContext(id: Uint8Array): Uint8Array {
  return concatBytes(utf8(FORMAT), id);
}
