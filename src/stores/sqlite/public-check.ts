import { COUNTERS } from '../../public/counts/counters.js';
import type { SqliteDatabase } from './database.js';
import { LEAF_OF_CONTENT } from './public-entries.js';
import { TREE_SIZE } from './public-log.js';

/** A word of a leaf's JSON, or `instead`. Of a leaf that is no JSON: nothing; it is found when its entry is read. */
const WORD = (member: string, instead = 'NULL'): string =>
  `CASE WHEN json_valid(CAST(l.bytes AS TEXT)) THEN coalesce(${instead}, json_extract(CAST(l.bytes AS TEXT), '$.${member}')) END AS word`;

/** Counters of one prefix against what the rows give for its words. */
const RECOUNT = (prefix: string, words: string): string =>
  `SELECT count(*) AS n FROM (SELECT substr(name, ${prefix.length + 1}) AS word, n FROM counters WHERE name GLOB '${prefix}*' AND n <> 0) kept
   FULL JOIN (SELECT word, count(*) AS n FROM (${words}) WHERE word IS NOT NULL GROUP BY word) real USING (word) WHERE kept.n IS NOT real.n`;

/** As of the last change. */
const NOW = (member: 'display' | 'evidence'): string =>
  `SELECT ${WORD(member, `x.${member}`)} FROM entries e JOIN leaves l ON l.idx = e.idx LEFT JOIN changed x ON x.id = e.id`;

/** Each query counts what must not be there. */
const RULES: readonly (readonly [problem: string, sql: string])[] = [
  ['the log has a gap', 'SELECT coalesce(max(idx) + 1, 0) - count(*) AS n FROM leaves'],
  // 0: a register of an earlier release, whose tree the next publication grows.
  ['the tree does not cover the log', `SELECT ${TREE_SIZE} NOT IN (0, (SELECT count(*) FROM leaves)) AS n`],
  ['a checkpoint is of more leaves than there are', 'SELECT coalesce(max(size), 0) > (SELECT count(*) FROM leaves) AS n FROM checkpoints'],
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
  ['the leaves are not the counted ones', RECOUNT('type:', `SELECT ${WORD('type')} FROM leaves l`)],
  ['the entries by display are not the counted ones', RECOUNT('display:', NOW('display'))],
  ['the entries by evidence are not the counted ones', RECOUNT('evidence:', NOW('evidence'))],
  [
    'the retracted entries are not the counted ones',
    `SELECT (SELECT count(retracted_at) FROM changed) - coalesce((SELECT n FROM counters WHERE name = '${COUNTERS.retracted}'), 0) AS n`,
  ],
  [
    'a content is missing, or was not removed',
    `SELECT count(*) AS n FROM entries e LEFT JOIN changed x ON x.id = e.id LEFT JOIN contents t ON t.leaf = ${LEAF_OF_CONTENT}
     WHERE x.removed_at IS NULL AND (t.leaf IS NULL OR t.salt = zeroblob(length(t.salt)))`,
  ],
  [
    'a content that was removed or amended is still there',
    `SELECT count(*) AS n FROM contents t WHERE (t.salt <> zeroblob(length(t.salt)) OR t.content <> zeroblob(length(t.content)))
     AND t.leaf NOT IN (SELECT ${LEAF_OF_CONTENT} FROM entries e LEFT JOIN changed x ON x.id = e.id WHERE x.removed_at IS NULL)`,
  ],
  [
    'a changed entry lacks the leaf of its change',
    `SELECT count(*) AS n FROM changed WHERE amended_at NOT IN (SELECT idx FROM leaves) OR retracted_at NOT IN (SELECT idx FROM leaves)
     OR removed_at NOT IN (SELECT idx FROM leaves) OR (amendments > 0) <> (amended_at IS NOT NULL)`,
  ],
  [
    'a change or a lock belongs to no entry',
    `SELECT count(*) AS n FROM (SELECT id FROM changes UNION SELECT id FROM name_locks)
     WHERE id NOT IN (SELECT id FROM entries) AND id NOT IN (SELECT id FROM pool)`,
  ],
];

/** Findings in the tables of a public store. */
export function publicProblems(database: SqliteDatabase): readonly string[] {
  return database.read(() => RULES.filter(([, sql]) => database.number(sql) !== 0).map(([problem]) => problem));
}
