import { concatBytes, utf8, wipe } from '../foundation/bytes.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { hpkeSeal } from '../foundation/hpke-seal.js';
import { LABELS } from '../foundation/labels.js';
import { pad } from '../foundation/padding.js';
import type { QuarantineRow } from '../sealed/ports.js';
import { SUBMISSION_LENGTH } from '../submit/outer-format.js';
import { cryptoOptions, type RegistryContext } from './context.js';

const MAGIC = utf8('cn/qua/1');
const BUCKET = SUBMISSION_LENGTH + 1;

/**
 * Re-seals what could not be sorted to the custodians' quarantine key, so that nothing is lost and the epoch key can still be destroyed:
 * `magic ‖ enc ‖ HPKE(pad(bytes))`, one length for opened and unopened ones. Only a quorum reads it.
 */
export function quarantine(context: RegistryContext, id: Uint8Array, bytes: Uint8Array): QuarantineRow {
  const { enc, ciphertext, ephemeralScalar } = hpkeSeal(
    {
      publicKey: context.settings.custody.quarantine,
      info: utf8(LABELS.quarantine),
      aad: concatBytes(MAGIC, id),
      plaintext: pad(bytes, BUCKET),
    },
    cryptoOptions(context),
  );
  wipe(ephemeralScalar);
  const sealed = new ByteWriter().fixed(MAGIC, MAGIC.length).fixed(enc, enc.length).fixed(ciphertext, ciphertext.length).finish();
  return { id, sealed };
}
