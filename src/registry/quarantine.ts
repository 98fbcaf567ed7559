import type { QuarantinedFrom, WaitingRow } from '../sealed/ports.js';
import { sealQuarantined } from '../sealed/quarantine.js';
import { contentIdOf } from './accept.js';
import { cryptoOptions, type RegistryContext } from './context.js';

/** What of a submission goes to the quarantine: only the custodians' quorum for it reads it (`openQuarantined` of `./custodian`). */
export function quarantine(context: RegistryContext, row: Pick<WaitingRow, 'id' | 'failures'>, bytes: Uint8Array): QuarantinedFrom {
  const id = contentIdOf(bytes, context.backend);
  return {
    from: row.id,
    failures: row.failures,
    id,
    sealed: sealQuarantined(id, bytes, context.settings.custody.quarantine, cryptoOptions(context)),
  };
}
