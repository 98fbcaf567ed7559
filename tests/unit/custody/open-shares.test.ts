import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import { encodeHybridPrivateKey } from '../../../src/foundation/hybrid-kem-open.js';
import { combineShares } from '../../../src/sealed/keys/open-shares.js';
import {
  decodeShareEnvelope,
  encodeShareEnvelope,
  type ShareEnvelope,
  seedShareHash,
  shareSetId,
} from '../../../src/sealed/keys/share-envelope.js';
import { splitPrivateKey } from '../../../src/sealed/keys/split-key.js';
import { verifyShare } from '../../../src/sealed/keys/verify-share.js';
import { flip } from '../../support/crypto-fixtures.js';
import { keyPair, rejectionOf } from '../../support/sealed-fixtures.js';

const { privateKey } = keyPair('shared');
const set = await splitPrivateKey({ privateKey, purpose: 'vault', quorum: 3, custodians: 5 });
const again = await splitPrivateKey({ privateKey, purpose: 'vault', quorum: 3, custodians: 5 });
const share = (custodian: number, of = set): ShareEnvelope => of[custodian - 1] as ShareEnvelope;
const pick = (...custodians: number[]) => custodians.map((custodian) => share(custodian));

describe('combineShares', () => {
  it('opens with every subset of the quorum’s size, in any order, and with more', async () => {
    let subsets = 0;
    for (let mask = 0; mask < 32; mask++) {
      const members = [5, 4, 3, 2, 1].filter((custodian) => (mask >> (custodian - 1)) & 1);
      if (members.length < 3) continue;
      subsets++;
      expect(toHex(encodeHybridPrivateKey(await combineShares(pick(...members))))).toBe(toHex(encodeHybridPrivateKey(privateKey)));
    }
    expect(subsets).toBe(16);
  });

  it('refuses every smaller subset', async () => {
    let subsets = 0;
    for (let mask = 0; mask < 32; mask++) {
      const members = [1, 2, 3, 4, 5].filter((custodian) => (mask >> (custodian - 1)) & 1);
      if (members.length >= 3) continue;
      subsets++;
      expect(await rejectionOf(() => combineShares(pick(...members)))).toBe('SHARES_TOO_FEW');
    }
    expect(subsets).toBe(16);
    await expect(combineShares(pick(1, 2))).rejects.toMatchObject({ details: { limit: 3 } });
  });

  it('names the custodian of a duplicate', async () => {
    expect(await rejectionOf(() => combineShares(pick(1, 2, 2)))).toBe('SHARE_DUPLICATE 2');
    expect(await rejectionOf(() => combineShares(pick(1, 2, 3, 1)))).toBe('SHARE_DUPLICATE 1');
  });

  it('names the custodian of another set of the same key', async () => {
    expect(await rejectionOf(() => combineShares([share(1), share(2, again), share(3)]))).toBe('SHARE_MIXED 2');
    expect(await rejectionOf(() => combineShares([share(1, again), share(2), share(3)]))).toBe('SHARE_MIXED 1');
    expect(await rejectionOf(() => combineShares([share(1), share(2, again)]))).toBe('SHARE_MIXED 2');
    expect(toHex(share(1).setId)).not.toBe(toHex(share(1, again).setId));
  });

  it.each<[string, (good: ShareEnvelope) => Partial<ShareEnvelope>]>([
    ['purpose', () => ({ purpose: 'link' })],
    ['set id', (good) => ({ setId: flip(good.setId, 0) })],
    ['key id', (good) => ({ keyId: flip(good.keyId, 15) })],
    ['quorum', (good) => ({ quorum: 2, commitments: good.commitments.slice(0, 2) })],
    ['number of custodians', (good) => ({ custodians: 4, seedHashes: good.seedHashes.slice(0, 4) })],
    ['first commitment', (good) => ({ commitments: good.commitments.map((c, i) => (i === 0 ? flip(c, 0) : c)) })],
    ['last commitment', (good) => ({ commitments: good.commitments.map((c, i) => (i === 2 ? flip(c, 32) : c)) })],
    ['own seed hash', (good) => ({ seedHashes: good.seedHashes.map((h, i) => (i === 1 ? flip(h, 0) : h)) })],
    ['another seed hash', (good) => ({ seedHashes: good.seedHashes.map((h, i) => (i === 4 ? flip(h, 0) : h)) })],
    ['scalar share', (good) => ({ scalarShare: flip(good.scalarShare, 31) })],
    ['seed share', (good) => ({ seedShare: flip(good.seedShare, 0) })],
    ['x of the seed share', (good) => ({ seedShare: flip(good.seedShare, 64) })],
    ['another’s scalar share', () => ({ scalarShare: share(3).scalarShare })],
    ['another’s seed share', () => ({ seedShare: share(3).seedShare })],
    ['a scalar share that is not reduced', () => ({ scalarShare: new Uint8Array(32).fill(255) })],
    [
      'new set id over a changed list',
      (good) => {
        const changed = {
          ...good,
          commitments: good.commitments.map((c, i) => (i === 0 ? (share(2, again).commitments[2] as Uint8Array) : c)),
        };
        return { ...changed, setId: shareSetId(changed) };
      },
    ],
  ])('names the custodian whose share has a false %s, with a correct checksum', async (_, change) => {
    const forged = decodeShareEnvelope(encodeShareEnvelope({ ...share(2), ...change(share(2)) }));
    expect(await rejectionOf(() => verifyShare(forged))).toBe('SHARE_BAD 2');
    expect(await rejectionOf(() => combineShares([share(1), forged, share(3)]))).toBe('SHARE_BAD 2');
  });

  it('names the number a share claims when its index is false', async () => {
    expect(await rejectionOf(() => verifyShare({ ...share(2), custodian: 4 }))).toBe('SHARE_BAD 4');
  });

  it('refuses a whole set whose dealer named another key, and blames no custodian', async () => {
    const keyId = flip(share(1).keyId, 0);
    const seedHashes = set.map((envelope) => seedShareHash('vault', keyId, envelope.custodian, envelope.seedShare));
    const misnamed = set.map((envelope) => ({ ...envelope, keyId, seedHashes }));
    const named = misnamed.map((envelope) => verifyShare({ ...envelope, setId: shareSetId(envelope) }));
    expect(await rejectionOf(() => combineShares(named))).toBe('SHARE_BAD');
  });

  it('refuses a dealer’s set where two seed shares are one', async () => {
    const twin = share(1).seedShare;
    const twins = set.map((envelope) => (envelope.custodian === 2 ? { ...envelope, seedShare: twin } : envelope));
    const seedHashes = twins.map((envelope) => seedShareHash('vault', envelope.keyId, envelope.custodian, envelope.seedShare));
    const named = twins.map((envelope) => ({ ...envelope, seedHashes, setId: shareSetId({ ...envelope, seedHashes }) }));
    expect(await rejectionOf(() => combineShares(named))).toBe('SHARE_BAD');
  });
});

describe('splitPrivateKey', () => {
  it.each([
    [1, 5],
    [0, 5],
    [4, 3],
    [3, 17],
    [2.5, 5],
    [Number.NaN, 5],
  ])('refuses %d of %d', async (quorum, custodians) => {
    expect(await rejectionOf(() => splitPrivateKey({ privateKey, purpose: 'vault', quorum, custodians }))).toBe('CUSTODY_INVALID');
  });

  it('makes sets at both ends of the range', async () => {
    for (const [quorum, custodians] of [
      [2, 2],
      [16, 16],
    ] as const) {
      const envelopes = await splitPrivateKey({ privateKey, purpose: 'link', quorum, custodians });
      expect(envelopes.map((envelope) => verifyShare(envelope).custodian)).toEqual(Array.from({ length: custodians }, (_, i) => i + 1));
      expect((await combineShares(envelopes)).scalar).toEqual(privateKey.scalar);
    }
  });
});
