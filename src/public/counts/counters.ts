import { isCategoryId } from '../../vocabulary/categories.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../../vocabulary/words.js';
import type { ChangeLeaf } from '../change-leaf.js';
import type { StatementLeaf } from '../leaf.js';
import type { Tally } from '../tally.js';

/**
 * Names of the materialised counters, all of them, in this one place. What is not on a leaf has no counter: pairs and larger sets of
 * categories are left out too, because a small exact cell tells about a person.
 */
export const COUNTERS = {
  statements: 'statements',
  retracted: 'retracted',
  category: (id: string) => `category:${id}`,
  evidence: (word: string) => `evidence:${word}`,
  display: (word: string) => `display:${word}`,
  origin: (word: string) => `origin:${word}`,
  type: (word: string) => `type:${word}`,
} as const;

const CATEGORY_PREFIX = COUNTERS.category('');

/**
 * What a batch adds to the counters: its leaves and its one tally leaf. Counters that do not change are absent. A name that is shown later and
 * raised evidence move an entry from one counter to another, so an increment may be negative.
 */
export function incrementsOf(leaves: readonly (StatementLeaf | ChangeLeaf)[]): ReadonlyMap<string, number> {
  const increments = new Map<string, number>();
  const count = (name: string, by = 1): void => {
    const sum = (increments.get(name) ?? 0) + by;
    if (sum === 0) increments.delete(name);
    else increments.set(name, sum);
  };
  count(COUNTERS.type('tally'));
  for (const leaf of leaves) {
    count(COUNTERS.type(leaf.type));
    if (leaf.type === 'statement') {
      count(COUNTERS.statements);
      count(COUNTERS.evidence(leaf.evidence));
      count(COUNTERS.display(leaf.display));
      count(COUNTERS.origin(leaf.origin));
      for (const id of leaf.categories) count(COUNTERS.category(id));
    } else if (leaf.type === 'retraction') {
      count(COUNTERS.retracted);
    } else if (leaf.type === 'raise') {
      count(COUNTERS.evidence(leaf.from), -1);
      count(COUNTERS.evidence(leaf.to));
    } else if (leaf.type === 'amendment' && leaf.kind === 'name') {
      count(COUNTERS.display('alias'), -1);
      count(COUNTERS.display('name'));
    }
  }
  return increments;
}

export function addIncrements(counters: ReadonlyMap<string, number>, increments: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sum = new Map(counters);
  for (const [name, by] of increments) sum.set(name, (sum.get(name) ?? 0) + by);
  return sum;
}

/** The counters as a tally leaf shows them; zero counts are left out, so that a tally has one spelling. */
export function tallyFromCounters(counters: ReadonlyMap<string, number>): Tally {
  const members = (words: readonly string[], name: (word: string) => string): Readonly<Record<string, number>> =>
    Object.fromEntries(words.map((word) => [word, counters.get(name(word)) ?? 0] as const).filter(([, count]) => count > 0));
  return {
    statements: counters.get(COUNTERS.statements) ?? 0,
    retracted: counters.get(COUNTERS.retracted) ?? 0,
    category: members(countedCategories(counters), COUNTERS.category),
    evidence: members(EVIDENCES, COUNTERS.evidence),
    display: members(DISPLAYS, COUNTERS.display),
    origin: members(ORIGINS, COUNTERS.origin),
    type: members(LEAF_TYPES, COUNTERS.type),
  };
}

/** Ids of the categories that have a counter, sorted. */
export function countedCategories(counters: ReadonlyMap<string, number>): readonly string[] {
  return [...counters.keys()]
    .filter((name) => name.startsWith(CATEGORY_PREFIX))
    .map((name) => name.slice(CATEGORY_PREFIX.length))
    .filter(isCategoryId)
    .sort();
}
