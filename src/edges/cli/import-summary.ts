import type { RejectedRow, SortResult } from '../../index.js';
import type { Output } from './output.js';
import { counted, grouped, padEnd, printFacts } from './print.js';

/** How an import ended: numbers, codes and field names only. */
export interface ImportSummary {
  readonly dryRun: boolean;
  /** False when it was interrupted. */
  readonly complete: boolean;
  /** SHA-256 of the file, hex. */
  readonly source: string;
  readonly rows: number;
  /** Rows that are in now; in a dry run, rows that would be. */
  readonly accepted: number;
  /** Rows dealt with by an earlier run of the same file. */
  readonly skipped: number;
  readonly rejectedTotal: number;
  readonly rejected: readonly RejectedRow[];
  readonly sort?: Pick<SortResult, 'sorted' | 'quarantined' | 'waiting'>;
}

const SHOWN = 15;

export function printSummary(summary: ImportSummary, output: Output): void {
  const { dryRun, complete, rows, accepted, skipped, rejectedTotal, sort } = summary;
  output.out(`${title(summary)}\n`);
  printFacts(output, [
    ['rows read', rows],
    [dryRun ? 'would be accepted' : 'accepted', accepted],
    ...(skipped > 0 ? [['dealt with by an earlier run', skipped] as const] : []),
    ['rejected', rejectedTotal],
    ...(sort === undefined ? [] : [['sorted', sort.sorted] as const, ['waiting for company', sort.waiting] as const]),
  ]);
  if (!dryRun && complete && rows === skipped && accepted === 0)
    output.out(rows === 0 ? 'The file has no rows.\n' : 'Nothing new: this file was imported before.\n');
  if (rejectedTotal > 0) printRejected(summary, output);
  if (!complete && !dryRun) output.out('Run the same command with the same file to go on; no row will be taken twice.\n');
}

function title({ dryRun, complete }: ImportSummary): string {
  if (!complete) return dryRun ? 'Check interrupted.' : 'Import interrupted. Everything up to here is stored.';
  return dryRun ? 'Checked. Nothing was stored.' : 'Import finished.';
}

function printRejected({ dryRun, accepted, skipped, rejected, rejectedTotal }: ImportSummary, output: Output): void {
  output.out(`\n${padEnd('row', 10)}${padEnd('code', 26)}field\n`);
  for (const { row, code, field } of rejected.slice(0, SHOWN))
    output.out(`${padEnd(grouped(row), 10)}${padEnd(code, 26)}${field ?? '-'}\n`);
  if (rejectedTotal > SHOWN) output.out(`and ${grouped(rejectedTotal - SHOWN)} more; --report FILE lists all.\n`);
  if (dryRun || accepted + skipped === 0) return;
  output.out(
    `\n${counted(accepted, 'accepted row is', 'accepted rows are')} in. For the rejected ones make a new file with only these rows, corrected:\n`,
  );
  output.out('importing the whole corrected file would add the others a second time.\n');
}
