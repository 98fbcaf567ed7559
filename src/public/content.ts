import { utf8 } from '../foundation/bytes.js';
import { decodeByEncoding, encodeCanonicalJson } from '../foundation/canonical-json.js';
import { EARLIER } from '../vocabulary/period.js';
import { normaliseShownName } from './alias.js';
import { type Content, contentForm, contentOfMembers, malformedContent } from './content-form.js';
import type { Statement } from './statement.js';
import { MAX_STATEMENT_BYTES, normaliseText } from './text.js';

export { type Content, contentHash } from './content-form.js';

/** A statement's content. With `coarsen` its period is `earlier`: nothing else of a statement changes by a long hold. */
export function contentOf(statement: Statement, coarsen: boolean): Content {
  const { entryKey, name, text } = statement;
  return { entryKey, name, period: coarsen ? EARLIER : statement.period, text };
}

/** `encodeContent(contentOf(statement, coarsen))` for a statement that was just decoded: a decoded statement keeps every rule of its content. */
export function encodeContentOf(statement: Statement, coarsen: boolean): Uint8Array {
  const { entryKey: key, name, period, text } = contentOf(statement, coarsen);
  return encodeCanonicalJson({ key, name, period, text });
}

/** Canonical JSON {key, name, period, text?}, at most 4096 bytes. Throws `FORMAT_INVALID` for a content that breaks a rule. */
export function encodeContent(content: Content): Uint8Array {
  return utf8(contentText(content));
}

/** Strict inverse of `encodeContent`. Throws `FORMAT_INVALID`. */
export function decodeContent(bytes: Uint8Array): Content {
  return decodeByEncoding(bytes, MAX_STATEMENT_BYTES, contentOfMembers, contentText, malformedContent);
}

function contentText(content: Content): string {
  try {
    const printed = contentForm(content);
    if (normaliseShownName(content.name) === content.name && normaliseText(content.text) === content.text) return printed;
  } catch {
    // Whatever rule it breaks, the format has one code.
  }
  throw malformedContent();
}
