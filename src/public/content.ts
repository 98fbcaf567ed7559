import { assertBytes, utf8 } from '../foundation/bytes.js';
import {
  decodeByEncoding,
  encodeCanonicalJson,
  type JsonMembers,
  type JsonValue,
  printCanonicalJson,
} from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { LABELS } from '../foundation/labels.js';
import { hashTuple } from '../foundation/tuple.js';
import { assertPeriod, EARLIER, type Period } from '../vocabulary/period.js';
import { normaliseShownName } from './alias.js';
import { isHex } from './shape.js';
import type { Statement } from './statement.js';
import { MAX_STATEMENT_BYTES, normaliseText } from './text.js';

/** The part of an entry that lies beside the log and can be removed; leaf and count stay. Spec: docs/spec/leaf.md. */
export interface Content {
  /** Ed25519 public key of the entry, 64 lower-case hex digits. */
  readonly entryKey: string;
  readonly name: string;
  readonly period: Period;
  readonly text: string | undefined;
}

const SALT_LENGTH = 32;

/** A statement's content. With `coarsen` its period is `earlier`: nothing else of a statement changes by a long hold. */
export function contentOf(statement: Statement, coarsen: boolean): Content {
  const { entryKey, name, text } = statement;
  return { entryKey, name, period: coarsen ? EARLIER : statement.period, text };
}

/** `encodeContent(contentOf(statement, coarsen))` for a statement that was just decoded: a decoded statement keeps every rule of its content. */
export function encodeContentOf(statement: Statement, coarsen: boolean): Uint8Array {
  return encodeCanonicalJson(contentJson(contentOf(statement, coarsen)));
}

/** Canonical JSON {key, name, period, text?}, at most 4096 bytes. Throws `FORMAT_INVALID` for a content that breaks a rule. */
export function encodeContent(content: Content): Uint8Array {
  return utf8(contentText(content));
}

/** Strict inverse of `encodeContent`. Throws `FORMAT_INVALID`. */
export function decodeContent(bytes: Uint8Array): Content {
  assertBytes(bytes, 'content');
  const content = decodeByEncoding(bytes, MAX_STATEMENT_BYTES, contentOfMembers, contentText);
  if (content === undefined) throw malformed();
  return content;
}

/**
 * `h` of a leaf: T("cryptonym/v1/content", salt, content). The salt is 32 secret bytes until publication and is removed together with the
 * content: after that nobody can test a guessed alias and text against the leaf.
 */
export function contentHash(salt: Uint8Array, content: Uint8Array): Uint8Array {
  assertBytes(salt, 'salt', SALT_LENGTH);
  assertBytes(content, 'content');
  return hashTuple(LABELS.content, salt, content);
}

/** Private to the codecs of contents: the text of `encodeContent`. */
export function contentText(content: Content): string {
  if (!isCanonical(content)) throw malformed();
  const text = printCanonicalJson(contentJson(content));
  // A character has at least one byte: no long text is encoded to be measured.
  if (text.length > MAX_STATEMENT_BYTES || utf8(text).length > MAX_STATEMENT_BYTES) throw malformed();
  return text;
}

function contentJson({ entryKey, name, period, text }: Content): JsonValue {
  return { key: entryKey, name, period, text };
}

/** Private to the codecs of contents. Unchecked: what is read is written again by `contentText`, which checks. */
export function contentOfMembers({ key, name, period, text }: JsonMembers): Content {
  return { entryKey: key, name, period, text } as Content;
}

function isCanonical({ entryKey, name, period, text }: Content): boolean {
  try {
    assertPeriod(period);
    return isHex(entryKey, 32) && normaliseShownName(name) === name && normaliseText(text) === text;
  } catch {
    return false;
  }
}

function malformed(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed content');
}
