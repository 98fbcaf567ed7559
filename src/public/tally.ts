import type { JsonValue } from '../foundation/canonical-json.js';
import { isCategoryId } from '../vocabulary/categories.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../vocabulary/words.js';
import { isCount, isDate, isOneOf, isRecord } from './shape.js';

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

/** The JSON members of a tally leaf: named one by one, so that nothing else is written. */
export function tallyLeafJson({ batch, date, before, after }: TallyLeaf): JsonValue {
  return { v: 1, type: 'tally', batch, date, before: tallyJson(before), after: tallyJson(after) };
}

function tallyJson({ statements, retracted, category, evidence, display, origin, type }: Tally): JsonValue {
  return { statements, retracted, category, evidence, display, origin, type };
}

/** Private to the leaf codec. */
export function keepsTallyRules({ date, before, after }: TallyLeaf): boolean {
  return isDate(date) && isTally(before) && isTally(after);
}

function isTally(tally: Tally): boolean {
  const { statements, retracted, category, evidence, display, origin, type } = tally;
  return (
    isCount(statements, 0) &&
    isCount(retracted, 0) &&
    areCounts(category, isCategoryId) &&
    areCounts(evidence, (word) => isOneOf(EVIDENCES, word)) &&
    areCounts(display, (word) => isOneOf(DISPLAYS, word)) &&
    areCounts(origin, (word) => isOneOf(ORIGINS, word)) &&
    areCounts(type, (word) => isOneOf(LEAF_TYPES, word))
  );
}

/** Zero counts are left out, so that a tally has one spelling. */
function areCounts(counts: Readonly<Record<string, number>>, isWord: (word: string) => boolean): boolean {
  return isRecord(counts) && Object.entries(counts).every(([word, count]) => isWord(word) && isCount(count, 1));
}
