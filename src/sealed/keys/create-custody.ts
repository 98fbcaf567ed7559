import type { CryptoOptions } from '../../foundation/backend.js';
import { wipe } from '../../foundation/bytes.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../foundation/hybrid-kem-open.js';
import { Secret } from '../../foundation/secret.js';
import { armourShare } from './share-armour.js';
import { SHARE_PURPOSES, type SharePurpose } from './share-envelope.js';
import { assertQuorum, splitPrivateKey } from './split-key.js';

export interface CustodySize {
  /** How many custodians open together; 3 unless said otherwise. */
  readonly quorum?: number;
  /** How many custodians there are; 5 unless said otherwise. */
  readonly custodians?: number;
}

/** Hybrid public keys, 1249 bytes each. */
export type CustodyPublicKeys = Readonly<Record<SharePurpose, Uint8Array>>;

/** One custodian's armoured share file. */
export type ShareEnvelopeFile = Secret<string>;

export interface Custody {
  readonly keys: CustodyPublicKeys;
  /** Share files by purpose; custodian i's is at index i - 1. */
  readonly shares: Readonly<Record<SharePurpose, readonly ShareEnvelopeFile[]>>;
}

/**
 * New vault, link and quarantine keys, each shared t-of-n at once. Nothing else comes out: the private keys are wiped as well as JavaScript
 * can, and exist afterwards only as shares. Run it on an offline machine: whoever watches this process has the keys.
 * Throws `CUSTODY_INVALID` unless 2 ≤ quorum ≤ custodians ≤ 16.
 */
export async function createCustody(size: CustodySize = {}, options: CryptoOptions = {}): Promise<Custody> {
  const { quorum = 3, custodians = 5 } = size;
  assertQuorum(quorum, custodians);
  const keys: Partial<Record<SharePurpose, Uint8Array>> = {};
  const shares: Partial<Record<SharePurpose, readonly ShareEnvelopeFile[]>> = {};
  for (const purpose of SHARE_PURPOSES) {
    const privateKey = generateHybridPrivateKey(options);
    try {
      keys[purpose] = hybridPublicKey(privateKey, options);
      const envelopes = await splitPrivateKey({ privateKey, purpose, quorum, custodians }, options);
      shares[purpose] = envelopes.map((envelope) => new Secret(armourShare(envelope)));
    } finally {
      wipe(privateKey.scalar, privateKey.seed);
    }
  }
  return { keys: keys as CustodyPublicKeys, shares: shares as Custody['shares'] };
}
