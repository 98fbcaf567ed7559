import { type Random, randomInt } from '../../../src/foundation/random.js';

export interface TimingPlan {
  readonly ask: (input: Uint8Array) => Promise<unknown>;
  /** The i-th input of each class. */
  readonly classes: readonly [(i: number) => Uint8Array, (i: number) => Uint8Array];
  /** Measurements of each class in a run. */
  readonly samples: number;
  readonly runs: number;
  readonly random: Random;
}

/** Share of the slowest measurements left out: interrupts and collections of memory, which say nothing about the input. */
const CROPPED = 0.1;

/** The median over the runs of |t|, Welch's statistic of the times of the two classes, measured turn by turn in random order. */
export async function medianT(plan: TimingPlan): Promise<number> {
  await oneRun({ ...plan, samples: Math.min(1000, plan.samples) });
  const all: number[] = [];
  for (let run = 0; run < plan.runs; run++) all.push(Math.abs(await oneRun(plan)));
  return all.sort((a, b) => a - b)[Math.floor(plan.runs / 2)] as number;
}

async function oneRun({ ask, classes, samples, random }: TimingPlan): Promise<number> {
  const times: [number[], number[]] = [[], []];
  // Fresh copies of both before the clock runs: whether an input lies in the processor's cache would show too.
  const inputs = classes.map((inputOf) => Array.from({ length: samples }, (_, i) => inputOf(i).slice()));
  for (let i = 0; i < samples; i++) {
    const first = randomInt(random, 2);
    for (const which of [first, 1 - first] as (0 | 1)[]) {
      const input = inputs[which]?.[i] as Uint8Array;
      const start = process.hrtime.bigint();
      await ask(input);
      times[which].push(Number(process.hrtime.bigint() - start));
    }
  }
  return welchT(cropped(times[0]), cropped(times[1]));
}

function cropped(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b).slice(0, Math.floor(values.length * (1 - CROPPED)));
}

/** https://en.wikipedia.org/wiki/Welch%27s_t-test */
export function welchT(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [moments(a), moments(b)];
  return (one.mean - other.mean) / Math.sqrt(one.variance / a.length + other.variance / b.length);
}

function moments(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
}
