import { createHash } from 'node:crypto';
import { byMultiplicity, byNearest, byRank, byReversedRank, bySimilarId, type Guesses, rankCorrelation } from './guesses.js';
import { joinBySharedBytes } from './joins.js';
import { type AttackResult, boundOf, printAttack, printControl, rateOf } from './report.js';
import { PLACES, type SeizedRow } from './seized.js';

/** Two sets of rows and the truth: `truth[i]` is the row of `right` that belongs to row `i` of `left`. */
export interface Pair {
  readonly name: string;
  readonly left: readonly SeizedRow[];
  readonly right: readonly SeizedRow[];
  readonly truth: readonly number[];
}

/** What one attack got right of one pair. */
export interface Attempt {
  readonly kind: string;
  readonly hit: readonly boolean[];
}

/** `partner` gives the hex id on the right for a hex id on the left. Rows without a partner on the right are left out. */
export function pairOf(name: string, left: readonly SeizedRow[], right: readonly SeizedRow[], partner: ReadonlyMap<string, string>): Pair {
  const place = new Map(right.map(({ id }, i) => [id.toString('hex'), i]));
  const known = left.filter(({ id }) => place.has(partner.get(id.toString('hex')) ?? ''));
  return { name, left: known, right, truth: known.map(({ id }) => place.get(partner.get(id.toString('hex')) ?? '') as number) };
}

/** Runs every attack on a pair. */
export function attackPair({ left, right, truth }: Pair): Attempt[] {
  const sizes = (rows: readonly SeizedRow[]) => rows.map(({ bytes }) => bytes.length);
  const ids = (rows: readonly SeizedRow[]) => rows.map((row) => row.id.readUIntBE(0, 6));
  const bytes = (rows: readonly SeizedRow[]) => rows.map((row) => row.bytes);
  const attacks: [string, Guesses][] = [
    ...byPlaces(left, right),
    ['row-size', byRank(sizes(left), sizes(right))],
    ['row-size', byNearest(sizes(left), sizes(right))],
    ['id-order', byRank(ids(left), ids(right))],
    ['id-order', byReversedRank(ids(left), ids(right))],
    [
      'similar-id',
      bySimilarId(
        left.map(({ id }) => id),
        right.map(({ id }) => id),
      ),
    ],
    ['multiplicity', byMultiplicity(left, right)],
    ['shared-bytes', joinBySharedBytes(bytes(left), bytes(right))],
    ['hash-of-column', joinBySharedBytes(left.map(hashes), bytes(right))],
    ['hash-of-column', joinBySharedBytes(bytes(left), right.map(hashes))],
  ];
  return attacks.map(([kind, guesses]) => ({ kind, hit: truth.map((row, i) => guesses[i] === row) }));
}

/** Where the two sides lie, each place against the same place and against the order in which the other side stands in its table. */
function byPlaces(left: readonly SeizedRow[], right: readonly SeizedRow[]): [string, Guesses][] {
  const at = (rows: readonly SeizedRow[], k: number) => rows.map(({ places }) => places[k] ?? 0);
  const kinds = Math.max(left[0]?.places.length ?? 0, right[0]?.places.length ?? 0);
  const used = Array.from({ length: kinds }, (_, k) => k).filter((k) => [...at(left, k), ...at(right, k)].some((place) => place > 0));
  return used.flatMap((k): [string, Guesses][] => {
    const name = PLACES[k] as string;
    const straight = byRank(at(left, k), at(right, k));
    // Where nothing on the right has such a place, the reverse is the same guess, and would count every hit twice.
    if (at(right, k).every((place) => place === 0)) return [[name, straight]];
    return [
      [name, straight],
      [name, byReversedRank(at(left, k), at(right, k))],
    ];
  });
}

/** What a digest kept in another store would be, were it not keyed: SHA-256 of each column, and of the row. */
function hashes({ columns, bytes }: SeizedRow): Buffer {
  const parts = [...columns.filter((column) => Buffer.isBuffer(column)), bytes];
  return Buffer.concat(parts.map((part) => createHash('sha256').update(part).digest()));
}

