import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

/** One piece of work to be timed. `run` does it `times` times and checks its own result: a benchmark of wrong work measures nothing. */
export interface Candidate {
  readonly name: string;
  run(times: number): void | Promise<void>;
}

export interface Comparison {
  readonly name: string;
  readonly baseline: Candidate;
  readonly candidate: Candidate;
  /** How often the work is repeated inside one measurement. */
  readonly times: number;
}

/** Median and quartiles. */
export interface Spread {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

export interface ComparisonResult {
  readonly name: string;
  /** CPU microseconds of one repetition. */
  readonly candidateMicros: Spread;
  readonly baselineMicros: Spread;
  /** Candidate ÷ baseline, taken inside each round. */
  readonly ratio: Spread;
  /** Baseline ÷ the same baseline again: what this machine's noise alone does. */
  readonly sameAgain: Spread;
  /** Baseline with a tenth more repetitions ÷ baseline: the run can see +10 % only if this lies near 1.10. */
  readonly tenthMore: Spread;
  /** Differences below this (twice the A/A spread) must not be claimed. */
  readonly resolution: number;
}

const LEAST_ROUNDS = 9;

/** Interleaves and rotates the candidates inside every round and compares CPU time there, because a shared machine drifts between rounds. */
export async function compare(comparison: Comparison, rounds = LEAST_ROUNDS): Promise<ComparisonResult> {
  if (rounds < LEAST_ROUNDS) throw new RangeError(`at least ${LEAST_ROUNDS} rounds`);
  const { baseline, candidate, times } = comparison;
  const more = Math.max(times + 1, Math.round(times * 1.1));
  const runs = [
    () => cpuMicros(candidate, times),
    () => cpuMicros(baseline, times),
    () => cpuMicros(baseline, times),
    // Scaled so that exactly 10 % more work gives 1.10 whatever the rounding.
    async () => ((await cpuMicros(baseline, more)) * times * 1.1) / more,
  ];
  await cpuMicros(baseline, times);
  await cpuMicros(candidate, times);
  const measured: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const row: number[] = [];
    for (let turn = 0; turn < runs.length; turn++) {
      const at = (round + turn) % runs.length;
      row[at] = (await runs[at]?.()) ?? Number.NaN;
    }
    measured.push(row);
  }
  const column = (at: number): number[] => measured.map((row) => row[at] ?? Number.NaN);
  const ratios = (at: number): number[] => measured.map((row) => (row[at] ?? Number.NaN) / (row[1] ?? Number.NaN));
  const sameAgain = spread(ratios(2));
  return {
    name: comparison.name,
    candidateMicros: spread(column(0).map((micros) => micros / times)),
    baselineMicros: spread(column(1).map((micros) => micros / times)),
    ratio: spread(ratios(0)),
    sameAgain,
    tenthMore: spread(ratios(3)),
    resolution: 2 * Math.max(sameAgain.q3 - sameAgain.q1, Math.abs(sameAgain.median - 1)),
  };
}

async function cpuMicros(candidate: Candidate, times: number): Promise<number> {
  const before = process.cpuUsage();
  await candidate.run(times);
  const used = process.cpuUsage(before);
  return used.user + used.system;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => {
    const place = part * (sorted.length - 1);
    const low = sorted[Math.floor(place)] ?? Number.NaN;
    const high = sorted[Math.ceil(place)] ?? Number.NaN;
    return low + (high - low) * (place - Math.floor(place));
  };
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) };
}

/** The line without which no figure means anything. */
export function environmentLine(): string {
  const cpu = cpus();
  const sqlite = process.versions['sqlite'] ?? 'none';
  return `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, node:sqlite ${sqlite}, better-sqlite3 ${driverVersion()}, ${cpu.length} × ${cpu[0]?.model ?? 'unknown CPU'}, fsync ${fsyncMicros().toFixed(0)} µs (median of 21)`;
}

function driverVersion(): string {
  try {
    return execFileSync(process.execPath, ['-p', "require('better-sqlite3/package.json').version"], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'none';
  }
}

function fsyncMicros(): number {
  const folder = mkdtempSync(join(tmpdir(), 'cryptonym-fsync-'));
  const file = openSync(join(folder, 'probe'), 'w');
  try {
    const times = Array.from({ length: 21 }, () => {
      writeSync(file, new Uint8Array(4096));
      const start = process.hrtime.bigint();
      fsyncSync(file);
      return Number(process.hrtime.bigint() - start) / 1000;
    });
    return spread(times).median;
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

export function resultLine(result: ComparisonResult): string {
  const number = ({ q1, median, q3 }: Spread, digits: number): string =>
    `${median.toFixed(digits)} [${q1.toFixed(digits)}–${q3.toFixed(digits)}]`;
  return [
    result.name.padEnd(28),
    `${number(result.candidateMicros, 1)} µs`,
    `÷ baseline ${number(result.ratio, 2)}`,
    `A/A ${number(result.sameAgain, 2)}`,
    `+10 % ${number(result.tenthMore, 2)}`,
    `claim nothing below ${(result.resolution * 100).toFixed(0)} %`,
  ].join('   ');
}
