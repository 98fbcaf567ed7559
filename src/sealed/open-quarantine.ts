import type { CryptoOptions } from '../foundation/backend.js';
import { utf8, wipe } from '../foundation/bytes.js';
import { hpkeOpen } from '../foundation/hpke-open.js';
import { LABELS } from '../foundation/labels.js';
import { openFailed } from '../foundation/errors.js';
import { unpad } from '../foundation/padding.js';
import type { Secret } from '../foundation/secret.js';
import { idFromHex } from '../vocabulary/ids.js';
import { combineShares } from './keys/open-shares.js';
import { parseNumbered } from './keys/parse-shares.js';
import { decodeQuarantined, quarantineContext } from './quarantine.js';

/** A row of `registry.sealed.quarantined()`. */
export interface QuarantinedRow {
  /** 32 hex digits. */
  readonly id: string;
  readonly sealed: Uint8Array;
}

/**
 * Opens what the sort could not take, with a quorum of quarantine shares (level L1, offline). Gives the bytes as they came: a submission of
 * 24 KiB whose outer layer did not open (nobody can read it once its epoch key is gone), or the inside of one that broke a rule, which still
 * holds its compartments sealed. Look at the inside only on the offline station: record and entry lie side by side in it.
 *
 * Throws as `openRecord`: codes of shares; `OPEN_FAILED` for everything about the row itself.
 */
export async function openQuarantined(
  row: QuarantinedRow,
  shares: readonly (string | Secret<string>)[],
  options: CryptoOptions = {},
): Promise<Uint8Array> {
  const id = idFromHex(row.id);
  const envelopes = shares.map(parseNumbered).filter(({ purpose }) => purpose === 'quarantine');
  const privateKey = await combineShares(envelopes, options);
  try {
    const { enc, ciphertext } = decodeQuarantined(row.sealed);
    return unpad(hpkeOpen({ privateKey, enc, info: utf8(LABELS.quarantine), aad: quarantineContext(id), ciphertext }, options));
  } catch {
    throw openFailed();
  } finally {
    wipe(privateKey.scalar, privateKey.seed);
  }
}
