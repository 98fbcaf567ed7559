/** One line per attack: how often it hit, what guessing gives, what the bound is. Attack programs print; the library never does. */
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

/** Chance plus three standard deviations of the binomial. */
export function boundOf(chance: number, trials: number): number {
  return chance + 3 * Math.sqrt((chance * (1 - chance)) / trials);
}

export function printAttack(result: AttackResult): void {
  const rate = rateOf(result);
  const verdict = rate <= result.bound ? 'held' : 'BROKEN';
  process.stdout.write(
    `  attack ${result.attack}: ${result.hits}/${result.trials} = ${rate.toFixed(5)}, chance ${result.chance.toFixed(5)}, ` +
      `advantage ${(rate - result.chance).toFixed(5)}, bound ${result.bound.toFixed(5)}: ${verdict}\n`,
  );
}

/** For attacks that are found or not found. */
export function printFound(attack: string, found: number, expected: number): void {
  process.stdout.write(`  attack ${attack}: found ${found}, expected ${expected}: ${found === expected ? 'held' : 'BROKEN'}\n`);
}