/**
 * The verdict on all attempts of a stage. One line per kind of attack, all pairs together; and one for the best of all: chosen on one half of
 * the trials and measured on the other, both ways, so that the best of dozens is held for one as rarely by mistake as a single attack.
 */
export function judge(stage: string, attempts: readonly Attempt[], batch: number, verdict = printAttack): AttackResult[] {
  const chance = 1 / batch;
  const kinds = new Map<string, Attempt[]>();
  for (const attempt of attempts) kinds.set(attempt.kind, [...(kinds.get(attempt.kind) ?? []), attempt]);
  const results = [...kinds].map(([kind, of]): AttackResult => {
    const trials = of.reduce((sum, { hit }) => sum + hit.length, 0);
    const hits = of.reduce((sum, { hit }) => sum + hit.filter(Boolean).length, 0);
    return { attack: `${stage} ${kind}`, hits, trials, chance, bound: boundOf(chance, trials, kinds.size) };
  });
  results.push(bestOf(`${stage} best of ${attempts.length}`, attempts, chance));
  for (const result of results) verdict(result);
  return results;
}

/** A leaky build: prints the attacks that must succeed on it, and the best of all; returns those that did not. */
export function judgeControl(stage: string, attempts: readonly Attempt[], batch: number, kinds: readonly string[]): string[] {
  const wanted = (name: string): boolean => [...kinds, 'best of'].some((kind) => name.startsWith(`${stage} ${kind}`));
  const print = (result: AttackResult): void => {
    if (wanted(result.attack)) printControl(result);
  };
  const results = judge(stage, attempts, batch, print).filter(({ attack }) => wanted(attack));
  const caught = broken(results);
  if (results.length !== kinds.length + 1) throw new RangeError('no such kind of attack');
  return results.map(({ attack }) => attack).filter((attack) => !caught.includes(attack));
}

/**
 * Chosen on one half of the people and measured on the other, then the other way round; the better of the two counts, as one of two attacks. Their sum
 * would be no binomial: the attack that chance favours in one half is chosen there for being so.
 */
function bestOf(attack: string, attempts: readonly Attempt[], chance: number): AttackResult {
  const half = (attempt: Attempt, parity: number) => attempt.hit.filter((_, i) => i % 2 === parity);
  const rate = (hit: readonly boolean[]) => rateOf({ hits: hit.filter(Boolean).length, trials: hit.length });
  const [one = [], other = []] = [0, 1].map((parity) => {
    const best = attempts.reduce((a, b) => (rate(half(b, parity)) > rate(half(a, parity)) ? b : a));
    return half(best, 1 - parity);
  });
  const measured = rate(one) > rate(other) ? one : other;
  return { attack, hits: measured.filter(Boolean).length, trials: measured.length, chance, bound: boundOf(chance, measured.length, 2) };
}

/** The same attacks repeated on many images: the trials of each are one run. */
export function pooled(runs: readonly (readonly Attempt[])[]): Attempt[] {
  const together = new Map<string, { readonly kind: string; readonly hit: boolean[] }>();
  for (const attempts of runs) {
    const seen = new Map<string, number>();
    for (const { kind, hit } of attempts) {
      const k = seen.get(kind) ?? 0;
      seen.set(kind, k + 1);
      const name = `${kind} ${k}`;
      if (!together.has(name)) together.set(name, { kind, hit: [] });
      together.get(name)?.hit.push(...hit);
    }
  }
  return [...together.values()];
}

/** Strongest correlation of places of partners: what two chunks in one sort would show, one after the other in both files. */
export function placeCorrelation({ left, right, truth }: Pair): number {
  const at = (rows: readonly SeizedRow[], k: number) => rows.map((row) => row.places[k] ?? 0);
  const strengths = PLACES.map((_, k) => {
    const partners = at(right, k);
    const of = truth.map((row) => partners[row] ?? 0);
    return Math.abs(rankCorrelation(at(left, k), of));
  });
  return Math.max(...strengths);
}

export function broken(results: readonly AttackResult[]): string[] {
  return results.filter((result) => rateOf(result) > result.bound).map(({ attack }) => attack);
}
