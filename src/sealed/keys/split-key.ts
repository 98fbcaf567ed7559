import { split } from 'shamir-secret-sharing';
import type { CryptoOptions } from '../../foundation/backend.js';
import { wipe } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { type HybridPrivateKey, keyIdOf } from '../../foundation/hybrid-kem.js';
import { hybridPublicKey } from '../../foundation/hybrid-kem-open.js';
import { systemRandom } from '../../foundation/random.js';
import { combineShares } from './open-shares.js';
import { commitTo, shareScalar } from './scalar-sharing.js';
import {
  MAX_CUSTODIANS,
  MIN_QUORUM,
  type ShareEnvelope,
  type SharePurpose,
  type ShareSet,
  seedShareHash,
  shareSetId,
} from './share-envelope.js';

export interface SplitKeyInput {
  readonly privateKey: HybridPrivateKey;
  readonly purpose: SharePurpose;
  /** t, 2 to n. */
  readonly quorum: number;
  /** n, at most 16. */
  readonly custodians: number;
}

/**
 * The n share envelopes of a private key, in custodian order; any t give it back, t-1 say nothing about it.
 *
 * The scalar's polynomial comes from `options.random`; the seed's from the platform's CSPRNG, which `shamir-secret-sharing` uses itself.
 * Before it returns, every share has been verified and two quorums have been combined: a registry whose shares turn out bad later has
 * lost every name. Throws `CUSTODY_INVALID` for numbers out of range. The caller wipes the private key.
 */
export async function splitPrivateKey(input: SplitKeyInput, options: CryptoOptions = {}): Promise<readonly ShareEnvelope[]> {
  const { privateKey, purpose, quorum, custodians } = input;
  assertQuorum(quorum, custodians);
  const keyId = keyIdOf(hybridPublicKey(privateKey, options));
  const sharing = shareScalar(privateKey.scalar, quorum, custodians, options.random ?? systemRandom);
  const seedShares = await splitSeed(privateKey.seed, custodians, quorum);
  const set: ShareSet = {
    purpose,
    quorum,
    custodians,
    keyId,
    commitments: commitTo(sharing.coefficients),
    seedHashes: seedShares.map((seedShare, i) => seedShareHash(purpose, keyId, i + 1, seedShare)),
  };
  const setId = shareSetId(set);
  const envelopes = sharing.shares.map((scalarShare, i) => ({
    ...set,
    setId,
    custodian: i + 1,
    scalarShare,
    seedShare: seedShares[i] as Uint8Array,
  }));
  // each call verifies all n shares and compares the key id; the first combines the first t, the second the last t
  for (const given of [envelopes, [...envelopes].reverse()]) {
    const combined = await combineShares(given, options);
    wipe(combined.scalar, combined.seed);
  }
  return envelopes;
}

/** 2 ≤ t ≤ n ≤ 16. Throws `CUSTODY_INVALID`. */
export function assertQuorum(quorum: number, custodians: number): void {
  const whole = Number.isInteger(quorum) && Number.isInteger(custodians);
  if (!whole || quorum < MIN_QUORUM || quorum > custodians || custodians > MAX_CUSTODIANS) {
    throw new RegistryError(
      'CUSTODY_INVALID',
      `quorum must be ${MIN_QUORUM} to the number of custodians, and these at most ${MAX_CUSTODIANS}`,
    );
  }
}

/** The package accepts only a Uint8Array itself, not a Buffer or another subclass: hence the copy. */
async function splitSeed(seed: Uint8Array, custodians: number, quorum: number): Promise<readonly Uint8Array[]> {
  const copy = Uint8Array.from(seed);
  try {
    return await split(copy, custodians, quorum);
  } finally {
    wipe(copy);
  }
}
