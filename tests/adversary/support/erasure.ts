import { recordFact } from '../../support/fact.js';
import { type AttackResult, printAttack, printControl, rateOf } from './report.js';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Prints an attack on erasure and says whether it stayed within guessing. */
export function held(result: AttackResult): boolean {
  printAttack(named(result));
  return rateOf(result) <= result.bound;
}

/** The same for an attack on a build that leaks: whether it gained more than guessing. */
export function caught(result: AttackResult): boolean {
  printControl(named(result));
  return rateOf(result) > result.bound;
}

/** Under one heading in docs/how-tested.md. */
const named = (result: AttackResult): AttackResult => ({ ...result, attack: `erasure: ${result.attack}` });

/** A control: the same attack on a build that leaks. It must succeed every time, or the attack proves nothing. */
export function recordControl(attack: string, hits: number, trials: number): void {
  const verdict = hits === trials ? 'caught' : 'MISSED';
  process.stdout.write(`  control erasure: ${attack}  found ${hits}  expected ${trials}  ${verdict}\n`);
  recordFact({ kind: 'attack', name: `control erasure: ${attack}`, values: { found: hits, expected: trials, verdict } });
}

/** Pearson's statistic against equal shares. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}
