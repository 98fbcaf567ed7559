import { utf8 } from '../foundation/bytes.js';
import { decodeByEncoding, type JsonMembers, type JsonValue, printCanonicalJson } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { isCategoryId, MAX_CATEGORIES_PER_STATEMENT } from '../vocabulary/categories.js';
import { DISPLAYS, type Display, type Evidence, ORIGINS, type Origin } from '../vocabulary/words.js';
import { CHANGE_SHAPES, type ChangeLeaf, isEvidence, isHash, keepsChangeRules } from './change-leaf.js';
import { hasShape, isOneOf, isOrdinal, pick, type Shape } from './shape.js';
import { TALLY_SHAPE, type TallyLeaf, tallyJson } from './tally.js';

/** A published statement as the log holds it: nothing that names a person, and no date but its batch's. Spec: docs/spec/leaf.md. */
export interface StatementLeaf {
  readonly type: 'statement';
  readonly batch: number;
  /** Sorted, 1–8 different category ids. */
  readonly categories: readonly string[];
  readonly display: Display;
  readonly evidence: Evidence;
  readonly origin: Origin;
  /** `contentHash` in 64 lower-case hex digits; JSON member `h`. */
  readonly contentHash: string;
}

export type Leaf = StatementLeaf | TallyLeaf | ChangeLeaf;

/** Of every leaf but a tally. */
const MAX_LEAF_BYTES = 1024;
/** The longest record that the entry bundle of a log can hold: its length stands in two bytes. */
const MAX_TALLY_LEAF_BYTES = 65_535;

/** Of each type the members of its leaves, but `type`; `release` is reserved. */
const SHAPES: Readonly<Record<string, Shape>> = {
  tally: TALLY_SHAPE,
  statement: {
    batch: isOrdinal,
    categories: areCategories,
    display: (word) => isOneOf(DISPLAYS, word),
    evidence: isEvidence,
    origin: (word) => isOneOf(ORIGINS, word),
    contentHash: isHash,
  },
  ...CHANGE_SHAPES,
};

/** Canonical JSON (docs/spec/encoding.md). Throws `FORMAT_INVALID` for a leaf that `decodeLeaf` would refuse. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  return utf8(leafText(leaf));
}

/**
 * Strict inverse of `encodeLeaf`. Types that this version does not know are refused: a verifier that skipped what it cannot read
 * would count wrongly. Throws `FORMAT_INVALID`.
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  return decodeByEncoding(bytes, MAX_TALLY_LEAF_BYTES, leafOf, leafText, malformed);
}

/** Unchecked: `leafText` checks what it writes. */
function leafOf(read: JsonMembers): Leaf {
  const { v: _, h, sig, ...members } = read;
  return {
    ...members,
    ...(h === undefined ? {} : { contentHash: h }),
    ...(sig === undefined ? {} : { signature: sig }),
  } as unknown as Leaf;
}

/** A leaf has ASCII only, so its characters are its bytes. */
function leafText(leaf: Leaf): string {
  const { type } = leaf;
  // A list of one type would find its shape too.
  const shape = typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (shape === undefined || !hasShape(leaf, shape) || !keepsRules(leaf)) throw malformed();
  const text = type === 'statement' ? statementText(leaf) : printCanonicalJson(leafJson(leaf, shape));
  if (text.length > (type === 'tally' ? MAX_TALLY_LEAF_BYTES : MAX_LEAF_BYTES)) throw malformed();
  return text;
}

function leafJson(leaf: Leaf, shape: Shape): JsonValue {
  const { contentHash: h, signature: sig, ...members } = pick(leaf, shape);
  const tallies = leaf.type === 'tally' && { before: tallyJson(leaf.before), after: tallyJson(leaf.after) };
  return { v: 1, type: leaf.type, ...members, h, sig, ...tallies };
}

/** Canonical JSON, written out: a replay prints each of them once, and nothing in them needs an escape. */
function statementText({ batch, categories, display, evidence, origin, contentHash }: StatementLeaf): string {
  const ids = categories.join('","');
  return `{"batch":${batch},"categories":["${ids}"],"display":"${display}","evidence":"${evidence}","h":"${contentHash}","origin":"${origin}","type":"statement","v":1}`;
}

/** What no member says alone. */
function keepsRules(leaf: Leaf): boolean {
  // A real name stands only on evidence: the rule is on the leaf, so anybody can see that it was kept.
  if (leaf.type === 'statement') return leaf.display === 'alias' || leaf.evidence !== 'stated';
  return leaf.type === 'tally' || keepsChangeRules(leaf);
}

function areCategories(ids: unknown): boolean {
  return (
    Array.isArray(ids) &&
    ids.length >= 1 &&
    ids.length <= MAX_CATEGORIES_PER_STATEMENT &&
    ids.every((id, i) => isCategoryId(id) && (i === 0 || ids[i - 1] < id))
  );
}

function malformed(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed leaf');
}
