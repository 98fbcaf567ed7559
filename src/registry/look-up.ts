import { assertBytes } from '../foundation/bytes.js';
import { claimAnswer } from '../claims/look-up.js';
import { LOCATOR_LENGTH } from '../claims/make-row.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/**
 * The row at a locator or mailbox: always 296 bytes, for unknown ones too, and the same ones each time. Nothing is logged.
 * Throws `CLAIM_THROTTLED` (retryable), alike for known and unknown ones; TypeError and RangeError for what is not 32 bytes.
 */
export async function lookUpClaim(context: RegistryContext, locator: Uint8Array): Promise<Uint8Array> {
  assertBytes(locator, 'locator', LOCATOR_LENGTH);
  context.lookUps.admit(locator);
  return claimAnswer(context.stores.claims, locator, cryptoOptions(context));
}
