import { COUNTERS } from '../../public/counts/counters.js';
import type { SqliteDatabase } from './database.js';

/** Each query counts what must not be there. */
const RULES: readonly (readonly [problem: string, sql: string])[] = [
  ['the log has a gap', 'SELECT coalesce(max(idx) + 1, 0) - count(*) AS n FROM leaves'],
  ['something is in the pool and published too', 'SELECT count(*) AS n FROM pool JOIN entries USING (id)'],
  ['an entry has no leaf', 'SELECT count(*) AS n FROM entries WHERE idx NOT IN (SELECT idx FROM leaves)'],
  [
    'the size of a waiting cell is not the counted one',
    `SELECT count(*) AS n FROM cells kept FULL JOIN (SELECT cell, count(*) AS n FROM pool GROUP BY cell) real USING (cell) WHERE kept.n IS NOT real.n`,
  ],
  [
    'the number of entries is not what the batches say',
    'SELECT (SELECT count(*) FROM entries) - (SELECT coalesce(sum(statements), 0) FROM batches) AS n',
  ],
  [
    'the number of entries is not the counted one',
    `SELECT (SELECT count(*) FROM entries) - coalesce((SELECT n FROM counters WHERE name = '${COUNTERS.statements}'), 0) AS n`,
  ],
];

/** Findings in the tables of a public store. */
export function publicProblems(database: SqliteDatabase): readonly string[] {
  return database.read(() => RULES.filter(([, sql]) => database.number(sql) !== 0).map(([problem]) => problem));
}
