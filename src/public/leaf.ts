import { assertBytes, utf8 } from '../foundation/bytes.js';
import { decodeByEncoding, type JsonMembers, printCanonicalJson } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { isCategoryId, MAX_CATEGORIES_PER_STATEMENT } from '../vocabulary/categories.js';
import { DISPLAYS, type Display, EVIDENCES, type Evidence, ORIGINS, type Origin } from '../vocabulary/words.js';
import { type ChangeLeaf, changeLeafJson, changeLeafOf, keepsChangeRules } from './change-leaf.js';
import { isCount, isHex, isOneOf } from './shape.js';
import { keepsTallyRules, type TallyLeaf, tallyLeafJson } from './tally.js';

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

/** The other types; `release` is reserved. */
const CHANGES = ['amendment', 'raise', 'retraction', 'removal'];

/** Canonical JSON (docs/spec/encoding.md). Throws `FORMAT_INVALID` for a leaf that `decodeLeaf` would refuse. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  return utf8(leafText(leaf));
}

/**
 * Strict inverse of `encodeLeaf`. Types that this version does not know are refused: a verifier that skipped what it cannot read
 * would count wrongly. Throws `FORMAT_INVALID`.
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  assertBytes(bytes, 'leaf');
  const leaf = decodeByEncoding(bytes, MAX_TALLY_LEAF_BYTES, leafOf, leafText);
  if (leaf === undefined) throw malformed();
  return leaf;
}

/** Unchecked: `leafText` checks what it writes. */
function leafOf(members: JsonMembers): Leaf {
  const { type, v: _, h, ...rest } = members;
  if (type === 'tally') return { type, ...rest } as unknown as TallyLeaf;
  return type === 'statement' ? ({ type, ...rest, contentHash: h } as unknown as StatementLeaf) : changeLeafOf(members);
}

/** A leaf has ASCII only, so its characters are its bytes. */
function leafText(leaf: Leaf): string {
  if (!keepsRules(leaf)) throw malformed();
  const text =
    leaf.type === 'statement'
      ? statementText(leaf)
      : printCanonicalJson(leaf.type === 'tally' ? tallyLeafJson(leaf) : changeLeafJson(leaf));
  if (text.length > (leaf.type === 'tally' ? MAX_TALLY_LEAF_BYTES : MAX_LEAF_BYTES)) throw malformed();
  return text;
}

/** Canonical JSON, written out: a replay prints each of them once, and nothing in them needs an escape. */
function statementText({ batch, categories, display, evidence, origin, contentHash }: StatementLeaf): string {
  const ids = categories.join('","');
  return `{"batch":${batch},"categories":["${ids}"],"display":"${display}","evidence":"${evidence}","h":"${contentHash}","origin":"${origin}","type":"statement","v":1}`;
}

function keepsRules(leaf: Leaf): boolean {
  if (!isCount(leaf.batch, 1)) return false;
  if (leaf.type === 'tally') return keepsTallyRules(leaf);
  return leaf.type === 'statement' ? keepsStatementRules(leaf) : isOneOf(CHANGES, leaf.type) && keepsChangeRules(leaf);
}

function keepsStatementRules({ categories, display, evidence, origin, contentHash }: StatementLeaf): boolean {
  return (
    Array.isArray(categories) &&
    categories.length >= 1 &&
    categories.length <= MAX_CATEGORIES_PER_STATEMENT &&
    categories.every((id, i) => isCategoryId(id) && (i === 0 || (categories[i - 1] as string) < id)) &&
    isOneOf(DISPLAYS, display) &&
    isOneOf(EVIDENCES, evidence) &&
    isOneOf(ORIGINS, origin) &&
    isHex(contentHash, 32) &&
    // A real name stands only on evidence: the rule is on the leaf, so anybody can see that it was kept.
    (display === 'alias' || evidence !== 'stated')
  );
}

function malformed(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed leaf');
}
