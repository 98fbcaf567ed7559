import * as z from 'zod';
import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { LABELS } from '../foundation/labels.js';
import { hashTuple } from '../foundation/tuple.js';
import { assertPeriod, EARLIER, type Period } from '../vocabulary/period.js';
import { normaliseShownName } from './alias.js';
import { MAX_STATEMENT_BYTES, normaliseText, SALT_LENGTH, type Statement } from './statement.js';

/** The part of an entry that lies beside the log and can be removed; leaf and count stay. Spec: docs/spec/leaf.md. */
export interface Content {
  /** Ed25519 public key of the entry, 64 lower-case hex digits. */
  readonly entryKey: string;
  readonly name: string;
  readonly period: Period;
  readonly text: string | undefined;
}

const contentShape = z.strictObject({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  period: z.string(),
  text: z.string().optional(),
});

/** A statement's content. With `coarsen` its period is `earlier`: nothing else of a statement changes by a long hold. */
export function contentOf(statement: Statement, coarsen: boolean): Content {
  const { entryKey, name, text } = statement;
  return { entryKey, name, period: coarsen ? EARLIER : statement.period, text };
}

/** `encodeContent(contentOf(statement, coarsen))` for a statement that was just decoded: a decoded statement keeps every rule of its content. */
export function encodeContentOf(statement: Statement, coarsen: boolean): Uint8Array {
  return contentJson(contentOf(statement, coarsen));
}

/** Canonical JSON {key, name, period, text?}, at most 4096 bytes. Throws `FORMAT_INVALID` for a content that breaks a rule. */
export function encodeContent(content: Content): Uint8Array {
  const { entryKey: key, name, period, text } = content;
  const bytes = contentJson(content);
  if (!contentShape.safeParse({ key, name, period, text }).success || bytes.length > MAX_STATEMENT_BYTES || !isCanonical(content))
    throw malformed();
  return bytes;
}

/** Strict inverse of `encodeContent`. Throws `FORMAT_INVALID`. */
export function decodeContent(bytes: Uint8Array): Content {
  assertBytes(bytes, 'content');
  try {
    const { key: entryKey, name, period, text } = contentShape.parse(decodeCanonicalJson(bytes, MAX_STATEMENT_BYTES));
    const content = { entryKey, name, period, text };
    if (!equalBytes(encodeContent(content), bytes)) throw malformed();
    return content;
  } catch {
    throw malformed();
  }
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

function contentJson({ entryKey, name, period, text }: Content): Uint8Array {
  return encodeCanonicalJson({ key: entryKey, name, period, text });
}

function isCanonical({ name, period, text }: Content): boolean {
  try {
    assertPeriod(period);
    return normaliseShownName(name) === name && normaliseText(text) === text;
  } catch {
    return false;
  }
}

function malformed(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed content');
}
