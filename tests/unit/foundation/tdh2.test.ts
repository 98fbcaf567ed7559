import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/foundation/backend.js';
import { concatBytes, equalBytes, toHex } from '../../../src/foundation/bytes.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import {
  baseGenerator,
  decodeScalar,
  encodeCompressedPoint,
  encodePoint,
  encodeScalar,
  GROUP_ORDER,
  multiplyBase,
  multiplySecret,
  publicDifference,
  randomScalar,
  reduceScalar,
  secondGenerator,
} from '../../../src/foundation/p256-group.js';
import { tagChallenge } from '../../../src/foundation/tdh2-challenge.js';
import { verifyTag } from '../../../src/foundation/tdh2-open.js';
import { makeTag } from '../../../src/foundation/tdh2-seal.js';
import { backends, flip, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';

const random = seededRandom('tdh2');
const ephemeralScalar = randomScalar(random);
const ephemeralPoint = nobleBackend.p256PublicKey(ephemeralScalar);
const context = random.bytes(60);
const tag = makeTag({ ephemeralScalar, ephemeralPoint, context }, { random });

const verdict = (t: Uint8Array, point = ephemeralPoint, c = context): string => outcomeOf(() => verifyTag(t, point, c));

describe('a TDH2 tag', () => {
  it.each(backends)('verifies when it is good, whatever the context, $name', (backend: Backend) => {
    for (const length of [0, 1, 1000]) {
      const scalar = randomScalar(random);
      const point = backend.p256PublicKey(scalar);
      const bound = random.bytes(length);
      const made = makeTag({ ephemeralScalar: scalar, ephemeralPoint: point, context: bound }, { backend });
      expect(made).toHaveLength(97);
      expect(verdict(made, point, bound)).toBe('returned');
    }
  });

  it('is refused after any change of a byte of tag, point or context', () => {
    expect(verdict(tag)).toBe('returned');
    for (let i = 0; i < tag.length; i++) expect(verdict(flip(tag, i)), `tag byte ${i}`).toBe('OPEN_FAILED');
    for (let i = 0; i < ephemeralPoint.length; i++) expect(verdict(tag, flip(ephemeralPoint, i)), `point byte ${i}`).toBe('OPEN_FAILED');
    for (let i = 0; i < context.length; i += 4) expect(verdict(tag, ephemeralPoint, flip(context, i))).toBe('OPEN_FAILED');
    expect(verdict(tag, ephemeralPoint, concatBytes(context, new Uint8Array(1)))).toBe('OPEN_FAILED');
    expect(verdict(tag, ephemeralPoint, new Uint8Array(0))).toBe('OPEN_FAILED');
  });

  it('does not move to another point, nor to the negative one', () => {
    const other = encodePoint(multiplyBase(decodeScalar(randomScalar(random))));
    expect(verdict(tag, other)).toBe('OPEN_FAILED');
    const negative = encodePoint(multiplyBase(GROUP_ORDER - decodeScalar(ephemeralScalar)));
    expect(verdict(tag, negative)).toBe('OPEN_FAILED');
    const bothNegative = concatBytes(Uint8Array.of((tag[0] as number) ^ 1), tag.slice(1));
    expect(verdict(bothNegative, negative)).toBe('OPEN_FAILED');
  });

  it('has one spelling: response + n, response 0, the identity and uncompressed prefixes are refused', () => {
    const response = BigInt(`0x${toHex(tag.slice(65))}`);
    const respelt = (value: bigint): Uint8Array =>
      concatBytes(tag.slice(0, 65), new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')));
    expect(verdict(respelt(response))).toBe('returned');
    expect(verdict(respelt(0n))).toBe('OPEN_FAILED');
    expect(verdict(respelt(GROUP_ORDER))).toBe('OPEN_FAILED');
    if (response + GROUP_ORDER < 2n ** 256n) expect(verdict(respelt(response + GROUP_ORDER))).toBe('OPEN_FAILED');
    for (const prefix of [0, 1, 4, 5, 6]) expect(verdict(concatBytes(Uint8Array.of(prefix), tag.slice(1)))).toBe('OPEN_FAILED');
    expect(verdict(concatBytes(new Uint8Array(33), tag.slice(33)))).toBe('OPEN_FAILED');
  });

  it('cannot be made for a point whose scalar the maker does not know', () => {
    const stranger = { ephemeralScalar: randomScalar(random), ephemeralPoint, context };
    expect(() => makeTag(stranger)).toThrow(RangeError);
  });

  it('is never made twice alike, and a stuck random source repeats a tag but never a nonce for two transcripts', () => {
    const input = { ephemeralScalar, ephemeralPoint, context };
    expect(equalBytes(makeTag(input), makeTag(input))).toBe(false);
    const stuck = { bytes: (length: number) => new Uint8Array(length).fill(7) };
    expect(makeTag(input, { random: stuck })).toEqual(makeTag(input, { random: stuck }));
    // With one nonce w for two challenges, e = (r1 − r2) / (c1 − c2). Here that gives something else.
    const [first, second] = [context, flip(context, 0)].map((c) => makeTag({ ...input, context: c }, { random: stuck }));
    expect(extract(first as Uint8Array, second as Uint8Array)).not.toBe(decodeScalar(ephemeralScalar));
  });

  it('positive control: a nonce repeated over two transcripts does give the scalar away', () => {
    const [first, second] = [context, flip(context, 0)].map((c) => tagWithNonce(12345n, c));
    expect(verdict(first as Uint8Array)).toBe('returned');
    expect(extract(first as Uint8Array, second as Uint8Array)).toBe(decodeScalar(ephemeralScalar));
  });
});

describe('the attack the tag is there for', () => {
  // A thief copies E of a victim's record, submits E' = E + d·G as his own and asks the quorum for k·E' = k·E + d·K.
  const d = 42n;
  const shifted = encodePoint(multiplyBase(decodeScalar(ephemeralScalar)).add(multiplyBase(d)));
  const own = new TextEncoder().encode('the thief’s own record');

  it('positive control: without a tag the answer for the shifted point gives away the victim’s secret', () => {
    const k = decodeScalar(randomScalar(random));
    const answer = multiplySecret(multiplyBase(decodeScalar(ephemeralScalar)).add(multiplyBase(d)), k);
    const victim = multiplySecret(multiplyBase(decodeScalar(ephemeralScalar)), k);
    expect(answer.subtract(multiplySecret(multiplyBase(k), d)).equals(victim)).toBe(true);
  });

  it('the victim’s tag fits neither the shifted point nor another context, also when shifted along', () => {
    const shiftedBar = multiplySecret(secondGenerator(), decodeScalar(ephemeralScalar)).add(multiplySecret(secondGenerator(), d));
    const challenge = reduceScalar(tag.slice(33, 65));
    const response = encodeScalar((decodeScalar(tag.slice(65)) + challenge * d) % GROUP_ORDER);
    const mauled = concatBytes(encodeCompressedPoint(shiftedBar), tag.slice(33, 65), response);
    expect(verdict(mauled, shifted, context)).toBe('OPEN_FAILED');
    expect(verdict(tag, shifted, own)).toBe('OPEN_FAILED');
    expect(verdict(tag, ephemeralPoint, own)).toBe('OPEN_FAILED');
  });

  it('positive control: the mauled tag satisfies both equations; only the hash over E and Ē stops it', () => {
    const challenge = reduceScalar(tag.slice(33, 65));
    const response = (decodeScalar(tag.slice(65)) + challenge * d) % GROUP_ORDER;
    const a = publicDifference(decodeScalar(tag.slice(65)), baseGenerator, challenge, multiplyBase(decodeScalar(ephemeralScalar)));
    const shiftedPoint = multiplyBase(decodeScalar(ephemeralScalar)).add(multiplyBase(d));
    expect(publicDifference(response, baseGenerator, challenge, shiftedPoint).equals(a)).toBe(true);
  });
});

/** A tag as a prover with a fixed nonce would make it. */
function tagWithNonce(w: bigint, bound: Uint8Array): Uint8Array {
  const e = decodeScalar(ephemeralScalar);
  const eBar = encodeCompressedPoint(multiplySecret(secondGenerator(), e));
  const a = encodeCompressedPoint(multiplyBase(w));
  const aBar = encodeCompressedPoint(multiplySecret(secondGenerator(), w));
  const challenge = tagChallenge({ context: bound, ephemeralPoint, eBar, a, aBar });
  return concatBytes(eBar, challenge, encodeScalar((w + reduceScalar(challenge) * e) % GROUP_ORDER));
}

/** (r1 − r2) / (c1 − c2) modulo n, by Fermat. */
function extract(first: Uint8Array, second: Uint8Array): bigint {
  const difference = (from: number, to: number | undefined): bigint => {
    const [x, y] = [reduceScalar(first.slice(from, to)), reduceScalar(second.slice(from, to))];
    return (x - y + GROUP_ORDER) % GROUP_ORDER;
  };
  let inverse = 1n;
  let base = difference(33, 65);
  for (let exponent = GROUP_ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) inverse = (inverse * base) % GROUP_ORDER;
    base = (base * base) % GROUP_ORDER;
  }
  return (difference(65, undefined) * inverse) % GROUP_ORDER;
}
