import { byNearest, byRank, byReversedRank, bySimilarId, type Guesses, hits, rankCorrelation } from './guesses.js';
import { joinBySharedBytes } from './joins.js';
import { type AttackResult, boundOf, printAttack, rateOf } from './report.js';
import type { SeizedRow } from './seized.js';

/** Two sets of rows and the truth: `truth[i]` is the row of `right` that belongs to row `i` of `left`. */
export interface Pair {
  readonly name: string;
  readonly left: readonly SeizedRow[];
  readonly right: readonly SeizedRow[];
  readonly truth: readonly number[];
}

/** `partner` gives the hex id on the right for a hex id on the left. */
export function pairOf(name: string, left: readonly SeizedRow[], right: readonly SeizedRow[], partner: ReadonlyMap<string, string>): Pair {
  const place = new Map(right.map(({ id }, i) => [id.toString('hex'), i]));
  const truth = left.map(({ id }) => place.get(partner.get(id.toString('hex')) ?? '') ?? -1);
  return { name, left, right, truth };
}

/**
 * Runs every attack; returns all, and prints the best one and the join, the strongest.
 *
 * Of two random orders, the ranks of one pair agree on average, whatever n: a Poisson of mean 1. Where n is the batch itself, 3σ is four hits and
 * the best of a dozen attacks reaches it every fifth time; `leastHits` keeps such a bound from being mere chance.
 */
export function attackPair(pair: Pair, batch: number, leastHits = 0): AttackResult[] {
  const { left, right, truth } = pair;
  const place = (rows: readonly SeizedRow[], k: number) => rows.map(({ places }) => places[k] ?? 0);
  const size = (rows: readonly SeizedRow[]) => rows.map(({ bytes }) => bytes.length);
  const id = (rows: readonly SeizedRow[]) => rows.map((row) => row.id.readUIntBE(0, 6));
  const attacks: [string, Guesses][] = [
    ...[0, 1, 2].flatMap((k): [string, Guesses][] => [
      [`place ${k}`, byRank(place(left, k), place(right, k))],
      [`place ${k} reversed`, byReversedRank(place(left, k), place(right, k))],
    ]),
    ['size rank', byRank(size(left), size(right))],
    ['size nearest', byNearest(size(left), size(right))],
    ['id rank', byRank(id(left), id(right))],
    [
      'similar id',
      bySimilarId(
        left.map((row) => row.id),
        right.map((row) => row.id),
      ),
    ],
    [
      'shared bytes',
      joinBySharedBytes(
        left.map((row) => row.bytes),
        right.map((row) => row.bytes),
      ),
    ],
  ];
  const trials = left.length;
  const chance = 1 / batch;
  const results = attacks.map(([name, guesses]) => ({
    attack: `${pair.name}, ${name}`,
    hits: hits(guesses, truth),
    trials,
    chance,
    bound: Math.max(boundOf(chance, trials), leastHits / trials),
  }));
  const best = results.reduce((a, b) => (rateOf(b) > rateOf(a) ? b : a));
  printAttack({ ...best, attack: `${best.attack} (best of ${results.length})` });
  if (best !== results.at(-1)) printAttack(results.at(-1) as AttackResult);
  return results;
}

/** Strongest correlation of places of partners: what two chunks in one sort would show, one after the other in both files. */
export function placeCorrelation({ name, left, right, truth }: Pair): number {
  const places = (rows: readonly SeizedRow[], k: number) => rows.map((row) => row.places[k] ?? 0);
  const strongest = Math.max(
    ...[0, 1, 2].map((k) => {
      const partners = places(right, k);
      return Math.abs(
        rankCorrelation(
          places(left, k),
          truth.map((row) => partners[row] ?? 0),
        ),
      );
    }),
  );
  process.stdout.write(
    `  ${name}, correlation of places: ${strongest.toFixed(3)}, 4 sigma ${(4 / Math.sqrt(left.length - 1)).toFixed(3)}\n`,
  );
  return strongest;
}

export function broken(results: readonly AttackResult[]): string[] {
  return results.filter((result) => rateOf(result) > result.bound).map(({ attack }) => attack);
}
