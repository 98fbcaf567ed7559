import { isWellFormed } from '../foundation/bytes.js';

/**
 * What no stored text may hold: control characters, line and paragraph separators, and the bidirectional embeddings, overrides and isolates
 * with which a malicious device could make a custodian read another name than the one that is stored. Joiners stay: Persian and Indic
 * names need them.
 */
const REFUSED = /[\p{Cc}\p{Zl}\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]/u;

export interface TextRule {
  /** Most code points after normalisation; at least 1 is always needed. */
  readonly max: number;
  /** Line feeds are allowed (addresses). */
  readonly lines?: boolean;
}

/**
 * The one canonical form of a text on the sealed side: NFC, no white space at the ends, 1 to `max` code points. Idempotent.
 * Returns undefined for everything it refuses: lone surrogates, refused characters, empty, too long. The length is capped before any
 * normalisation or pattern runs, so a megabyte of combining marks costs nothing. Never folds case or script: people are called as they say.
 */
export function normaliseText(value: string, rule: TextRule): string | undefined {
  if (value.length > rule.max * 4 || !isWellFormed(value)) return undefined;
  const text = value.normalize('NFC').trim();
  if (REFUSED.test(rule.lines === true ? text.replaceAll('\n', ' ') : text)) return undefined;
  const length = [...text].length;
  return length >= 1 && length <= rule.max ? text : undefined;
}
