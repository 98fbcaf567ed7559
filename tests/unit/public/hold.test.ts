import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectDue } from '../../../src/public/hold.js';
import type { PoolItem } from '../../../src/public/ports.js';
import { idOf } from './arbitraries.js';

const item = (number: number, cell: string, dueDay: number): PoolItem => ({
  id: idOf(number),
  cell,
  dueDay,
  digest: new Uint8Array(32),
  salt: new Uint8Array(32),
  statement: new Uint8Array(0),
});
const many = (count: number, cell: string, dueDay: number): PoolItem[] => Array.from({ length: count }, (_, i) => item(i, cell, dueDay));
const policy = { k: 20, maxHoldDays: 28 };

describe('a cell', () => {
  it('goes out with k due items, and not with k − 1', () => {
    expect(selectDue(many(20, 'a', 5), 5, policy)).toMatchObject({ smallestCell: 20, held: [] });
    const small = selectDue(many(19, 'a', 5), 5, policy);
    expect(small.publish).toEqual([]);
    expect([...small.heldCells]).toEqual([['a', 19]]);
    expect(small.smallestCell).toBe(0);
  });

  it('does not count items that are not due, unless all are taken now', () => {
    const items = [...many(19, 'a', 5), item(99, 'a', 6)];
    expect(selectDue(items, 5, policy).publish).toEqual([]);
    expect(selectDue(items, 5, policy, { now: true }).publish).toHaveLength(20);
    expect(selectDue(many(19, 'a', 5), 5, policy, { now: true }).publish).toEqual([]);
  });

  it('goes out coarsened as a whole on the day its oldest item is maxHoldDays late', () => {
    const items = [item(1, 'a', 10), item(2, 'a', 38), item(3, 'a', 39)];
    expect(selectDue(items, 37, policy).publish).toEqual([]);
    const out = selectDue(items, 38, policy);
    expect(out.publish.map(({ item: { dueDay }, coarsen }) => [dueDay, coarsen])).toEqual([
      [10, true],
      [38, true],
    ]);
    expect(out.smallestCell).toBe(2);
  });

  it('is not coarsened where it is large enough, however late', () => {
    expect(selectDue(many(20, 'a', 0), 100, policy).publish.every(({ coarsen }) => !coarsen)).toBe(true);
  });

  it('is not made larger by another one', () => {
    const out = selectDue([...many(20, 'a', 1), ...many(5, 'a+b', 1)], 1, policy);
    expect(out.publish).toHaveLength(20);
    expect([...out.heldCells]).toEqual([['a+b', 5]]);
  });
});

/** The pool over many days: what comes, when it is due, and on which days somebody publishes, with or without `now`. */
const history = fc.record({
  k: fc.integer({ min: 1, max: 6 }),
  maxHoldDays: fc.integer({ min: 1, max: 10 }),
  arrivals: fc.array(fc.record({ day: fc.nat(30), delay: fc.nat(10), cell: fc.constantFrom('a', 'b', 'a+b', 'c') }), { maxLength: 60 }),
  days: fc.array(fc.record({ skip: fc.boolean(), now: fc.boolean() }), { minLength: 31, maxLength: 31 }),
});

describe('the pool over many days', () => {
  it('loses nothing, publishes nothing twice, shows no small cell, and holds nobody for ever', () => {
    let coarsened = 0;
    fc.assert(
      fc.property(history, ({ k, maxHoldDays, arrivals, days }) => {
        let pool: PoolItem[] = [];
        const published = new Set<PoolItem>();
        const all = arrivals.map(({ day, delay, cell }, i) => item(i, cell, day + delay));
        for (let day = 0; day <= 30 + 10 + maxHoldDays; day++) {
          pool.push(...all.filter((_, i) => arrivals[i]?.day === day));
          if (days[day]?.skip) continue;
          const now = days[day]?.now ?? false;
          const out = selectDue(pool, day, { k, maxHoldDays }, { now });

          const due = pool.filter(({ dueDay }) => now || dueDay <= day);
          expect(out.publish.length + out.held.length).toBe(due.length);
          expect(new Set([...out.publish.map(({ item: one }) => one), ...out.held])).toEqual(new Set(due));
          expect([...out.heldCells.values()].reduce((sum, size) => sum + size, 0)).toBe(out.held.length);
          const sizes = new Map<string, number>();
          for (const { item: one } of out.publish) sizes.set(one.cell, (sizes.get(one.cell) ?? 0) + 1);
          expect(out.smallestCell).toBe(sizes.size === 0 ? 0 : Math.min(...sizes.values()));
          for (const { item: one, coarsen } of out.publish) {
            expect(published.has(one)).toBe(false);
            published.add(one);
            expect(coarsen).toBe((sizes.get(one.cell) as number) < k);
            if (coarsen) coarsened++;
          }
          for (const one of out.held) expect(day - one.dueDay).toBeLessThan(maxHoldDays);
          pool = pool.filter((one) => !published.has(one));
        }
        expect(published.size).toBe(all.length);
        expect(pool).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(coarsened).toBeGreaterThan(100);
  });
});
