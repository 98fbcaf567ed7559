import { combine } from 'shamir-secret-sharing';
import type { CryptoOptions } from '../../foundation/backend.js';
import { equalBytes, toHex, wipe } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { type HybridPrivateKey, keyIdOf } from '../../foundation/hybrid-kem.js';
import { hybridPublicKey } from '../../foundation/hybrid-kem-open.js';
import { interpolateScalar } from './scalar-sharing.js';
import { badShare, type ShareEnvelope } from './share-envelope.js';
import { verifyShare } from './verify-share.js';

/**
 * The private key of a quorum of share envelopes (level L1). The process that calls this holds the whole key: it runs on an offline station,
 * and the caller wipes the key after use.
 *
 * Everything is refused before anything is combined, because the sharing package answers bad or mixed shares with wrong bytes in silence:
 * `SHARE_BAD` (damaged or false, details.custodian), `SHARE_MIXED` (of another set than most, details.custodian), `SHARE_DUPLICATE`
 * (details.custodian), `SHARES_TOO_FEW` (details.limit = quorum). More than a quorum is fine: all are verified, the first t are used.
 * The result's public key must have the key id of the shares, else `SHARE_BAD` without a custodian: then the dealer cheated.
 */
export async function combineShares(envelopes: readonly ShareEnvelope[], options: CryptoOptions = {}): Promise<HybridPrivateKey> {
  for (const envelope of envelopes) verifyShare(envelope);
  assertOneSet(envelopes);
  assertNoDuplicate(envelopes);
  const [first] = envelopes;
  if (first === undefined || envelopes.length < first.quorum) throw tooFewShares(first?.quorum);
  const used = envelopes.slice(0, first.quorum);
  const scalar = interpolateScalar(used.map(({ custodian, scalarShare }) => ({ custodian, share: scalarShare })));
  const seed = await combineSeed(used);
  const privateKey = { scalar, seed };
  if (!hasKeyId(privateKey, first.keyId, options)) {
    wipe(scalar, seed);
    throw badShare();
  }
  return privateKey;
}

/** `SHARES_TOO_FEW`, with the number that is needed where it is known. */
export function tooFewShares(quorum?: number): RegistryError {
  return quorum === undefined
    ? new RegistryError('SHARES_TOO_FEW', 'no share of the key that is needed')
    : new RegistryError('SHARES_TOO_FEW', `${quorum} shares of one key are needed`, { limit: quorum });
}

/** Names a custodian whose set is not the most frequent one; among equals the first that was given counts as the right one. */
function assertOneSet(envelopes: readonly ShareEnvelope[]): void {
  const sizes = new Map<string, number>();
  for (const { setId } of envelopes) sizes.set(toHex(setId), (sizes.get(toHex(setId)) ?? 0) + 1);
  const largest = Math.max(...sizes.values());
  const right = [...sizes.keys()].find((setId) => sizes.get(setId) === largest);
  const odd = envelopes.find(({ setId }) => toHex(setId) !== right);
  if (odd !== undefined) {
    throw new RegistryError('SHARE_MIXED', `the share of custodian ${odd.custodian} is of another set`, { custodian: odd.custodian });
  }
}

function assertNoDuplicate(envelopes: readonly ShareEnvelope[]): void {
  const seen = new Set<number>();
  for (const { custodian } of envelopes) {
    if (seen.has(custodian))
      throw new RegistryError('SHARE_DUPLICATE', `the share of custodian ${custodian} was given twice`, { custodian });
    seen.add(custodian);
  }
}

async function combineSeed(used: readonly ShareEnvelope[]): Promise<Uint8Array> {
  try {
    return await combine(used.map(({ seedShare }) => Uint8Array.from(seedShare)));
  } catch {
    throw badShare(); // two shares with one x coordinate: the dealer made them so
  }
}

function hasKeyId(privateKey: HybridPrivateKey, keyId: Uint8Array, options: CryptoOptions): boolean {
  try {
    return equalBytes(keyIdOf(hybridPublicKey(privateKey, options)), keyId);
  } catch {
    return false; // a scalar of zero has no public key
  }
}
