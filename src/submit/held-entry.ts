import type { Claim } from '../claims/claim.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { toHex } from '../foundation/bytes.js';
import { normaliseAlias, normaliseShownName } from '../public/alias.js';
import { normaliseText } from '../public/text.js';
import { dateOfDay, EARLIER, periodOfDay } from '../vocabulary/period.js';
import type { Display, Evidence } from '../vocabulary/words.js';
import { deriveKappaKeys } from './kappa-keys.js';

/** What the holder of a claim remembers of the own statement, as it was made. */
export interface OwnStatement {
  /** The alias, or the real name where that was to be shown. */
  readonly name: string;
  readonly display: Display;
  readonly categories: readonly string[];
  readonly text?: string | undefined;
  /** As raised, if the holder knows of it. */
  readonly evidence: Evidence;
  /** Day of the registration, `YYYY-MM-DD`. */
  readonly sealed: string;
  /** If a period was stated; else it is the month of that day. */
  readonly period?: string | undefined;
}

/** What `verifyEntry` of `cryptonym/verify` compares with the log, but `latest` (`latestPublication`). */
export interface OwnEntry extends Omit<OwnStatement, 'sealed' | 'period'> {
  /** Ed25519 public key, 64 lower-case hex digits. */
  readonly entryKey: string;
  /** 32 bytes, secret until publication. */
  readonly salt: Uint8Array;
  readonly periods: readonly string[];
}

const DAY = 86_400_000;

/**
 * The own entry as it must stand in the log: key and salt from the claim, name and text in their canonical form, and the periods it may carry
 * (the month, the one beside it where a time zone may have made it that, and `earlier`, which a long hold makes of any). Nobody is asked.
 * Throws `ALIAS_INVALID`, `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE`; RangeError for what is no day.
 */
export function heldEntry(claim: Claim, { sealed, period, ...said }: OwnStatement, options: Pick<CryptoOptions, 'backend'> = {}): OwnEntry {
  const day = Date.parse(sealed) / DAY;
  if (!Number.isInteger(day) || dateOfDay(day) !== sealed) throw new RangeError('not a day');
  const { entryPublicKey, salt } = deriveKappaKeys(claim.secret.reveal().kappa, options);
  const months = period === undefined ? [day, day - 1, day + 1].map(periodOfDay) : [period];
  return {
    ...said,
    name: said.display === 'name' ? normaliseShownName(said.name) : normaliseAlias(said.name),
    text: normaliseText(said.text),
    entryKey: toHex(entryPublicKey),
    salt,
    periods: [...new Set([...months, EARLIER])],
  };
}
