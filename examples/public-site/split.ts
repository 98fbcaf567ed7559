import type { Html } from './html.js';

/** Largest page, style sheet included. */
export const MAX_PAGE_BYTES = 60_000;

/**
 * Cuts a list into runs whose sizes sum to at most `budget`, in order and greedily: a list that grows at its end changes its last run only.
 * An item larger than the budget gets a run of its own.
 */
export function splitBySize<T>(items: readonly T[], sizeOf: (item: T) => number, budget: number): readonly (readonly T[])[] {
  const runs: T[][] = [];
  let left = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (runs.length === 0 || size > left) {
      runs.push([]);
      left = budget;
    }
    runs.at(-1)?.push(item);
    left -= size;
  }
  return runs;
}

export function bytesOf(part: Html | string): number {
  return Buffer.byteLength(part.toString());
}
