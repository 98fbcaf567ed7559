import { RegistryError } from '../../foundation/errors.js';
import { Secret } from '../../foundation/secret.js';
import { parseShare } from './share-armour.js';
import type { ShareEnvelope } from './share-envelope.js';

/** One of several given shares. A text that is no share has no custodian's number, so its place among the given ones is named. */
export function parseNumbered(share: string | Secret<string>, position: number): ShareEnvelope {
  try {
    return parseShare(share instanceof Secret ? share.reveal() : share);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.details.custodian !== undefined) throw error;
    throw new RegistryError(error.code, error.message, { row: position + 1 });
  }
}
