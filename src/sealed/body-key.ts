import type { CryptoOptions } from '../foundation/backend.js';
import { wipe } from '../foundation/bytes.js';
import { deriveKeyWith, hkdfExpand, hkdfExtract } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import { encodeTuple } from '../foundation/tuple.js';
import { COMMIT_LENGTH } from './compartment.js';

/**
 * The key of a compartment's body (32 bytes) and the commitment to it (32 bytes), from the data key and the record's shred.
 *
 * Both are needed: without the shred a custodian quorum opens nothing (that is how erasure works), without the data key the shred store
 * opens nothing. The commitment makes a body that opens under two keys impossible, which XChaCha20-Poly1305 alone does not.
 */
export function bodyKey(
  dek: Uint8Array,
  shred: Uint8Array,
  context: Uint8Array,
  options: CryptoOptions = {},
): { readonly key: Uint8Array; readonly commit: Uint8Array } {
  const salt = deriveKeyWith(options, shred, LABELS.sealedShred, context);
  const prk = hkdfExtract(salt, dek, options);
  const key = hkdfExpand(prk, encodeTuple(LABELS.sealedBody, context), 32, options);
  const commit = hkdfExpand(prk, encodeTuple(LABELS.sealedCommit, context), COMMIT_LENGTH, options);
  wipe(salt, prk);
  return { key, commit };
}
