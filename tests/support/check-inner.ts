import { checkInside, type OpenedSubmission } from '../../src/registry/open-submission.js';
import type { RegistrySettings } from '../../src/registry/settings.js';

/** The checks of the sort on a registration's inside. A request in its place fails the test. */
export function checkInner(padded: Uint8Array, settings: RegistrySettings): OpenedSubmission {
  const opened = checkInside(padded, settings, {});
  if (!('inner' in opened)) throw new Error('expected a registration');
  return opened;
}
