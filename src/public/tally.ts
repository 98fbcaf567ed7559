import * as z from 'zod';
import type { JsonValue } from '../foundation/canonical-json.js';
import { isCategoryId } from '../vocabulary/categories.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../vocabulary/words.js';

/** Running counts over the whole log. Zero counts are absent from the inner records. Spec: docs/spec/leaf.md, tally. */
export interface Tally {
  readonly statements: number;
  readonly retracted: number;
  /** By category id; a statement counts in each of its categories. */
  readonly category: Readonly<Record<string, number>>;
  readonly evidence: Readonly<Record<string, number>>;
  readonly display: Readonly<Record<string, number>>;
  readonly origin: Readonly<Record<string, number>>;
  /** Leaves by type; their sum is the log size. */
  readonly type: Readonly<Record<string, number>>;
}

/** The first leaf of each batch: the counts before the batch and after it, so that a batch is checked by reading that batch. */
export interface TallyLeaf {
  readonly type: 'tally';
  /** 1, 2, 3 … */
  readonly batch: number;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly before: Tally;
  readonly after: Tally;
}

const count = z.int().min(0);
const countsBy = (isWord: (word: string) => boolean) => z.record(z.string().refine(isWord), z.int().min(1));
const among = (words: readonly string[]) => countsBy((word) => words.includes(word));

const tallyShape = z.strictObject({
  statements: count,
  retracted: count,
  category: countsBy(isCategoryId),
  evidence: among(EVIDENCES),
  display: among(DISPLAYS),
  origin: among(ORIGINS),
  type: among(LEAF_TYPES),
});

/** Private to the leaf codec. */
export const tallyLeafShape = z.strictObject({
  v: z.literal(1),
  type: z.literal('tally'),
  batch: z.int().min(1),
  date: z.string().refine(isDate),
  before: tallyShape,
  after: tallyShape,
});

/** The JSON members of a tally leaf. */
export function tallyLeafJson(leaf: TallyLeaf): JsonValue {
  const { batch, date, before, after } = leaf;
  return { v: 1, type: 'tally', batch, date, before: { ...before }, after: { ...after } };
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && time >= 0 && new Date(time).toISOString().startsWith(text);
}
