import { type Comparison, type ComparisonResult, type Spread, verdictOf } from '../harness.js';
import type { Writes } from './count-writes.js';

export const NOISY = 'noisy machine: claim nothing';

/** One comparison as the bench prints it. */
export function comparisonLines(comparison: Comparison, result: ComparisonResult, quick: boolean): string {
  const { name, measure, against, unit, target } = comparison;
  const { candidateMicros, baselineMicros, ratio, sameAgain, tenthMore, resolution } = result;
  const rate = Math.round(1e6 / candidateMicros.median).toLocaleString('en');
  return [
    quick ? `${name}   (quick, claim nothing)` : name,
    `  ratio     ${show(ratio, 2)} ÷ ${against}`,
    `  ${measure.padEnd(9)} ${show(candidateMicros, 1)} µs a ${unit}, ${rate} a ${measure === 'cpu' ? 'CPU second' : 'second'}; baseline ${show(baselineMicros, 1)} µs`,
    `  controls  A/A ${show(sameAgain, 2)}, +10 % ${show(tenthMore, 2)}, ${result.rounds} rounds: claim nothing below ${Math.ceil(resolution * 100)} %`,
    ...(target === undefined ? [] : [`  target    at most ${target.most.toFixed(2)} (${target.says}): ${verdictOf(target, result)}`]),
    ...(result.seesTenPercent ? [] : [`  ${NOISY}`]),
  ].join('\n');
}

/** Counts that noise cannot move; a column that could not be measured here is left out. */
export function writesLine(comparison: Comparison, candidate: Writes, baseline: Writes): string | undefined {
  const each = (count: number, digits: number): string =>
    (count / comparison.times).toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const columns = [
    column('fsyncs', candidate.fsyncs, baseline.fsyncs, (count) => each(count, 3)),
    column('bytes written', candidate.bytes, baseline.bytes, (count) => each(count, 0)),
  ].filter((text) => text !== undefined);
  return columns.length === 0 ? undefined : `  a ${comparison.unit.padEnd(7)} ${columns.join(', ')}`;
}

function column(name: string, ours: number | undefined, theirs: number | undefined, text: (count: number) => string): string | undefined {
  return ours === undefined || theirs === undefined ? undefined : `${name} ${text(ours)} (baseline ${text(theirs)})`;
}

/** Median and quartiles as text. */
export function show({ q1, median, q3 }: Spread, digits: number): string {
  return `${median.toFixed(digits)} [${q1.toFixed(digits)}–${q3.toFixed(digits)}]`;
}
