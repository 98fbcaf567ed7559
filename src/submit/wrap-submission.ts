import type { CryptoOptions } from '../foundation/backend.js';
import { utf8, wipe } from '../foundation/bytes.js';
import { today, type Clock } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { hpkeSeal } from '../foundation/hpke-seal.js';
import { LABELS } from '../foundation/labels.js';
import type { EpochPublicKey } from '../sealed/keys/public-keys.js';
import { encodeHeader, encodeOuter } from './outer-format.js';

/**
 * The epoch key of today. A device that knows none refuses to seal, rather than sealing to a key that may be long seized.
 * Throws `EPOCH_EXPIRED` (retryable once newer public keys were fetched).
 */
export function currentEpoch(epochs: readonly EpochPublicKey[], clock: Clock): EpochPublicKey {
  const day = today(clock);
  const usable = epochs.filter((key) => key.epoch <= day && day < key.expires);
  const newest = usable.reduce<EpochPublicKey | undefined>(
    (best, key) => (best === undefined || key.epoch > best.epoch ? key : best),
    undefined,
  );
  if (newest === undefined)
    throw new RegistryError('EPOCH_EXPIRED', 'no epoch key for today; fetch newer public keys', { retryable: true });
  return newest;
}

/** Seals the padded inside to an epoch key: 24 KiB that look alike for everybody. A retry calls this again with the same inside. */
export function wrapSubmission(inner: Uint8Array, epoch: EpochPublicKey, options: CryptoOptions = {}): Uint8Array {
  const { enc, ciphertext, ephemeralScalar } = hpkeSeal(
    { publicKey: epoch.publicKey, info: utf8(LABELS.submissionOuter), aad: encodeHeader(epoch.epoch, epoch.expires), plaintext: inner },
    options,
  );
  wipe(ephemeralScalar);
  return encodeOuter({ epoch: epoch.epoch, expires: epoch.expires, enc, ciphertext });
}
