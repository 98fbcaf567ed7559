import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../support/fact.js';
import { factTables } from './fact-tables.js';
import { lastFacts } from './last-facts.js';
import { type SuiteReport, suiteTable } from './suite-table.js';

/**
 * Writes docs/how-tested.md from runs, so that the page says what was run and not what somebody remembers.
 *
 *   npm run how-tested                                            runs everything (long) and writes the page
 *   npm run how-tested -- --from FACTS.jsonl REPORT.json …        from the files of runs made before, as .ci/run leaves them in reports/
 */
const PAGE = join('docs', 'how-tested.md');

function main(): void {
  const [flag, facts, ...reports] = process.argv.slice(2);
  if (flag === '--from' && facts !== undefined && reports.length > 0) {
    write(reports, facts);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'how-tested-'));
  const [reportPath, factsPath] = [join(folder, 'report.json'), join(folder, 'facts.jsonl')];
  writeFileSync(factsPath, '');
  const args = ['run', 'test:all', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const { status } = spawnSync('npm', args, { stdio: 'inherit', env: { ...process.env, CRYPTONYM_FACTS: factsPath } });
  write([reportPath], factsPath);
  rmSync(folder, { recursive: true });
  process.exitCode = status ?? 1;
}

function write(reportPaths: readonly string[], factsPath: string): void {
  const reports = reportPaths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as SuiteReport);
  writeFileSync(PAGE, page(merged(reports), reports.length, lastFacts(readFileSync(factsPath, 'utf8'))));
}

/** Of a file that was run again, the later run counts. */
function merged(reports: readonly SuiteReport[]): SuiteReport {
  const files = new Map(reports.flatMap(({ testResults }) => testResults.map((file) => [fileOf(file.name), file] as const)));
  const testResults = [...files.values()];
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  return {
    startTime: Math.max(...reports.map(({ startTime }) => startTime)),
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: statuses.length - passed - failed,
    testResults,
  };
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/tests/') + 1);
}

function page(report: SuiteReport, runs: number, facts: readonly Fact[]): string {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`;
  return [
    '# How it is tested',
    '',
    '<!-- Written by `npm run how-tested` from a run of everything. Not edited by hand. -->',
    '',
    `${runs === 1 ? 'A run' : `${runs} runs put together (of a file that was run again the later run counts; not all of one commit)`} on ${new Date(report.startTime).toISOString().slice(0, 10)} on ${machine}: ` +
      `**${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped**. ` +
      'A skipped test says in its name what it needs. "Control" is a deliberately leaky or broken build that the same program must catch; ' +
      'without it an attack that finds nothing would prove nothing.',
    '',
    '## Tests by folder',
    '',
    ...suiteTable(report, fileOf),
    '',
    ...factTables(facts),
  ].join('\n');
}

main();
