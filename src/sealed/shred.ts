import { sealXChaCha } from '../foundation/aead.js';
import { openXChaCha } from '../foundation/aead-open.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { assertBytes, concatBytes } from '../foundation/bytes.js';
import { openFailed } from '../foundation/errors.js';
import { LABELS } from '../foundation/labels.js';
import { systemRandom } from '../foundation/random.js';
import { encodeTuple, u32 } from '../foundation/tuple.js';
import { ID_LENGTH } from '../vocabulary/ids.js';
import { NONCE_LENGTH, SHRED_LENGTH } from './compartment.js';

/** nonce 24 ‖ XChaCha20-Poly1305(KEK, shred) 48. */
export const WRAPPED_SHRED_LENGTH = NONCE_LENGTH + SHRED_LENGTH + 16;

/**
 * One row of the shred store. `kek` is the 32-byte key of `generation`; `recordId` 16 bytes. The row is bound to both: rows exchanged
 * between records, or passed off as another generation, do not open. A seized row without its KEK is noise, so destroying the KEK
 * erases every backup of the row. Throws TypeError or RangeError.
 */
export function wrapShred(
  kek: Uint8Array,
  recordId: Uint8Array,
  generation: number,
  shred: Uint8Array,
  options: CryptoOptions = {},
): Uint8Array {
  assertBytes(shred, 'shred', SHRED_LENGTH);
  const nonce = (options.random ?? systemRandom).bytes(NONCE_LENGTH);
  assertBytes(nonce, 'random', NONCE_LENGTH);
  return concatBytes(nonce, sealXChaCha(kek, nonce, shred, rowContext(recordId, generation)));
}

/** Inverse of `wrapShred`: 32 bytes; after an erasure those of `erasedShred`. Throws `OPEN_FAILED`. */
export function unwrapShred(kek: Uint8Array, recordId: Uint8Array, generation: number, wrapped: Uint8Array): Uint8Array {
  assertBytes(wrapped, 'wrapped');
  const context = rowContext(recordId, generation);
  if (wrapped.length !== WRAPPED_SHRED_LENGTH) throw openFailed();
  return openXChaCha(kek, wrapped.slice(0, NONCE_LENGTH), wrapped.slice(NONCE_LENGTH), context);
}

/** What an erasure leaves in place of a shred: wrapped like any other, so only the KEK's holder can tell it from one. */
export function erasedShred(): Uint8Array {
  return new Uint8Array(SHRED_LENGTH);
}

/** No device makes such a shred (32 uniform bytes); whoever builds a submission with it has registered an erased record, his own. */
export function isErasedShred(shred: Uint8Array): boolean {
  assertBytes(shred, 'shred', SHRED_LENGTH);
  return shred.every((byte) => byte === 0);
}

function rowContext(recordId: Uint8Array, generation: number): Uint8Array {
  assertBytes(recordId, 'recordId', ID_LENGTH);
  return encodeTuple(LABELS.shredRow, recordId, u32(generation));
}
