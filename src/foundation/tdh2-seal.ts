import type { CryptoOptions } from './backend.js';
import { assertBytes, concatBytes, equalBytes, utf8, wipe } from './bytes.js';
import { hkdfExpand, hkdfExtract } from './kdf.js';
import { LABELS } from './labels.js';
import { nobleBackend } from './noble-backend.js';
import {
  compressPoint,
  decodeScalar,
  encodeCompressedPoint,
  encodeScalar,
  GROUP_ORDER,
  multiplySecret,
  POINT_LENGTH,
  reduceScalar,
  secondGenerator,
} from './p256-group.js';
import { drawBytes, systemRandom } from './random.js';
import { tagChallenge } from './tdh2-challenge.js';
import { encodeTuple } from './tuple.js';

export interface TagInput {
  /** e, from `encapsulate`. */
  readonly ephemeralScalar: Uint8Array;
  /** E = e·G as it stands in `enc`, 65 bytes. */
  readonly ephemeralPoint: Uint8Array;
  /** Everything the tag is bound to, injectively encoded by the caller. */
  readonly context: Uint8Array;
}

/**
 * TDH2 tag (Shoup and Gennaro 1998 §4.3): 97 bytes, Ē compressed 33 ‖ challenge 32 ‖ response 32. It proves that its maker knows e with
 * E = e·G and Ē = e·Ḡ, for this context only.
 *
 * Why: without it, somebody who copies a victim's `enc`, re-randomises it and submits it as his own record can ask a quorum to open "his"
 * record and gets the victim's. He does not know e, so he cannot make a tag for another context.
 *
 * The nonce is derived from e, the transcript and 32 fresh bytes: a random source that repeats or fails does not give e away.
 * Throws TypeError or RangeError, also when E is not e·G. Spec: docs/spec/hpke.md.
 */
export function makeTag(input: TagInput, options: CryptoOptions = {}): Uint8Array {
  const { ephemeralScalar, ephemeralPoint, context } = input;
  assertBytes(ephemeralPoint, 'ephemeralPoint', POINT_LENGTH);
  assertBytes(context, 'context');
  const e = decodeScalar(ephemeralScalar);
  const backend = options.backend ?? nobleBackend;
  if (!equalBytes(backend.p256PublicKey(ephemeralScalar), ephemeralPoint)) throw new RangeError('ephemeralPoint is not of ephemeralScalar');
  const eBar = encodeCompressedPoint(multiplySecret(secondGenerator(), e));
  const w = hedgedNonce(ephemeralScalar, encodeTuple(context, ephemeralPoint, eBar), options);
  const a = compressPoint(backend.p256PublicKey(encodeScalar(w)));
  const aBar = encodeCompressedPoint(multiplySecret(secondGenerator(), w));
  const challenge = tagChallenge({ context, ephemeralPoint, eBar, a, aBar }, options);
  const response = (w + reduceScalar(challenge) * e) % GROUP_ORDER;
  return concatBytes(eBar, challenge, encodeScalar(response));
}

/** In [1, n), from 48 bytes, so that no bias is left for a lattice attack to collect. */
function hedgedNonce(ephemeralScalar: Uint8Array, transcript: Uint8Array, options: CryptoOptions): bigint {
  const fresh = drawBytes(options.random ?? systemRandom, 32);
  const ikm = concatBytes(ephemeralScalar, fresh);
  const prk = hkdfExtract(utf8(LABELS.tdh2Nonce), ikm, options);
  const wide = hkdfExpand(prk, transcript, 48, options);
  const nonce = reduceScalar(wide);
  wipe(ikm, prk, wide);
  if (nonce === 0n) throw new TypeError('random source is broken');
  return nonce;
}
