import { setImmediate } from 'node:timers/promises';
import { type Registration, type Registry, type RejectedRow, RegistryError } from '../../index.js';
import { checkRegistration } from '../../intake.js';
import { type Command, EXIT } from './command.js';
import { COLUMNS, registrationOf } from './csv-columns.js';
import { type CsvOutline, csvRows, type CsvSource, outlineCsv } from './csv-file.js';
import { ImportProgress } from './import-progress.js';
import { openReport } from './import-report.js';
import { type ImportSummary, printSummary } from './import-summary.js';
import { fileBytes } from './read-input.js';
import { printJson } from './print.js';
import { type Shell, withRegistry } from './shell.js';

const MOST_ROWS_A_BATCH = 4096;
const ROWS_A_CHECK = 256;
/** So many 24 KiB submissions wait at most before the mix runs: a long import needs 100 MB of inbox, not a terabyte. */
const ROWS_A_SORT = 4096;

export const importCommand: Command = {
  name: 'import',
  summary: 'take registrations from a CSV file; may be interrupted and run again',
  usage: ['import FILE.csv --dir D [--dry-run] [--report R.json] [--batch N]'],
  details: [
    `Columns in any order, the first row names them: ${COLUMNS.join(', ')}.`,
    'name and categories are needed. Several names, telephones or mail addresses in a cell are joined by ";", categories by "+".',
    'UTF-8. Rejected rows are told by number (the first row after the names is 1, blank rows do not count), code and field.',
    '--dry-run checks every row and stores nothing.',
  ],
  options: { dir: 'text', report: 'text', batch: 'text', 'dry-run': 'flag' },
  operands: { least: 1, most: 1 },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const batchSize = args.whole('batch', 1, MOST_ROWS_A_BATCH);
    const reportPath = args.text('report');
    const path = String(args.operands[0]);
    const quiet = args.flag('json');
    return withRegistry(dir, shell, async (registry) => {
      const file: CsvSource = () => fileBytes(path, 'import');
      const outline = await outlineCsv(file);
      const writeReport = reportPath === undefined ? undefined : await openReport(reportPath, { dir, csv: path });
      const progress = new ImportProgress(quiet ? { ...shell.output, isTTY: false, err: () => undefined } : shell.output, outline.rows);
      const job: ImportJob = { registry, file, outline, progress, shell, ...(batchSize === undefined ? {} : { batchSize }) };
      const summary = await (args.flag('dry-run') ? checkRows(job) : importRows(job)).finally(() => progress.end());
      if (quiet) printJson(shell.output, summary);
      else printSummary(summary, shell.output);
      await writeReport?.(summary);
      return summary.complete && summary.rejectedTotal === 0 ? EXIT.ok : EXIT.failed;
    });
  },
};

interface ImportJob {
  readonly registry: Registry;
  readonly file: CsvSource;
  readonly outline: CsvOutline;
  readonly progress: ImportProgress;
  readonly shell: Shell;
  readonly batchSize?: number;
}

/** Stores batch by batch. Ctrl-C lets the batch in hand finish: what it accepted and where it stands are one transaction. */
async function importRows(job: ImportJob): Promise<ImportSummary> {
  const { registry, file, outline, progress, shell, batchSize } = job;
  const rejected: RejectedRow[] = [];
  let [rows, accepted, skipped, unsorted] = [0, 0, 0, 0];
  const total = { sorted: 0, quarantined: 0, waiting: 0 };
  const sort = async (): Promise<void> => {
    const { sorted, quarantined, waiting } = await registry.sort();
    Object.assign(total, { sorted: total.sorted + sorted, quarantined: total.quarantined + quarantined, waiting });
    unsorted = 0;
  };
  const stored = await untilInterrupt(shell, async (interrupted) => {
    const registrations = registry.registerMany(mapRows(file, outline), {
      source: outline.sha256,
      ...(batchSize === undefined ? {} : { batchSize }),
    });
    for await (const step of registrations) {
      unsorted += step.accepted - accepted;
      ({ rows, accepted, skipped } = step);
      rejected.push(...step.rejected);
      progress.show(rows, skipped);
      if (unsorted >= ROWS_A_SORT) await sort();
      if ((await interrupted()) && rows < outline.rows) return false;
    }
    return true;
  });
  if (stored) await sort();
  // An earlier run that was killed told nobody what it refused; its position alone would make those rows look stored.
  const earlier = stored ? await judgeRows(job, skipped) : { complete: false, rejected: [] };
  rejected.unshift(...earlier.rejected);
  const source = Buffer.from(outline.sha256).toString('hex');
  const numbers = { rows, accepted, skipped, rejectedTotal: rejected.length, rejected };
  return { dryRun: false, complete: earlier.complete, source, ...numbers, ...(stored ? { sort: total } : {}) };
}

async function checkRows(job: ImportJob): Promise<ImportSummary> {
  const { complete, rows, rejected } = await judgeRows(job, job.outline.rows);
  const source = Buffer.from(job.outline.sha256).toString('hex');
  return { dryRun: true, complete, source, rows, accepted: rows - rejected.length, skipped: 0, rejectedTotal: rejected.length, rejected };
}

interface Judged {
  /** False after Ctrl-C. */
  readonly complete: boolean;
  readonly rows: number;
  readonly rejected: readonly RejectedRow[];
}

/** The first `count` rows by every rule, storing nothing. */
async function judgeRows({ registry, file, outline, progress, shell }: ImportJob, count: number): Promise<Judged> {
  const rejected: RejectedRow[] = [];
  let rows = 0;
  if (count === 0) return { complete: true, rows, rejected };
  const publicKeys = await registry.publicKeys();
  const complete = await untilInterrupt(shell, async (interrupted) => {
    for await (const registration of mapRows(file, outline)) {
      rejected.push(...refusedAt(++rows, registration, publicKeys, shell));
      if (rows === count) return true;
      if (rows % ROWS_A_CHECK !== 0) continue;
      progress.show(rows, 0);
      if (await interrupted()) return false;
    }
    return true;
  });
  return { complete, rows, rejected };
}

/** One or none. */
function refusedAt(
  row: number,
  registration: Registration | RegistryError,
  publicKeys: Parameters<typeof checkRegistration>[1],
  shell: Shell,
): readonly RejectedRow[] {
  try {
    if (registration instanceof RegistryError) throw registration;
    checkRegistration(registration, publicKeys, shell.injected);
    return [];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { field } = error.details;
    return [{ row, code: error.code, ...(field === undefined ? {} : { field }) }];
  }
}

async function* mapRows(file: CsvSource, outline: CsvOutline) {
  for await (const cells of csvRows(file, outline)) yield registrationOf(outline.columns, cells);
}

async function untilInterrupt<T>(shell: Shell, work: (interrupted: () => Promise<boolean>) => Promise<T>): Promise<T> {
  let asked = false;
  const release = shell.onInterrupt(() => {
    asked = true;
  });
  try {
    return await work(async () => {
      // Sealing and storing may keep this thread from ever looking at signals by itself.
      await setImmediate();
      return asked;
    });
  } finally {
    release();
  }
}
