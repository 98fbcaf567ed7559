import type { EntryRow } from '../../public/ports.js';
import { DISPLAYS, EVIDENCES } from '../../vocabulary/words.js';
import { bytesOf, integerOf, oneOf, optionalBytesOf, optionalIntegerOf, textOf } from './columns.js';
import type { SqlRow } from './driver.js';

/** The leaf that has the hash of an entry's content, in a row with `entries e` and `changed x`. */
export const LEAF_OF_CONTENT = 'coalesce(x.amended_at, e.idx)';

/** An entry with its leaf, its content, what changes have made of it and the leaf of its last amendment, as `entryOf` reads them. */
export const ENTRY = `e.id, e.idx, l.bytes AS leaf, t.salt, t.content, x.id AS changed_id, x.amendments, x.display, x.evidence, x.amended_at,
  x.retracted_at, x.removed_at, a.bytes AS amendment`;
export const ENTRY_TABLES = `entries e LEFT JOIN leaves l ON l.idx = e.idx LEFT JOIN changed x ON x.id = e.id
  LEFT JOIN contents t ON t.leaf = ${LEAF_OF_CONTENT} AND x.removed_at IS NULL LEFT JOIN leaves a ON a.idx = x.amended_at`;

export function entryOf(row: SqlRow): EntryRow {
  const entry = {
    id: bytesOf(row, 'id'),
    index: integerOf(row, 'idx'),
    leaf: bytesOf(row, 'leaf'),
    salt: optionalBytesOf(row, 'salt'),
    content: optionalBytesOf(row, 'content'),
  };
  if (row['changed_id'] === null) return entry;
  const changed = {
    amendments: integerOf(row, 'amendments'),
    display: oneOf(DISPLAYS, textOf(row, 'display')),
    evidence: oneOf(EVIDENCES, textOf(row, 'evidence')),
    amendedAt: optionalIntegerOf(row, 'amended_at'),
    retractedAt: optionalIntegerOf(row, 'retracted_at'),
    removedAt: optionalIntegerOf(row, 'removed_at'),
  };
  const amendment = optionalBytesOf(row, 'amendment');
  return { ...entry, changed, ...(amendment === undefined ? {} : { amendment }) };
}
