import { describe, expect, it } from 'vitest';
import { FORMATS } from '../malformed/formats.js';
import { fuzz } from '../malformed/fuzz.js';
import { recordFact } from '../support/fact.js';

/** Another seed makes other cases: `FUZZ_SEED=… ` ; a defect names seed, format and case, which is all that is needed to make it again. */
const SEED = process.env['FUZZ_SEED'] ?? '2026-11-21';
const CASES = Number(process.env['FUZZ_CASES'] ?? 100_000);
/** Generous: hostile bytes must not hold a server for seconds, and a shared machine may pause for one. */
const SLOWEST_MILLISECONDS = 3000;

describe(`fuzzing, ${CASES} mutated inputs for each parser, seed ${SEED}`, () => {
  it.each(FORMATS)('$name', async (format) => {
    const report = await fuzz(format, SEED, CASES);
    const slowest = report.slowestMilliseconds.toFixed(1);
    recordFact({ kind: 'fuzz', name: format.name, values: { inputs: report.cases, 'read and encoded alike': report.accepted } });
    process.stdout.write(`fuzz ${format.name}: ${report.cases} inputs, ${report.accepted} read, slowest ${slowest} ms, seed ${SEED}\n`);
    expect(report.defects).toEqual([]);
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.slowestMilliseconds).toBeLessThan(SLOWEST_MILLISECONDS);
  });
});
