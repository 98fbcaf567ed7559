import { describe, expect, it } from 'vitest';
import { split } from 'shamir-secret-sharing';
import { fromHex, toHex } from '../../../src/foundation/bytes.js';
import { GROUP_ORDER, randomScalar } from '../../../src/foundation/p256-group.js';
import type { Random } from '../../../src/foundation/random.js';
import { commitTo, interpolateScalar, isShareOf, shareScalar } from '../../../src/sealed/keys/scalar-sharing.js';
import { flip, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';
import { chiSquare } from '../../support/sealed-fixtures.js';

const numbered = (shares: readonly Uint8Array[], custodians: readonly number[]) =>
  custodians.map((custodian) => ({ custodian, share: shares[custodian - 1] as Uint8Array }));

/** All subsets of 1 … n with k members. */
function subsets(n: number, k: number): number[][] {
  if (k === 0) return [[]];
  if (n < k) return [];
  return [...subsets(n - 1, k), ...subsets(n - 1, k - 1).map((rest) => [...rest, n])];
}

const constant = (bytes: Uint8Array): Random => ({ bytes: () => bytes.slice() });
const SECRET = randomScalar(seededRandom('secret'));
const CRITICAL = 330.5; // 255 degrees of freedom, one in a thousand

describe('scalar sharing', () => {
  it.each([
    [2, 2],
    [2, 3],
    [3, 5],
    [5, 5],
    [9, 16],
    [16, 16],
  ])('%i of %i: quorums agree, all shares verify', (t, n) => {
    const { shares, coefficients } = shareScalar(SECRET, t, n, seededRandom('coefficients'));
    const commitments = commitTo(coefficients);
    for (const [i, share] of shares.entries()) expect(isShareOf(commitments, i + 1, share)).toBe(true);
    const first = Array.from({ length: t }, (_, i) => i + 1);
    const last = Array.from({ length: t }, (_, i) => n - i);
    expect(interpolateScalar(numbered(shares, first))).toEqual(SECRET);
    expect(interpolateScalar(numbered(shares, last))).toEqual(SECRET);
  });

  it('3 of 5: all ten triples give the secret, no pair does', () => {
    const { shares } = shareScalar(SECRET, 3, 5, seededRandom('coefficients'));
    expect(subsets(5, 3).filter((set) => toHex(interpolateScalar(numbered(shares, set))) === toHex(SECRET)).length).toBe(10);
    expect(subsets(5, 2).filter((set) => toHex(interpolateScalar(numbered(shares, set))) === toHex(SECRET)).length).toBe(0);
  });

  it('recognises a share that was altered, out of range, or another custodian’s', () => {
    const { shares, coefficients } = shareScalar(SECRET, 3, 5, seededRandom('coefficients'));
    const commitments = commitTo(coefficients);
    const [share] = shares as [Uint8Array];
    for (let offset = 0; offset < 32; offset++) expect(isShareOf(commitments, 1, flip(share, offset))).toBe(false);
    expect(isShareOf(commitments, 2, share)).toBe(false);
    expect(isShareOf([...commitments].reverse(), 2, shares[1] as Uint8Array)).toBe(false);
    expect(
      isShareOf(
        commitments.map((c) => flip(c, 32)),
        1,
        share,
      ),
    ).toBe(false);
  });

  it('allows zero coefficients, the leading one too, and zero shares', () => {
    const zero = shareScalar(SECRET, 3, 5, constant(new Uint8Array(32)));
    expect(zero.coefficients.slice(1)).toEqual([0n, 0n]);
    const commitments = commitTo(zero.coefficients);
    expect(toHex(commitments[2] as Uint8Array)).toBe('00'.repeat(33));
    expect(zero.shares.every((share, i) => isShareOf(commitments, i + 1, share))).toBe(true);
    // f(x) = s - s·x has f(1) = 0
    const minus = fromHex((GROUP_ORDER - BigInt(`0x${toHex(SECRET)}`)).toString(16).padStart(64, '0'));
    const line = shareScalar(SECRET, 2, 3, constant(minus));
    expect(toHex(line.shares[0] as Uint8Array)).toBe('00'.repeat(32));
    expect(isShareOf(commitTo(line.coefficients), 1, line.shares[0] as Uint8Array)).toBe(true);
    expect(isShareOf(commitTo(line.coefficients), 1, fromHex(GROUP_ORDER.toString(16)))).toBe(false); // n is no second spelling of 0
    expect(interpolateScalar(numbered(line.shares, [1, 2]))).toEqual(SECRET);
  });

  it('gives up on a broken random source', () => {
    expect(outcomeOf(() => shareScalar(SECRET, 3, 5, constant(fromHex('ff'.repeat(32)))))).toBe('TypeError');
    expect(outcomeOf(() => shareScalar(SECRET, 3, 5, constant(new Uint8Array(31))))).toBe('TypeError');
  });
});

describe('attack: t-1 custodians guess the secret', () => {
  const SPLITS = 20_000;

  /** For t = 2: what one custodian's share says about the secret's low byte: their difference, over many splits. */
  function differences(random: Random): Uint8Array {
    const out = new Uint8Array(SPLITS);
    for (let i = 0; i < SPLITS; i++) {
      const [share] = shareScalar(SECRET, 2, 2, random).shares as [Uint8Array];
      out[i] = ((share[31] as number) - (SECRET[31] as number)) & 0xff;
    }
    return out;
  }

  it('Z_n: the low byte is uniform to them', () => {
    expect(chiSquare(differences(seededRandom('fair')))).toBeLessThan(CRITICAL);
  });

  it('Z_n control: coefficients that are even give it away', () => {
    const fair = seededRandom('fair');
    const biased: Random = {
      bytes: (length) => {
        const bytes = fair.bytes(length);
        bytes[length - 1] = (bytes[length - 1] as number) & 0xfe;
        return bytes;
      },
    };
    expect(chiSquare(differences(biased))).toBeGreaterThan(CRITICAL);
  });

  it('GF(256): the secret byte is uniform to them, the value itself included', async () => {
    const secret = seededRandom('seed').bytes(64);
    const samples = new Uint8Array(64 * 1000);
    for (let i = 0; i < 1000; i++) {
      const [share] = (await split(secret, 2, 2)) as [Uint8Array];
      for (let j = 0; j < 64; j++) samples[i * 64 + j] = (share[j] as number) ^ (secret[j] as number);
    }
    // the package draws from the system: a second look keeps the chance of a false alarm at one in a million
    const first = chiSquare(samples.slice(0, 32_000));
    expect(first < CRITICAL || chiSquare(samples.slice(32_000)) < CRITICAL).toBe(true);
  });

  it('GF(256) control: a leading coefficient that is never zero excludes one value', () => {
    const random = seededRandom('control').bytes(64_000);
    const excluding = random.map((byte) => (byte % 255) + 1); // a·x for a ≠ 0 and a fixed x takes every value but zero
    expect(chiSquare(excluding)).toBeGreaterThan(CRITICAL);
    expect(chiSquare(random)).toBeLessThan(CRITICAL);
  });
});
