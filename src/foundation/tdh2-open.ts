import { assertBytes, equalBytes } from './bytes.js';
import { openFailed } from './errors.js';
import {
  baseGenerator,
  decodeCompressedPoint,
  decodePoint,
  decodeScalar,
  encodeCompressedPoint,
  POINT_LENGTH,
  publicDifference,
  reduceScalar,
  secondGenerator,
} from './p256-group.js';
import { TAG_LENGTH, tagChallenge } from './tdh2-challenge.js';

/**
 * Returns when the tag (97 bytes) was made for this ephemeral point (65 bytes) and context by somebody who knows the scalar; throws
 * `OPEN_FAILED` otherwise. A custodian calls it before touching a share.
 *
 * Canonical: a point off the curve, the identity, and a response outside [1, n) are refused, so a tag has one spelling and cannot be
 * altered into another valid one. Works on public values only and so in variable time. TypeError or RangeError for wrong types and lengths.
 */
export function verifyTag(tag: Uint8Array, ephemeralPoint: Uint8Array, context: Uint8Array): void {
  assertBytes(tag, 'tag', TAG_LENGTH);
  assertBytes(ephemeralPoint, 'ephemeralPoint', POINT_LENGTH);
  assertBytes(context, 'context');
  let expected: Uint8Array;
  const challenge = tag.slice(33, 65);
  try {
    const eBar = tag.slice(0, 33);
    const c = reduceScalar(challenge);
    const r = decodeScalar(tag.slice(65));
    // encodeCompressedPoint refuses the identity: A or Ā = 0 would mean that the maker's nonce was 0.
    const a = encodeCompressedPoint(publicDifference(r, baseGenerator, c, decodePoint(ephemeralPoint)));
    const aBar = encodeCompressedPoint(publicDifference(r, secondGenerator(), c, decodeCompressedPoint(eBar)));
    expected = tagChallenge({ context, ephemeralPoint, eBar, a, aBar });
  } catch {
    throw openFailed();
  }
  if (!equalBytes(expected, challenge)) throw openFailed();
}
