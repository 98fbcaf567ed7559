import { split } from 'shamir-secret-sharing';
import type { CryptoOptions } from '../../foundation/backend.js';
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
  const seedShares = await split(plainBytes(privateKey.seed), custodians, quorum);
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
  await combineShares(envelopes, options);
  await combineShares([...envelopes].reverse(), options);
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

/** The package accepts only this realm's Uint8Array itself, not a Buffer or another subclass. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}
