import { utf8 } from '../../foundation/bytes.js';
import { printCanonicalJson } from '../../foundation/canonical-json.js';
import { DISPLAYS, type Display, EVIDENCES, type Evidence, ORIGINS, type Origin } from '../../vocabulary/words.js';
import { COUNTS_NOTE } from '../counts/note.js';
import type { Tally } from '../tally.js';

/** The published numbers as `counts.json` and `counts.csv` have them: integers only, each recomputable from the log. */
export interface ExportCounts {
  /** Date of the last batch; null before the first. */
  readonly asOf: string | null;
  readonly batches: number;
  /** Every configured category, zero too, and those that only the log still has; likewise every word below. */
  readonly byCategory: Readonly<Record<string, number>>;
  readonly byDisplay: Readonly<Record<Display, number>>;
  readonly byEvidence: Readonly<Record<Evidence, number>>;
  readonly byOrigin: Readonly<Record<Origin, number>>;
  readonly logSize: number;
  readonly note: string;
  /** Live statements, and days from the first batch to the last, both included. */
  readonly perDay: { readonly days: number; readonly statements: number };
  readonly retracted: number;
  /** Root of the log, 64 lower-case hex digits. */
  readonly root: string;
  /** `total` less `retracted`. */
  readonly standing: number;
  /** Statements ever published. */
  readonly total: number;
}

/** What counts follow from: the last tally's `after` (all zero before the first batch), and where the log stands. */
export interface CountsSource {
  readonly tally: Tally;
  readonly batches: number;
  /** Dates of the first and the last batch. */
  readonly firstDate: string | undefined;
  readonly lastDate: string | undefined;
  /** Ids of the configured categories. */
  readonly categories: readonly string[];
  readonly logSize: number;
  readonly root: string;
}

const DAY = 86_400_000;

export function countsOf(source: CountsSource): ExportCounts {
  const { tally, batches, firstDate, lastDate, categories, logSize, root } = source;
  const { statements: total, retracted } = tally;
  const by = <Word extends string>(words: readonly Word[], counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(words.map((word) => [word, Object.hasOwn(counts, word) ? counts[word] : 0])) as Record<Word, number>;
  const byOrigin = by(ORIGINS, tally.origin);
  const days =
    firstDate === undefined || lastDate === undefined ? 0 : Math.max(1, (Date.parse(lastDate) - Date.parse(firstDate)) / DAY + 1);
  return {
    asOf: lastDate ?? null,
    batches,
    byCategory: by([...new Set([...categories, ...Object.keys(tally.category)])].sort(), tally.category),
    byDisplay: by(DISPLAYS, tally.display),
    byEvidence: by(EVIDENCES, tally.evidence),
    byOrigin,
    logSize,
    note: COUNTS_NOTE,
    perDay: { days, statements: byOrigin.live },
    retracted,
    root,
    standing: total - retracted,
    total,
  };
}

/** Canonical JSON, at most 64 KiB, of counts that `countsOf` made: it has every member and no other. */
export function encodeCounts(counts: ExportCounts): Uint8Array {
  return utf8(printCanonicalJson({ ...counts }));
}

/** `counts.csv`: the numbers as rows `count,of,value`, for spreadsheets. No cell can be a formula: all are words, digits or dates. */
export function countsCsv(counts: ExportCounts): Uint8Array {
  const { total, standing, retracted, batches, asOf, perDay, logSize, byCategory, byEvidence, byDisplay, byOrigin } = counts;
  const single = { total, standing, retracted, batches, 'as-of': asOf ?? '', days: perDay.days, 'log-size': logSize };
  const several = { category: byCategory, evidence: byEvidence, display: byDisplay, origin: byOrigin };
  const rows = [
    'count,of,value',
    ...Object.entries(single).map(([count, value]) => `${count},,${value}`),
    // Sorted as `word,count`: a comma comes before every character of a word.
    ...Object.entries(several).flatMap(([count, by]) =>
      Object.entries(by)
        .sort()
        .map(([of, value]) => `${count},${of},${value}`),
    ),
  ];
  return utf8(rows.map((row) => `${row}\r\n`).join(''));
}
