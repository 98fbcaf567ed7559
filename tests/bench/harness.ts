/** One piece of work to be timed. Only `run` is timed; `check` throws if the work was wrong: a benchmark of wrong work measures nothing. */
export interface Candidate {
  /** Untimed: fresh files and inputs. */
  prepare?(times: number): void | Promise<void>;
  run(times: number): void | Promise<void>;
  /** Untimed: looks at what `run` left behind, then puts it away. */
  check?(times: number): void | Promise<void>;
}

export interface Comparison {
  readonly name: string;
  /** CPU time for synchronous work; wall time only for work bound by fsync, and then beside counts that noise cannot move. */
  readonly measure: 'cpu' | 'wall';
  /** What the candidate is divided by, in words. */
  readonly against: string;
  /** What is done `times` times, e.g. `record`. */
  readonly unit: string;
  readonly baseline: Candidate;
  readonly candidate: Candidate;
  /** How often the work is repeated inside one measurement. */
  readonly times: number;
  /** The same for the baseline where it is so much less work that as few repetitions would measure noise; default `times`. */
  readonly baselineTimes?: number;
  /** The ratio that is asked for, if one is. */
  readonly target?: Target;
  /** Also count fsyncs and bytes written, once, outside the timed rounds. */
  readonly countWrites?: boolean;
}

export interface Target {
  /** The ratio of times may be as much. */
  readonly most: number;
  /** Where the figure is from, in words. */
  readonly says: string;
}

/** Median and quartiles. */
export interface Spread {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

export interface ComparisonResult {
  readonly rounds: number;
  /** Microseconds of one repetition, by the comparison's measure. */
  readonly candidateMicros: Spread;
  readonly baselineMicros: Spread;
  /** Candidate ÷ baseline, taken inside each round. */
  readonly ratio: Spread;
  /** A/A control: the baseline again ÷ the baseline, which is what this machine's noise alone does. */
  readonly sameAgain: Spread;
  /** Control: the baseline with a tenth more repetitions ÷ the baseline. */
  readonly tenthMore: Spread;
  /** Differences below this (twice the A/A spread) must not be claimed. */
  readonly resolution: number;
  /** False if this run could not have seen a difference of 10 %. */
  readonly seesTenPercent: boolean;
}

/** Fewer rounds have no quartiles worth the name. */
export const LEAST_ROUNDS = 9;
/** For trying a case out; its figures support no claim. */
export const QUICK_ROUNDS = 3;

const WARM_UP_MICROS = 400_000;

export type Verdict = `${'met' | 'not met'}${'' | ', by less than this run resolves'}` | 'not resolvable by this run';

/** Met, or not, only where both quartiles say so and the controls of the run held; and whether by more than the run's noise. */
export function verdictOf({ most }: Target, { ratio, resolution, seesTenPercent }: ComparisonResult): Verdict {
  if (!seesTenPercent || (ratio.q1 <= most && ratio.q3 > most)) return 'not resolvable by this run';
  const verdict = ratio.q3 <= most ? 'met' : 'not met';
  return Math.abs(most - ratio.median) < resolution ? `${verdict}, by less than this run resolves` : verdict;
}

/** Interleaves and rotates the candidates inside every round and compares them there, because a shared machine drifts between rounds. */
export async function compare(comparison: Comparison, rounds: number): Promise<ComparisonResult> {
  const { baseline, candidate, times, baselineTimes = times, measure } = comparison;
  const more = Math.max(baselineTimes + 1, Math.round(baselineTimes * 1.1));
  const baselineMicros = async (repetitions: number): Promise<number> => (await micros(baseline, repetitions, measure)) / baselineTimes;
  const runs = [
    async () => (await micros(candidate, times, measure)) / times,
    () => baselineMicros(baselineTimes),
    () => baselineMicros(baselineTimes),
    // Scaled so that exactly 10 % more work gives 1.10 whatever the rounding.
    async () => ((await baselineMicros(more)) * baselineTimes * 1.1) / more,
  ];
  await warmUp(() => micros(baseline, baselineTimes, measure));
  await warmUp(() => micros(candidate, times, measure));
  const measured: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const row: number[] = [];
    for (let turn = 0; turn < runs.length; turn++) {
      // Every other round backwards: else each would always pay for what the same one left to the garbage collector.
      const at = (round + (round % 2 === 0 ? turn : runs.length - turn)) % runs.length;
      row[at] = (await runs[at]?.()) ?? Number.NaN;
    }
    measured.push(row);
  }
  const each = (at: number): Spread => spread(measured.map((row) => row[at] ?? Number.NaN));
  const ratio = (at: number): Spread => spread(measured.map((row) => (row[at] ?? Number.NaN) / (row[1] ?? Number.NaN)));
  const sameAgain = ratio(2);
  const tenthMore = ratio(3);
  return {
    rounds,
    candidateMicros: each(0),
    baselineMicros: each(1),
    ratio: ratio(0),
    sameAgain,
    tenthMore,
    resolution: 2 * Math.max(sameAgain.q3 - sameAgain.q1, Math.abs(sameAgain.median - 1)),
    seesTenPercent: tenthMore.median >= 1.05 && tenthMore.median <= 1.15 && tenthMore.q1 > sameAgain.q3,
  };
}

/** Until the compiler has seen enough: code that is still being optimised makes the first rounds slower than the last. */
async function warmUp(run: () => Promise<number>): Promise<void> {
  for (let spent = 0; spent < WARM_UP_MICROS; ) spent += await run();
}

async function micros(candidate: Candidate, times: number, measure: Comparison['measure']): Promise<number> {
  await candidate.prepare?.(times);
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await candidate.run(times);
  const { user, system } = process.cpuUsage(cpu);
  const elapsed = Number(process.hrtime.bigint() - wall) / 1000;
  await candidate.check?.(times);
  return measure === 'cpu' ? user + system : elapsed;
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

/** Throws with `what` unless `right`. */
export function must(right: boolean, what: string): void {
  if (!right) throw new Error(`the benchmark did wrong work: ${what}`);
}
