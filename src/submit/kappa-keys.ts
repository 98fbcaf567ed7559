import { nobleBackend } from '../foundation/noble-backend.js';
import { deriveKey } from '../foundation/kdf.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { assertBytes } from '../foundation/bytes.js';
import { LABELS } from '../foundation/labels.js';
import { idOfPublicKey } from '../vocabulary/ids.js';

export const KAPPA_LENGTH = 32;

/**
 * Everything public that follows from the registrant's secret κ (docs/spec/submission.md, "Keys of one registration").
 * Neither id says anything about the other: both are hashes of public keys whose seeds are independent outputs of a KDF.
 * Whoever has κ can join record and entry, so κ lies nowhere but in the row that the claim phrase opens.
 */
export interface KappaKeys {
  /** 16 bytes; sealed side. */
  readonly recordId: Uint8Array;
  /** 16 bytes; public side. */
  readonly entryId: Uint8Array;
  /** Ed25519 public key that signs changes of the entry; published. */
  readonly entryPublicKey: Uint8Array;
  /** Salt of the leaf's content hash; the holder of κ can recompute the leaf. */
  readonly salt: Uint8Array;
}

export function deriveKappaKeys(kappa: Uint8Array, options: CryptoOptions = {}): KappaKeys {
  assertBytes(kappa, 'kappa', KAPPA_LENGTH);
  const backend = options.backend ?? nobleBackend;
  const entrySeed = deriveKey(kappa, LABELS.kappaEntry);
  const recordPublicKey = backend.ed25519PublicKey(deriveKey(kappa, LABELS.kappaRecord));
  const entryPublicKey = backend.ed25519PublicKey(entrySeed);
  return {
    recordId: idOfPublicKey(recordPublicKey),
    entryId: idOfPublicKey(entryPublicKey),
    entryPublicKey,
    salt: deriveKey(entrySeed, LABELS.entrySalt),
  };
}
