import { parseArgs } from 'node:util';
import { nodeBackend } from '../../src/backends/node.js';
import { nobleBackend } from '../../src/foundation/noble-backend.js';
import { acceptCase } from './cases/accept.js';
import { claimLookUpCase } from './cases/claim-lookup.js';
import { coresCase } from './cases/cores.js';
import { countsTotalCase } from './cases/counts-total.js';
import { logAppendCase } from './cases/log-append.js';
import { openQuorumCase } from './cases/open-quorum.js';
import { publishCase } from './cases/publish.js';
import { replayCase } from './cases/replay.js';
import { sealCompartmentCase } from './cases/seal-compartment.js';
import { sealRegistrationCase } from './cases/seal-registration.js';
import { sortCase } from './cases/sort.js';
import { storageBytesCase } from './cases/storage-bytes.js';
import { sealThreadsCase, sortThreadsCase } from './cases/threads.js';
import { wholeExportCase } from './cases/whole-export.js';
import { type Comparison, compare, LEAST_ROUNDS, QUICK_ROUNDS } from './harness.js';
import { type BenchCase, isChosen } from './support/bench-case.js';
import { countWrites, runMarked } from './support/count-writes.js';
import { type Finding, isDocumentRun, writeDocument } from './support/document.js';
import { environmentLines } from './support/environment.js';
import { comparisonLines, NOISY, writesLine } from './support/report.js';
import { Workshop } from './support/workshop.js';

const CASES: readonly BenchCase[] = [
  sealCompartmentCase(nobleBackend),
  sealCompartmentCase(nodeBackend),
  sealRegistrationCase(nobleBackend),
  sealRegistrationCase(nodeBackend),
  sealThreadsCase(256),
  openQuorumCase(1, 5),
  openQuorumCase(91, 91),
  acceptCase(1, 1500),
  // The log is copied into the file every fourth batch of 100, so both 40 batches and a tenth more are whole rounds of that.
  acceptCase(100, 4000),
  acceptCase(1000, 2000),
  coresCase(500),
  sortCase(100, true),
  sortCase(1000, true),
  sortCase(1000, false),
  sortThreadsCase(1000),
  publishCase(1000),
  countsTotalCase(1e4, 1e6),
  claimLookUpCase(1e4, 1e6),
  logAppendCase(100_000, 20_000),
  replayCase(4096),
  storageBytesCase(1000),
  wholeExportCase(1e6),
];

/** Prints one case. */
async function bench({ name, build }: BenchCase, workshop: Workshop, quick: boolean): Promise<Finding> {
  const built = await build(workshop);
  if ('lines' in built) {
    print([name, ...built.lines.map((line) => `  ${line}`)].join('\n'));
    return { name, lines: built.lines };
  }
  const comparison: Comparison = { name, ...built };
  const result = await compare(comparison, quick ? QUICK_ROUNDS : LEAST_ROUNDS);
  print(comparisonLines(comparison, result, quick));
  if (comparison.countWrites === true) {
    const [candidate, baseline] = [
      await countWrites(comparison, 'candidate', workshop),
      await countWrites(comparison, 'baseline', workshop),
    ];
    const line = writesLine(comparison, candidate, baseline);
    if (line !== undefined) print(line);
    return { name, comparison, result, ...(line === undefined ? {} : { writes: line.trim() }) };
  }
  return { name, comparison, result };
}

/** The program under strace: one side of one case, once. */
async function runOnce(name: string, side: string, workshop: Workshop): Promise<void> {
  const built = await CASES.find((one) => one.name === name)?.build(workshop);
  if (built === undefined || 'lines' in built) throw new RangeError('no such comparison');
  await runMarked(side === 'baseline' ? built.baseline : built.candidate, built.times, workshop);
}

async function runAll(only: string | undefined, quick: boolean, workshop: Workshop): Promise<void> {
  const chosen = CASES.filter(({ name }) => isChosen(name, only));
  if (chosen.length === 0) throw new RangeError(`no such case; there are: ${CASES.map(({ name }) => name).join(' ')}`);
  const environment = await environmentLines(workshop.root);
  print(environment);
  if (quick) print(`quick, claim nothing: ${QUICK_ROUNDS} rounds`);
  const findings: Finding[] = [];
  for (const one of chosen) findings.push(await bench(one, workshop, quick));
  const noisy = findings.flatMap((one) => ('result' in one && !one.result.seesTenPercent ? [one.name] : []));
  if (noisy.length > 0) print(`${NOISY} (the +10 % control failed in ${noisy.join(', ')})`);
  if (isDocumentRun(only, quick)) print(writeDocument(environment, findings));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(workshop: Workshop): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      // For `countWrites`: the name of a case and a side follow.
      'count-writes': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, side] = positionals;
  if (values['count-writes'] && name !== undefined && side !== undefined) await runOnce(name, side, workshop);
  else if (name !== undefined) throw new RangeError('name a case with --only');
  else await runAll(values.only, values.quick, workshop);
}

const workshop = new Workshop();
try {
  await main(workshop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
} finally {
  await workshop.close();
}
