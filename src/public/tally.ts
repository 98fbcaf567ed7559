import type { JsonValue } from '../foundation/canonical-json.js';
import { isCategoryId } from '../vocabulary/categories.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../vocabulary/words.js';
import { hasShape, isCount, isDate, isOneOf, isOrdinal, isRecord, pick, type Shape } from './shape.js';

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

const TALLY: Shape = {
  statements: isWhole,
  retracted: isWhole,
  category: (counts) => areCounts(counts, isCategoryId),
  evidence: (counts) => areCounts(counts, (word) => isOneOf(EVIDENCES, word)),
  display: (counts) => areCounts(counts, (word) => isOneOf(DISPLAYS, word)),
  origin: (counts) => areCounts(counts, (word) => isOneOf(ORIGINS, word)),
  type: (counts) => areCounts(counts, (word) => isOneOf(LEAF_TYPES, word)),
};

/** The members of a tally leaf. */
export const TALLY_SHAPE: Shape = { batch: isOrdinal, date: isDate, before: isTally, after: isTally };

/** The members of a tally: of a decoded one and of running counts the same. */
export function tallyJson(tally: Tally): JsonValue {
  return pick(tally, TALLY);
}

function isTally(value: unknown): boolean {
  return isRecord(value) && hasShape(value as object, TALLY);
}

/** Zero counts are left out, so that a tally has one spelling. */
function areCounts(counts: unknown, isWord: (word: string) => boolean): boolean {
  return isRecord(counts) && Object.entries(counts as object).every(([word, count]) => isWord(word) && isOrdinal(count));
}

function isWhole(value: unknown): boolean {
  return isCount(value, 0);
}
