import { openXChaCha } from '../foundation/aead-open.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { assertBytes, concatBytes, equalBytes, utf8, wipe } from '../foundation/bytes.js';
import { openFailed } from '../foundation/errors.js';
import { hpkeOpen } from '../foundation/hpke-open.js';
import { type HybridPrivateKey, keyIdOf, splitEnc } from '../foundation/hybrid-kem.js';
import { hybridPublicKey } from '../foundation/hybrid-kem-open.js';
import { LABELS } from '../foundation/labels.js';
import { unpad } from '../foundation/padding.js';
import { verifyTag } from '../foundation/tdh2-open.js';
import { bodyKey } from './body-key.js';
import {
  type CompartmentName,
  compartmentContext,
  DEK_LENGTH,
  decodeCompartment,
  SHRED_LENGTH,
  type SealedCompartment,
  tagContext,
  type Wrap,
  wrapAad,
} from './compartment.js';

export interface OpenCompartmentInput {
  /** The id of the record the compartment was found under, 16 bytes. */
  readonly holderId: Uint8Array;
  readonly compartment: CompartmentName;
  readonly sealed: Uint8Array;
  /** 32 bytes. */
  readonly shred: Uint8Array;
  readonly privateKey: HybridPrivateKey;
}

/**
 * Opens what `sealCompartment` made: the plaintext.
 *
 * The TDH2 tag is verified before the private key touches anything, the commitment is compared before the body is decrypted, and both bind
 * the record id, the compartment's name and the version: bytes moved from anywhere else do not open.
 * Throws `OPEN_FAILED` and nothing else for whatever may be wrong with `sealed`, the id, the shred or the key; TypeError or RangeError for
 * wrong types and lengths of the other arguments.
 */
export function openCompartment(input: OpenCompartmentInput, options: CryptoOptions = {}): Uint8Array {
  const { holderId, compartment, shred, privateKey } = input;
  assertBytes(input.sealed, 'sealed');
  assertBytes(shred, 'shred', SHRED_LENGTH);
  const context = compartmentContext(holderId, compartment);
  const sealed = decodeOrFail(input.sealed);
  if (sealed.compartment !== compartment) throw openFailed();
  const wrap = wrapOf(sealed, keyIdOf(hybridPublicKey(privateKey, options)));
  verifyTag(wrap.tag, splitEnc(wrap.enc).point, tagContext(context, sealed.commit, wrap));

  const dek = hpkeOpen(
    {
      privateKey,
      enc: wrap.enc,
      info: utf8(LABELS.sealedWrap),
      aad: wrapAad(context, sealed.commit, wrap.keyId),
      ciphertext: wrap.ciphertext,
    },
    options,
  );
  if (dek.length !== DEK_LENGTH) throw openFailed();
  const { key, commit } = bodyKey(dek, shred, context, options);
  wipe(dek);
  if (!equalBytes(commit, sealed.commit)) throw openFailed();
  const padded = openXChaCha(key, sealed.nonce, sealed.body, concatBytes(context, commit));
  const plaintext = unpad(padded);
  wipe(key, padded);
  return plaintext;
}

function decodeOrFail(bytes: Uint8Array): SealedCompartment {
  try {
    return decodeCompartment(bytes);
  } catch {
    throw openFailed();
  }
}

function wrapOf(sealed: SealedCompartment, keyId: Uint8Array): Wrap {
  const wrap = sealed.wraps.find((candidate) => equalBytes(candidate.keyId, keyId));
  if (wrap === undefined) throw openFailed();
  return wrap;
}
