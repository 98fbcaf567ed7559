import type { QuarantineRow } from '../sealed/ports.js';
import { sealQuarantined } from '../sealed/quarantine.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** What of a submission goes to the quarantine: only the custodians' quorum for it reads it (`openQuarantined` of `./custodian`). */
export function quarantine(context: RegistryContext, id: Uint8Array, bytes: Uint8Array): QuarantineRow {
  return { id, sealed: sealQuarantined(id, bytes, context.settings.custody.quarantine, cryptoOptions(context)) };
}
