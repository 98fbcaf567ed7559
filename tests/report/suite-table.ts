/** The parts of vitest's JSON report that are read. */
export interface SuiteReport {
  readonly startTime: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const WHAT: Readonly<Record<string, string>> = {
  'tests/adversary': 'attack programs, each with a control',
  'tests/checks': 'import graph, bundles, source rules, what the pages state',
  'tests/crash': 'processes killed at every call, full disks, wrong clocks',
  'tests/interop': 'programs that we did not write: Go’s sumdb, OpenSSL',
  'tests/integration': 'the library and the command line as they are used',
  'tests/slow': 'long property and model runs, fuzzing',
  'tests/unit': 'rules, codecs, frozen vectors, stores',
  'tests/vectors-public': 'public test vectors of others',
};

interface Row {
  files: number;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

export function suiteTable(report: SuiteReport, relativeTo: (path: string) => string): readonly string[] {
  const rows = new Map<string, Row>();
  for (const file of report.testResults) {
    const folder = relativeTo(file.name).split('/').slice(0, 2).join('/');
    const row = rows.get(folder) ?? { files: 0, passed: 0, failed: 0, skipped: 0, seconds: 0 };
    row.files++;
    row.seconds += (file.endTime - file.startTime) / 1000;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') row.passed++;
      else if (status === 'failed') row.failed++;
      else row.skipped++;
    }
    rows.set(folder, row);
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([folder, { files, passed, failed, skipped, seconds }]) =>
        `| \`${folder}\` | ${WHAT[folder] ?? ''} | ${files} | ${passed} | ${failed} | ${skipped} | ${Math.round(seconds)} |`,
    );
  return ['| folder | what | files | passed | failed | skipped | seconds |', '|---|---|--:|--:|--:|--:|--:|', ...lines];
}
