import { recordFact } from '../../support/fact.js';
import { type AttackResult, printAttack, printControl, rateOf } from './report.js';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Prints an attack on erasure and says whether it stayed within guessing. */
export function held(result: AttackResult): boolean {
  printAttack(result);
  return rateOf(result) <= result.bound;
}

/** The same for an attack on a build that leaks: whether it gained more than guessing. */
export function caught(result: AttackResult): boolean {
  printControl(result);
  return rateOf(result) > result.bound;
}

/** A control: the same attack on a build that leaks. It must succeed every time, or the attack proves nothing. */
export function recordControl(attack: string, hits: number, trials: number): void {
  const verdict = hits === trials ? 'found, as it must be' : 'CONTROL FAILED';
  process.stdout.write(`  control ${attack}: ${hits}/${trials}: ${verdict}\n`);
  recordFact({ kind: 'attack', name: `erasure, control: ${attack}`, values: { hits, trials, chance: '-', bound: '-', verdict } });
}

/** Pearson's statistic against equal shares. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}
