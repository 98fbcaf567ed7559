import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Random } from '../../../src/foundation/random.js';
import { u32 } from '../../../src/foundation/tuple.js';
import { delayWindow, drawDueDay } from '../../../src/public/delay.js';

const auto = { delayDays: 'auto' } as const;

describe('the window', () => {
  it.each([
    [0, 1, 28],
    [0, 0, 28],
    [1, 1, 28],
    [3, 1, 28],
    [4, 1, 25],
    [10, 1, 10],
    [49, 1, 3],
    [50, 1, 2],
    [99, 1, 2],
    [50_000, 1, 2],
    [70, 7, 10],
    [71, 7, 10],
    [69, 7, 11],
    [1, 365, 28],
  ])('of %i statements in %i days is %i days', (count, days, window) => {
    expect(delayWindow(auto, { count, days })).toBe(window);
  });

  it('is the policy’s where it names one', () => {
    expect(delayWindow({ delayDays: 1 }, { count: 5, days: 1 })).toBe(1);
  });

  it('is exactly ⌈100·days/count⌉ between its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1, max: 2 ** 40 }), (count, days) => {
        const exact = (100n * BigInt(days) + BigInt(count) - 1n) / BigInt(count);
        const bounded = exact < 2n ? 2n : exact > 28n ? 28n : exact;
        expect(delayWindow(auto, { count, days })).toBe(Number(bounded));
      }),
    );
  });

  it.each([
    [0.5, 1],
    [-1, 1],
    [1, 0],
    [1, -1],
    [1, 0.5],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
  ])('refuses a rate of %d in %d days', (count, days) => {
    expect(() => delayWindow(auto, { count, days })).toThrow(RangeError);
  });
});

describe('the due day', () => {
  it('lies in the window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 28 }), fc.integer(), (today, window, seed) => {
        const due = drawDueDay(today, window, stream(seed));
        expect(due).toBeGreaterThanOrEqual(today);
        expect(due).toBeLessThan(today + window);
      }),
    );
    expect(drawDueDay(100, 1, stream(1))).toBe(100);
  });

  it('is uniform; the same test catches a modulo bias', () => {
    const window = 14;
    const draws = 140_000;
    // χ² with 13 degrees of freedom is above 40.9 once in 10,000; the stream is fixed, so this test does not flicker.
    const fair = stream(7);
    expect(chiSquare(window, draws, () => drawDueDay(0, window, fair))).toBeLessThan(40.9);
    const bytes = stream(7);
    expect(chiSquare(window, draws, () => (bytes.bytes(1)[0] as number) % window)).toBeGreaterThan(40.9);
  });
});

function chiSquare(cells: number, draws: number, draw: () => number): number {
  const counts = new Array<number>(cells).fill(0);
  for (let i = 0; i < draws; i++) {
    const cell = draw();
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const expected = draws / cells;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Deterministic random bytes: SHA-256 in counter mode. */
function stream(seed: number): Random {
  let block = new Uint8Array(0);
  let counter = 0;
  const next = (): Uint8Array => sha256(Uint8Array.of(...u32(seed >>> 0), ...u32(counter++)));
  return {
    bytes(length) {
      while (block.length < length) block = Uint8Array.of(...block, ...next());
      const out = block.slice(0, length);
      block = block.slice(length);
      return out;
    },
  };
}
