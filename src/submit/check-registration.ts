import type { PublicKeys } from '../sealed/keys/public-keys.js';
import { encodeRecord } from '../sealed/seal-record.js';
import { prepareRegistration, type SubmitOptions } from './prepare-registration.js';
import type { Registration } from './registration.js';

/** Every check of `makeSubmission` without sealing, for a form or a dry run: returns nothing or throws the same coded error. */
export function checkRegistration(
  registration: Registration,
  publicKeys: Pick<PublicKeys, 'categories'>,
  options: SubmitOptions = {},
): void {
  encodeRecord(prepareRegistration(registration, publicKeys.categories, options));
}
