import { dateOfDay } from '../../vocabulary/period.js';
import { isLinkable, type Policy } from '../../vocabulary/policy.js';
import { DISPLAYS, type Display, EVIDENCES, type Evidence, ORIGINS, type Origin } from '../../vocabulary/words.js';
import type { PublicState } from '../ports.js';
import { COUNTERS, countedCategories } from './counters.js';
import { COUNTS_NOTE } from './note.js';

/** The published numbers. Each can be recomputed by anybody from the log. */
export interface Counts {
  /** Statements ever published, retracted ones included. */
  readonly total: number;
  /** By category id: every configured category, zero too, and those that only the log still has. */
  readonly byCategory: Readonly<Record<string, number>>;
  /** `total` less `retracted`. */
  readonly standing: number;
  readonly retracted: number;
  readonly byEvidence: Readonly<Record<Evidence, number>>;
  readonly byDisplay: Readonly<Record<Display, number>>;
  readonly byOrigin: Readonly<Record<Origin, number>>;
  /** Publication batches so far. */
  readonly batches: number;
  readonly latestBatch?: { readonly batch: number; readonly date: string; readonly statements: number };
  /** Live statements (no imports) by day, from the first batch's day to the last batch's day, both included. */
  readonly perDay: {
    /** `statements / days`, rounded to two decimals; 0 before the first batch. */
    readonly average: number;
    readonly days: number;
    readonly statements: number;
  };
  /** Date of the last batch. */
  readonly asOf: string | undefined;
  readonly policy: { readonly preset: Policy['preset']; readonly k: number; readonly linkable: boolean };
  readonly note: string;
}

/** The counts of a state of the register. `policy` gives the configured categories and the rules that are shown beside the numbers. */
export function countsFrom(state: PublicState, policy: Policy): Counts {
  const count = (name: string): number => state.counters.get(name) ?? 0;
  const total = count(COUNTERS.statements);
  const retracted = count(COUNTERS.retracted);
  const categories = new Set([...policy.categories.map(({ id }) => id), ...countedCategories(state.counters)]);
  const last = state.lastBatch;
  return {
    total,
    byCategory: countBy([...categories], (id) => count(COUNTERS.category(id))),
    standing: total - retracted,
    retracted,
    byEvidence: countBy(EVIDENCES, (word) => count(COUNTERS.evidence(word))),
    byDisplay: countBy(DISPLAYS, (word) => count(COUNTERS.display(word))),
    byOrigin: countBy(ORIGINS, (word) => count(COUNTERS.origin(word))),
    batches: last?.batch ?? 0,
    ...(last ? { latestBatch: { batch: last.batch, date: dateOfDay(last.day), statements: last.statements } } : {}),
    perDay: perDay(state, count(COUNTERS.origin('live'))),
    asOf: last ? dateOfDay(last.day) : undefined,
    policy: { preset: policy.preset, k: policy.k, linkable: isLinkable(policy) },
    note: COUNTS_NOTE,
  };
}

function perDay(state: PublicState, statements: number): Counts['perDay'] {
  if (!state.lastBatch || state.firstDay === undefined) return { average: 0, days: 0, statements };
  const days = Math.max(1, state.lastBatch.day - state.firstDay + 1);
  return { average: Math.round((statements * 100) / days) / 100, days, statements };
}

function countBy<Key extends string>(keys: readonly Key[], count: (key: Key) => number): Readonly<Record<Key, number>> {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<Key, number>;
}
