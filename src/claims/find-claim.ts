import type { CryptoOptions } from '../foundation/backend.js';
import { Secret } from '../foundation/secret.js';
import { deriveKappaKeys } from '../submit/kappa-keys.js';
import { idToHex } from '../vocabulary/ids.js';
import type { Claim, LookUp } from './claim.js';
import { deriveClaimKey } from './claim-key.js';
import { openClaim } from './open-claim.js';
import { entropyFromPhrase } from './open-phrase.js';

export interface FindClaimOptions extends Pick<CryptoOptions, 'backend'> {
  /** If the phrase was made with one. A wrong one leads to nothing, like a phrase that was never used. */
  readonly pin?: string;
}

/**
 * From a phrase to the own registration: one look-up, whatever comes of it.
 *
 * Throws `OPEN_FAILED` for a mistyped, wrong or unknown phrase, a wrong PIN and a registration without phrase: nobody can tell which.
 * `PIN_INVALID` for less than 8 characters, before anything is asked. Whatever `lookUp` throws passes through (`CLAIM_THROTTLED`).
 */
export async function findClaim(phrase: string, lookUp: LookUp, options: FindClaimOptions = {}): Promise<Claim> {
  const key = deriveClaimKey(entropyFromPhrase(phrase), options.pin);
  const secret = openClaim(await lookUp(key.locator), key);
  const { recordId, entryId } = deriveKappaKeys(secret.kappa, options);
  return { recordId: idToHex(recordId), entryId: idToHex(entryId), secret: new Secret(secret) };
}
