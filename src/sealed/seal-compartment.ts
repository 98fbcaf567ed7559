import { sealXChaCha } from '../foundation/aead.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { assertBytes, compareBytes, concatBytes, utf8, wipe } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { hpkeSeal } from '../foundation/hpke-seal.js';
import { keyIdOf, splitEnc } from '../foundation/hybrid-kem.js';
import { LABELS } from '../foundation/labels.js';
import { pad } from '../foundation/padding.js';
import { drawBytes, systemRandom } from '../foundation/random.js';
import { makeTag } from '../foundation/tdh2-seal.js';
import { bodyKey } from './body-key.js';
import {
  BUCKETS,
  type CompartmentName,
  compartmentContext,
  DEK_LENGTH,
  encodeCompartment,
  NONCE_LENGTH,
  SHRED_LENGTH,
  tagContext,
  type Wrap,
  wrapAad,
} from './compartment.js';

export interface SealCompartmentInput {
  /** The record's id, 16 bytes. */
  readonly holderId: Uint8Array;
  readonly compartment: CompartmentName;
  /** Shorter than the bucket. */
  readonly plaintext: Uint8Array;
  /** 32 bytes, one per record; it never lies beside what it seals. */
  readonly shred: Uint8Array;
  /** 1 to 4 different hybrid public keys (1249 bytes). */
  readonly recipients: readonly Uint8Array[];
}

/**
 * Seals one compartment: an encoded 'cn/cmp/1'. Needs public keys only; whoever runs this cannot open the result afterwards.
 *
 * Promises: the length depends on the compartment and the number of recipients alone; data key, nonce and encapsulation are fresh, so no
 * (key, nonce) pair occurs twice even where a record is sealed again with the same shred.
 * Throws `COMPARTMENT_TOO_LARGE` (details.field, details.limit in bytes) before any sealing, `KEYS_INVALID` for a malformed public key,
 * TypeError or RangeError for the caller's mistakes. Spec: docs/spec/sealed-compartment.md.
 */
export function sealCompartment(input: SealCompartmentInput, options: CryptoOptions = {}): Uint8Array {
  const { holderId, compartment, shred, recipients } = input;
  assertBytes(shred, 'shred', SHRED_LENGTH);
  const context = compartmentContext(holderId, compartment);
  assertFits(compartment, input.plaintext);
  const keys = recipientKeys(recipients, options);

  const random = options.random ?? systemRandom;
  const dek = drawBytes(random, DEK_LENGTH);
  const { key, commit } = bodyKey(dek, shred, context, options);
  const nonce = drawBytes(random, NONCE_LENGTH);
  const padded = pad(input.plaintext, BUCKETS[compartment]);
  const body = sealXChaCha(key, nonce, padded, concatBytes(context, commit));
  const wraps = keys.map((recipient) => wrapFor(recipient, dek, context, commit, options));
  wipe(dek, key, padded);
  return encodeCompartment({ compartment, commit, wraps, nonce, body });
}

/** Throws `COMPARTMENT_TOO_LARGE` unless the plaintext fits the compartment's bucket; `sealRecord` asks for all three before it seals one. */
export function assertFits(compartment: CompartmentName, plaintext: Uint8Array): void {
  assertBytes(plaintext, 'plaintext');
  const limit = BUCKETS[compartment] - 1;
  if (plaintext.length > limit) {
    throw new RegistryError('COMPARTMENT_TOO_LARGE', `${compartment} is more than ${limit} bytes`, { field: compartment, limit });
  }
}

interface Recipient {
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
}

function recipientKeys(recipients: readonly Uint8Array[], options: CryptoOptions): readonly Recipient[] {
  return recipients.map((publicKey) => ({ keyId: keyIdOf(publicKey, options), publicKey })).sort((a, b) => compareBytes(a.keyId, b.keyId));
}

function wrapFor(recipient: Recipient, dek: Uint8Array, context: Uint8Array, commit: Uint8Array, options: CryptoOptions): Wrap {
  const { keyId, publicKey } = recipient;
  const { enc, ciphertext, ephemeralScalar } = hpkeSeal(
    { publicKey, info: utf8(LABELS.sealedWrap), aad: wrapAad(context, commit, keyId), plaintext: dek },
    options,
  );
  const bound = tagContext(context, commit, { keyId, enc, ciphertext });
  const tag = makeTag({ ephemeralScalar, ephemeralPoint: splitEnc(enc).point, context: bound }, options);
  wipe(ephemeralScalar);
  return { keyId, enc, ciphertext, tag };
}
