import * as z from 'zod';
import { assertBytes, fromUtf8, utf8 } from '../foundation/bytes.js';
import { printCanonicalJson } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { LABELS } from '../foundation/labels.js';
import { type Sha256, sha256 as portableSha256 } from '../foundation/sha256.js';
import { hashTupleBy } from '../foundation/tuple.js';
import { type Category, categorySet, isCategoryId, MAX_CATEGORIES_PER_STATEMENT } from '../vocabulary/categories.js';
import { assertPeriod, type Period } from '../vocabulary/period.js';
import { DISPLAYS, type Display, EVIDENCES, type Evidence, ORIGINS, type Origin } from '../vocabulary/words.js';
import { normaliseAlias, normaliseShownName } from './alias.js';
import { MAX_STATEMENT_BYTES, normaliseText, tooLarge } from './text.js';

/** What a person says in public, in canonical form. Spec: docs/spec/leaf.md. */
export interface Statement {
  /** Alias, or the real name where `display` is `name`. */
  readonly name: string;
  readonly display: Display;
  /** Sorted, 1–8 different category ids. */
  readonly categories: readonly string[];
  /** At most 2048 bytes of UTF-8. */
  readonly text: string | undefined;
  readonly evidence: Evidence;
  readonly origin: Origin;
  /** `YYYY-MM` or `earlier`. */
  readonly period: Period;
  /** Ed25519 public key of the entry, 64 lower-case hex digits. */
  readonly entryKey: string;
}

/** A statement before normalisation. */
export interface StatementInput extends Omit<Statement, 'text'> {
  readonly text?: string | undefined;
}

const SALT_LENGTH = 32;

const PUBLIC_KEY_HEX = /^[0-9a-f]{64}$/;
const statementShape = z.strictObject({
  name: z.string(),
  display: z.enum(DISPLAYS),
  categories: z.array(z.string().refine(isCategoryId)).min(1).max(MAX_CATEGORIES_PER_STATEMENT),
  text: z.string().optional(),
  evidence: z.enum(EVIDENCES),
  origin: z.enum(ORIGINS),
  period: z.string(),
  entryKey: z.string().regex(PUBLIC_KEY_HEX),
});

/**
 * The canonical form of a statement, or a coded refusal. Idempotent.
 *
 * A real name is shown only for evidence `contact` or `verified`: else a hostile call could publish a third person's name.
 * Throws `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE` (text), `ALIAS_INVALID`; `details.field` names the member.
 */
export function normaliseStatement(input: StatementInput): Statement {
  const parsed = statementShape.safeParse(input);
  if (!parsed.success) throw invalid(String(parsed.error.issues[0]?.path[0] ?? ''));
  const { name, display, categories, text, evidence, origin, period, entryKey } = parsed.data;
  if (new Set(categories).size !== categories.length) throw invalid('categories');
  if (display === 'name' && evidence === 'stated') throw invalid('display');
  assertPeriod(period);
  return {
    name: display === 'name' ? normaliseShownName(name) : normaliseAlias(name),
    display,
    categories: [...categories].sort(),
    text: normaliseText(text),
    evidence,
    origin,
    period,
    entryKey,
  };
}

/** Throws `CATEGORY_UNKNOWN` unless every category of the statement is configured. */
export function assertKnownCategories(statement: Pick<Statement, 'categories'>, known: readonly Category[]): void {
  categorySet(statement.categories, known);
}

/** Canonical JSON {categories, display, evidence, key, name, origin, period, text?}. Throws as `normaliseStatement`, and `STATEMENT_TOO_LARGE`. */
export function encodeStatement(statement: StatementInput): Uint8Array {
  const bytes = utf8(statementJson(normaliseStatement(statement)));
  if (bytes.length > MAX_STATEMENT_BYTES) throw tooLarge('statement', MAX_STATEMENT_BYTES);
  return bytes;
}

/**
 * Strict inverse of `encodeStatement`: every rule is checked again, since the bytes come from somebody else's device.
 * Throws `STATEMENT_TOO_LARGE` (bytes or text), else `STATEMENT_INVALID`.
 */
export function decodeStatement(bytes: Uint8Array): Statement {
  assertBytes(bytes, 'statement');
  if (bytes.length > MAX_STATEMENT_BYTES) throw tooLarge('statement', MAX_STATEMENT_BYTES);
  try {
    // As `decodeByEncoding`, but a broken rule keeps its own code and field.
    const text = fromUtf8(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('key' in value)) throw invalid('');
    const { key, ...members } = value;
    const statement = normaliseStatement({ ...members, entryKey: key } as unknown as StatementInput);
    // What was normalised needs no second normalising to be encoded. Strict UTF-8 has one spelling for each text: equal texts are equal bytes.
    if (statementJson(statement) !== text) throw invalid('');
    return statement;
  } catch (error) {
    if (error instanceof RegistryError && (error.code === 'STATEMENT_INVALID' || error.code === 'STATEMENT_TOO_LARGE')) throw error;
    throw invalid('');
  }
}

/**
 * Tells a retry from a collision: equal for the same statement sealed again, in another month too, since the period is left out.
 * T(label, salt, canonical statement without period); the secret salt keeps it from confirming a guess. 32 bytes.
 */
export function statementDigest(statement: Statement, salt: Uint8Array): Uint8Array {
  assertBytes(salt, 'salt', SALT_LENGTH);
  return digestOf(normaliseStatement(statement), salt);
}

/** `decodeStatement` and `statementDigest` in one, for callers with many: the rules are checked once. Throws as both. */
export function decodeWithDigest(
  bytes: Uint8Array,
  salt: Uint8Array,
  sha256?: Sha256,
): { readonly statement: Statement; readonly digest: Uint8Array } {
  assertBytes(salt, 'salt', SALT_LENGTH);
  const statement = decodeStatement(bytes);
  return { statement, digest: digestOf(statement, salt, sha256) };
}

function digestOf(statement: Statement, salt: Uint8Array, sha256: Sha256 = portableSha256): Uint8Array {
  const { period: _, ...rest } = statement;
  return hashTupleBy(sha256, LABELS.statementDigest, salt, statementJson(rest));
}

function statementJson({ entryKey, ...members }: Omit<Statement, 'period'>): string {
  return printCanonicalJson({ ...members, key: entryKey });
}

function invalid(member: string): RegistryError {
  const known = Object.hasOwn(statementShape.shape, member);
  return new RegistryError(
    'STATEMENT_INVALID',
    known ? `statement: ${member} breaks a rule` : 'not a valid statement',
    known ? { field: `statement.${member}` } : {},
  );
}
