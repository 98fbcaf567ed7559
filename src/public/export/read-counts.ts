import { decodeByEncoding, printCanonicalJson } from '../../foundation/canonical-json.js';
import { isCategoryId } from '../../vocabulary/categories.js';
import { DISPLAYS, EVIDENCES, ORIGINS } from '../../vocabulary/words.js';
import { COUNTS_NOTE } from '../counts/note.js';
import { isCount, isDate, isHex, isRecord } from '../shape.js';
import type { ExportCounts } from './export-counts.js';
import { exportInvalid } from './export-reader.js';

const MAX_COUNTS_BYTES = 65_536;

/** Strict inverse of `encodeCounts`. Whether the numbers are right is another question: `replay`. Throws `EXPORT_INVALID`. */
export function decodeCounts(bytes: Uint8Array): ExportCounts {
  return decodeByEncoding(bytes, MAX_COUNTS_BYTES, (members) => members as unknown as ExportCounts, checkedText, malformed);
}

function checkedText(counts: ExportCounts): string {
  const { asOf, batches, byCategory, byDisplay, byEvidence, byOrigin, logSize, note, perDay, retracted, root, standing, total } = counts;
  const numbers = [batches, logSize, perDay.days, perDay.statements, retracted, standing, total];
  const isWhole =
    (asOf === null || isDate(asOf)) &&
    numbers.every((count) => isCount(count, 0)) &&
    areCounts(byCategory, isCategoryId) &&
    areAll(DISPLAYS, byDisplay) &&
    areAll(EVIDENCES, byEvidence) &&
    areAll(ORIGINS, byOrigin) &&
    note === COUNTS_NOTE &&
    isHex(root, 32);
  if (!isWhole) throw malformed();
  // The members one by one, so that another member is another text.
  const { days, statements } = perDay;
  const by = { byCategory, byDisplay, byEvidence, byOrigin };
  return printCanonicalJson({ asOf, batches, ...by, logSize, note, perDay: { days, statements }, retracted, root, standing, total });
}

function areAll(words: readonly string[], counts: Readonly<Record<string, number>>): boolean {
  return areCounts(counts, (word) => words.includes(word)) && Object.keys(counts).length === words.length;
}

function areCounts(counts: Readonly<Record<string, number>>, isWord: (word: string) => boolean): boolean {
  return isRecord(counts) && Object.entries(counts).every(([word, count]) => isWord(word) && isCount(count, 0));
}

function malformed(): Error {
  return exportInvalid('malformed counts.json');
}
