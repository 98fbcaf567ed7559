import { assertBytes, utf8 } from '../foundation/bytes.js';
import type { JsonMembers } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { CONTENT_LABEL } from '../foundation/labels.js';
import { type Sha256, sha256 as portableSha256 } from '../foundation/sha256.js';
import { hashTupleBy } from '../foundation/tuple.js';
import { assertPeriod, type Period } from '../vocabulary/period.js';
import { isHex, isText } from './shape.js';
import { MAX_STATEMENT_BYTES } from './text.js';

/** The part of an entry that lies beside the log and can be removed; leaf and count stay. Spec: docs/spec/leaf.md. */
export interface Content {
  /** Ed25519 public key of the entry, 64 lower-case hex digits. */
  readonly entryKey: string;
  readonly name: string;
  readonly period: Period;
  readonly text: string | undefined;
}

const SALT_LENGTH = 32;

/**
 * The canonical text of a content whose members have their form, whatever name and text say: for verifiers. They compare hashes, and which
 * characters are letters depends on the age of a runtime's tables. `encodeContent` keeps the rules of names and texts too. Throws `FORMAT_INVALID`.
 */
export function contentForm({ entryKey, name, period, text }: Content): string {
  assertPeriod(period);
  if (!isHex(entryKey, 32) || !isText(name) || (text !== undefined && !isText(text))) throw malformedContent();
  // Canonical JSON, written out: a replay prints one for each statement.
  const rest = text === undefined ? '' : `,"text":${JSON.stringify(text)}`;
  const printed = `{"key":"${entryKey}","name":${JSON.stringify(name)},"period":"${period}"${rest}}`;
  // A character has at least one byte: no long text is encoded to be measured.
  if (printed.length > MAX_STATEMENT_BYTES || utf8(printed).length > MAX_STATEMENT_BYTES) throw malformedContent();
  return printed;
}

/** Unchecked: for decoders that compare with what `contentForm` prints of it. */
export function contentOfMembers({ key, name, period, text }: JsonMembers): Content {
  return { entryKey: key, name, period, text } as Content;
}

/**
 * `h` of a leaf: T("cryptonym/v1/content", salt, content). The salt is 32 secret bytes until publication and is removed together with the
 * content: after that nobody can test a guessed alias and text against the leaf.
 */
export function contentHash(salt: Uint8Array, content: Uint8Array, sha256: Sha256 = portableSha256): Uint8Array {
  assertBytes(salt, 'salt', SALT_LENGTH);
  assertBytes(content, 'content');
  return hashTupleBy(sha256, CONTENT_LABEL, salt, content);
}

export function malformedContent(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed content');
}
