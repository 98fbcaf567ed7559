import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { prepareRegistration, type SubmitOptions } from './prepare-registration.js';
import type { Registration } from './registration.js';

/**
 * Every check of `makeSubmission` without sealing, for a form or a dry run: returns nothing or throws the same coded error.
 * (Only the bucket limit of a compartment, `COMPARTMENT_TOO_LARGE`, is left to the sealing.)
 */
export function checkRegistration(
  registration: Registration,
  publicKeys: Pick<PublicKeys, 'categories'>,
  options: SubmitOptions = {},
): void {
  prepareRegistration(registration, publicKeys.categories, options);
}
