import type { SeizedRow } from './seized.js';

/** Attacks that turn what is known of two sets of rows into guesses: `guesses[i]` is the row of `right` taken for row `i` of `left`. */
export type Guesses = readonly (number | undefined)[];

/** Same rank: by place in the file, by size, by id, by row number. Ties keep an order that says nothing. */
export function byRank(left: readonly number[], right: readonly number[]): Guesses {
  const order = (values: readonly number[]) =>
    values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number) || shuffled(a) - shuffled(b));
  const [a, b] = [order(left), order(right)];
  const guesses: number[] = [];
  for (const [rank, row] of a.entries()) guesses[row] = b[rank] as number;
  return guesses;
}

export function byReversedRank(left: readonly number[], right: readonly number[]): Guesses {
  return byRank(
    left,
    right.map((value) => -value),
  );
}

/** Nearest in value, where the two sets have the same unit (sizes). */
export function byNearest(left: readonly number[], right: readonly number[]): Guesses {
  const order = right.map((_, i) => i).sort((a, b) => (right[a] as number) - (right[b] as number));
  return left.map((value) => {
    let low = 0;
    let high = order.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((right[order[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    const candidates = [order[low - 1], order[low]].filter((row) => row !== undefined);
    return candidates.sort((a, b) => Math.abs((right[a] as number) - value) - Math.abs((right[b] as number) - value))[0];
  });
}

/**
 * A value that stands in m rows of one table belongs to one that stands in m rows of the other: families, offices, batches. Of all pairs of
 * columns the one whose multiplicities agree best; among equals a guess that follows from nothing.
 */
export function byMultiplicity(left: readonly SeizedRow[], right: readonly SeizedRow[]): Guesses {
  const [a, b] = [columnsWithRepeats(left), columnsWithRepeats(right)];
  let best: { readonly score: number; readonly guesses: Guesses } = { score: 0, guesses: left.map((_, i) => shuffled(i) % right.length) };
  for (const mine of a) {
    for (const theirs of b) {
      const rows = new Map<number, number[]>();
      for (const [row, count] of theirs.entries()) {
        const same = rows.get(count);
        if (same === undefined) rows.set(count, [row]);
        else same.push(row);
      }
      const candidates = mine.map((count) => rows.get(count) ?? []);
      const score = candidates.filter(({ length }) => length > 0).length * rows.size;
      const guesses = candidates.map((found, i) => found[shuffled(i) % found.length]);
      if (score > best.score) best = { score, guesses };
    }
  }
  return best.guesses;
}

/** For each column with a value in more than one row and not in all: in how many rows the value of each row stands. */
function columnsWithRepeats(rows: readonly SeizedRow[]): number[][] {
  const width = rows[0]?.columns.length ?? 0;
  return Array.from({ length: width }, (_, k) => {
    const values = rows.map(({ columns }) => (Buffer.isBuffer(columns[k]) ? columns[k].toString('latin1') : String(columns[k])));
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts.size === rows.length || counts.size === 1 ? [] : values.map((value) => counts.get(value) ?? 0);
  }).filter(({ length }) => length > 0);
}

/** The id with the fewest different bits. */
export function bySimilarId(left: readonly Buffer[], right: readonly Buffer[]): Guesses {
  const words = (ids: readonly Buffer[]) => Uint32Array.from(ids.flatMap((id) => [0, 4, 8, 12].map((at) => id.readUInt32LE(at))));
  const [a, b] = [words(left), words(right)];
  return left.map((_, i) => {
    let best = 0;
    let least = 129;
    for (let j = 0; j < right.length; j++) {
      let different = 0;
      for (let k = 0; k < 4; k++) different += bits(((a[4 * i + k] as number) ^ (b[4 * j + k] as number)) >>> 0);
      if (different < least) [best, least] = [j, different];
    }
    return best;
  });
}

function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function shuffled(i: number): number {
  return Math.imul(i + 1, 0x9e3779b1) >>> 0;
}

/** Spearman's rank correlation; equal values are ranked without regard to their order. */
export function rankCorrelation(left: readonly number[], right: readonly number[]): number {
  const ranks = (values: readonly number[], ties: number): number[] => {
    const out: number[] = [];
    for (const [rank, row] of values
      .map((_, i) => i)
      .sort((a, b) => (values[a] as number) - (values[b] as number) || shuffled(a * ties) - shuffled(b * ties))
      .entries())
      out[row] = rank;
    return out;
  };
  const [a, b] = [ranks(left, 1), ranks(right, 31)];
  const squares = a.reduce((sum, rank, i) => sum + (rank - (b[i] as number)) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}
