import * as z from 'zod';
import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { RegistryError } from '../foundation/errors.js';
import { isCategoryId, MAX_CATEGORIES_PER_STATEMENT } from '../vocabulary/categories.js';
import { DISPLAYS, type Display, EVIDENCES, type Evidence, ORIGINS, type Origin } from '../vocabulary/words.js';
import { type ChangeLeaf, changeLeafJson, changeLeafOf, changeLeafShapes, keepsChangeRules } from './change-leaf.js';
import { type TallyLeaf, tallyLeafJson, tallyLeafShape } from './tally.js';

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
const MAX_TALLY_LEAF_BYTES = 65_536;

const statementLeafShape = z.strictObject({
  v: z.literal(1),
  type: z.literal('statement'),
  batch: z.int().min(1),
  categories: z
    .array(z.string().refine(isCategoryId))
    .min(1)
    .max(MAX_CATEGORIES_PER_STATEMENT)
    .refine((ids) => ids.every((id, i) => i === 0 || (ids[i - 1] as string) < id)),
  display: z.enum(DISPLAYS),
  evidence: z.enum(EVIDENCES),
  origin: z.enum(ORIGINS),
  h: z.string().regex(/^[0-9a-f]{64}$/),
});

const leafShape = z.discriminatedUnion('type', [statementLeafShape, tallyLeafShape, ...changeLeafShapes]);

/** Canonical JSON (docs/spec/encoding.md). Throws `FORMAT_INVALID` for a leaf that `decodeLeaf` would refuse. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  const json = leafJson(leaf);
  if (!leafShape.safeParse(json).success || !keepsRules(leaf)) throw malformed();
  const bytes = encodeCanonicalJson(json);
  if (bytes.length > (leaf.type === 'tally' ? MAX_TALLY_LEAF_BYTES : MAX_LEAF_BYTES)) throw malformed();
  return bytes;
}

/**
 * Strict inverse of `encodeLeaf`. Types that this version does not know are refused: a verifier that skipped what it cannot read
 * would count wrongly. Throws `FORMAT_INVALID`.
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  assertBytes(bytes, 'leaf');
  const leaf = parse(bytes);
  if (!equalBytes(encodeLeaf(leaf), bytes)) throw malformed();
  return leaf;
}

function parse(bytes: Uint8Array): Leaf {
  try {
    const members = leafShape.parse(decodeCanonicalJson(bytes, MAX_TALLY_LEAF_BYTES));
    if (members.type !== 'statement' && members.type !== 'tally') return changeLeafOf(members);
    const { v: _, ...rest } = members;
    if (rest.type === 'tally') return rest;
    const { h, ...statement } = rest;
    return { ...statement, contentHash: h };
  } catch {
    throw malformed();
  }
}

function leafJson(leaf: Leaf): JsonValue {
  if (leaf.type === 'tally') return tallyLeafJson(leaf);
  return leaf.type === 'statement' ? statementLeafJson(leaf) : changeLeafJson(leaf);
}

function statementLeafJson(leaf: StatementLeaf): JsonValue {
  const { batch, categories, display, evidence, origin, contentHash } = leaf;
  return { v: 1, type: 'statement', batch, categories, display, evidence, origin, h: contentHash };
}

function keepsRules(leaf: Leaf): boolean {
  if (leaf.type === 'tally') return true;
  // A real name stands only on evidence: the rule is on the leaf, so anybody can see that it was kept.
  if (leaf.type === 'statement') return leaf.display === 'alias' || leaf.evidence !== 'stated';
  return keepsChangeRules(leaf);
}

function malformed(): RegistryError {
  return new RegistryError('FORMAT_INVALID', 'malformed leaf');
}
