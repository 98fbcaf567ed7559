import { nobleBackend } from '../foundation/noble-backend.js';
import { deriveKeyWith } from '../foundation/kdf.js';
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

/** The Ed25519 seed that signs changes of the entry, 32 bytes: what the person's device derives to ask for one. */
export function entrySeedOf(kappa: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  assertBytes(kappa, 'kappa', KAPPA_LENGTH);
  return deriveKeyWith(options, kappa, LABELS.kappaEntry);
}

/** The Ed25519 seed that erases the record, 32 bytes. */
export function recordSeedOf(kappa: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  assertBytes(kappa, 'kappa', KAPPA_LENGTH);
  return deriveKeyWith(options, kappa, LABELS.kappaRecord);
}

export function deriveKappaKeys(kappa: Uint8Array, options: CryptoOptions = {}): KappaKeys {
  assertBytes(kappa, 'kappa', KAPPA_LENGTH);
  const backend = options.backend ?? nobleBackend;
  const entrySeed = entrySeedOf(kappa, options);
  const recordPublicKey = backend.ed25519PublicKey(recordSeedOf(kappa, options));
  const entryPublicKey = backend.ed25519PublicKey(entrySeed);
  return {
    recordId: idOfPublicKey(recordPublicKey),
    entryId: idOfPublicKey(entryPublicKey),
    entryPublicKey,
    salt: deriveKeyWith(options, entrySeed, LABELS.entrySalt),
  };
}
