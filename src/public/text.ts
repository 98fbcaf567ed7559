import { isWellFormed, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';

export const MAX_STATEMENT_BYTES = 4096;
const MAX_TEXT_BYTES = 2048;

/** Controls except the line feed, every invisible format character (bidi controls among them) except the two joiners that
 *  Persian and Indic spelling needs, line separators that break logs, private use, and code points that are no characters. */
const REFUSED_IN_TEXT = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Noncharacter_Code_Point}]/u;

/**
 * The canonical form of a statement's text: NFC, line feeds only, trimmed; empty is absent. Markup is not refused here: whoever prints it
 * escapes it. Throws `STATEMENT_INVALID` or `STATEMENT_TOO_LARGE`.
 */
export function normaliseText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // NFC can shrink a text threefold but not more, so this bounds the work and refuses nothing that would fit.
  if (text.length > 4 * MAX_TEXT_BYTES) throw tooLarge('statement.text', MAX_TEXT_BYTES);
  if (!isWellFormed(text)) throw invalid();
  const canonical = text.replace(/\r\n?/g, '\n').normalize('NFC').trim();
  if (REFUSED_IN_TEXT.test(canonical)) throw invalid();
  if (utf8(canonical).length > MAX_TEXT_BYTES) throw tooLarge('statement.text', MAX_TEXT_BYTES);
  return canonical === '' ? undefined : canonical;
}

/** Bytes of UTF-8. */
export function tooLarge(field: string, limit: number): RegistryError {
  return new RegistryError('STATEMENT_TOO_LARGE', `more than ${limit} bytes`, { field, limit });
}

function invalid(): RegistryError {
  return new RegistryError('STATEMENT_INVALID', 'statement: text breaks a rule', { field: 'statement.text' });
}
