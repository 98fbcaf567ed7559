import { recordFact } from '../../support/fact.js';

/** One line per attack: what it gains over guessing, and whether that is more than chance explains. Attack programs print; the library never does. */
export interface AttackResult {
  readonly attack: string;
  readonly hits: number;
  readonly trials: number;
  /** Success rate of guessing. */
  readonly chance: number;
  /** Highest rate that still counts as guessing. */
  readonly bound: number;
}

export function rateOf({ hits, trials }: Pick<AttackResult, 'hits' | 'trials'>): number {
  return trials === 0 ? 0 : hits / trials;
}

/** Standard deviations that the best of so many attacks exceeds by chance as rarely as one attack exceeds three (0.00135). */
const SIGMAS: readonly (readonly [attacks: number, sigmas: number])[] = [
  [1, 3],
  [3, 3.33],
  [10, 3.65],
  [30, 3.92],
  [100, 4.2],
];

/** Fewer expected hits than this are no normal distribution. */
const FEW_HITS = 30;

/** Chance plus three standard deviations of the binomial; more where many attacks are judged one by one. */
export function boundOf(chance: number, trials: number, attacks = 1): number {
  const sigmas = SIGMAS.find(([most]) => attacks <= most)?.[1] ?? 4.5;
  const normal = chance + sigmas * Math.sqrt((chance * (1 - chance)) / trials);
  return chance * trials < FEW_HITS ? Math.max(normal, exactBoundOf(chance, trials, attacks)) : normal;
}

/**
 * The highest rate that guessing exceeds as rarely as that, by the binomial itself: where one or two hits are expected, the normal
 * approximation calls every hundredth guesser an attacker.
 */
function exactBoundOf(chance: number, trials: number, attacks: number): number {
  let tail = 1;
  let exactly = (1 - chance) ** trials;
  for (let hits = 0; hits < trials; hits++) {
    tail -= exactly;
    if (tail < 0.00135 / attacks) return hits / trials;
    exactly *= ((trials - hits) / (hits + 1)) * (chance / (1 - chance));
  }
  return 1;
}

export function printAttack(result: AttackResult): void {
  print(result.attack, result, rateOf(result) <= result.bound ? 'held' : 'BROKEN');
}

/** A leaky build: the same program must succeed here, or its failure elsewhere says nothing. */
export function printControl(result: AttackResult): void {
  print(`control ${result.attack}`, result, rateOf(result) > result.bound ? 'caught' : 'MISSED');
}

/** For attacks that are found or not found. */
export function printFound(attack: string, found: number, expected: number): void {
  const verdict = found === expected ? 'held' : 'BROKEN';
  process.stdout.write(`  ${attack}  found ${found}  expected ${expected}  ${verdict}\n`);
  recordFact({ kind: 'attack', name: attack, values: { found, expected, verdict } });
}

/** `held`: what is found where nothing leaks. */
export function printFoundControl(attack: string, found: number, held = 0): void {
  const verdict = found > held ? 'caught' : 'MISSED';
  process.stdout.write(`  control ${attack}  found ${found}  ${verdict}\n`);
  recordFact({ kind: 'attack', name: `control ${attack}`, values: { found, verdict } });
}

function print(name: string, result: AttackResult, verdict: string): void {
  const [advantage, chance, bound] = [rateOf(result) - result.chance, result.chance, result.bound].map((value) => value.toFixed(5));
  const line = `advantage ${advantage}  chance ${chance}  bound ${bound}  n ${result.trials}  ${verdict}`;
  process.stdout.write(`  ${name}  ${line}\n`);
  recordFact({
    kind: 'attack',
    name,
    values: { advantage: advantage as string, chance: chance as string, bound: bound as string, n: result.trials, verdict },
  });
}
