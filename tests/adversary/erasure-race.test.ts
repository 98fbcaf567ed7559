import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { randomInt, systemRandom } from '../../src/foundation/random.js';
import type { RegistryContext } from '../../src/registry/context.js';
import { eraseShreds } from '../../src/registry/erase.js';
import { rotateKek } from '../../src/registry/kek.js';
import { rewriteWindow } from '../../src/registry/shred-window.js';
import type { Stores } from '../../src/registry/stores.js';
import type { ShredStore } from '../../src/sealed/ports.js';
import { isErasedShred, unwrapShred, wrapShred } from '../../src/sealed/shred.js';
import { openSqliteStores } from '../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { START } from './support/build.js';
import { held, hex, recordControl } from './support/erasure.js';

/**
 * An erasure in one process while the weekly rotation runs in another: both read rows, re-encrypt and write them back. Whatever comes in
 * between whatever, the tombstone stays and no other shred is lost. Two connections to the files of one registry.
 */
const DAY = Math.floor(START / 86_400_000);
const ROWS = 40;
const WINDOW = 16;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface World {
  readonly clock: FixedClock;
  readonly ids: readonly Uint8Array[];
  readonly plain: ReadonlyMap<string, string>;
  readonly eraser: Stores;
  readonly rotator: Stores;
  context(stores: Stores): RegistryContext;
}

async function world(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'race-'));
  const [eraser, rotator] = [await openSqliteStores(dir, { create: true }), await openSqliteStores(dir, { create: true })];
  closers.push(
    () => rmSync(dir, { recursive: true, force: true }),
    () => eraser.close(),
    () => rotator.close(),
  );
  const clock = fixedClock(START);
  const kek = systemRandom.bytes(32);
  await eraser.keys.putKek(DAY, kek);
  const rows = Array.from({ length: ROWS }, () => ({ id: systemRandom.bytes(16), shred: systemRandom.bytes(32) }));
  await eraser.shred.insert(rows.map(({ id, shred }) => ({ id, generation: DAY, wrapped: wrapShred(kek, id, DAY, shred) })));
  return {
    clock,
    ids: rows.map(({ id }) => id),
    plain: new Map(rows.map(({ id, shred }) => [hex(id), hex(shred)])),
    eraser,
    rotator,
    context: (stores) => ({ stores, clock, random: systemRandom }) as unknown as RegistryContext,
  };
}

/** What every row holds now: the erased ones tombstones, all others their own shred. */
async function verdict({ rotator, plain }: World, erased: ReadonlySet<string>): Promise<{ returned: number; lost: number; rows: number }> {
  const rows = await rotator.shred.from(new Uint8Array(16), 2 * ROWS);
  let [returned, lost] = [0, 0];
  for (const { id, generation, wrapped } of rows) {
    const kek = await rotator.keys.kek(generation);
    const shred = unwrapShred(kek as Uint8Array, id, generation, wrapped);
    if (erased.has(hex(id))) returned += isErasedShred(shred) ? 0 : 1;
    else lost += hex(shred) === plain.get(hex(id)) ? 0 : 1;
  }
  return { returned, lost, rows: rows.length };
}

/** The store, with `between` run once: after the first read of `method` and so before the write that follows it. */
function interrupted(stores: Stores, method: 'before' | 'from', between: () => Promise<unknown>, compareAndSet = true): Stores {
  const { shred } = stores;
  let done = false;
  const then = async <T>(rows: T): Promise<T> => {
    if (!done) {
      done = true;
      await between();
    }
    return rows;
  };
  const wrapped: ShredStore = {
    insert: (rows) => shred.insert(rows),
    get: (id) => shred.get(id),
    before: async (...args) => (method === 'before' ? then(await shred.before(...args)) : shred.before(...args)),
    from: async (...args) => (method === 'from' ? then(await shred.from(...args)) : shred.from(...args)),
    backFrom: (id, count) => shred.backFrom(id, count),
    rewrap: async (rows) => {
      if (compareAndSet) return shred.rewrap(rows);
      const present = await Promise.all(rows.map(async ({ row }) => ({ row, was: (await shred.get(row.id))?.wrapped as Uint8Array })));
      return shred.rewrap(present);
    },
    generations: () => shred.generations(),
    check: () => shred.check(),
  };
  return { ...stores, shred: wrapped };
}

const pick = <T>(items: readonly T[]): T => items[randomInt(systemRandom, items.length)] as T;

describe('an erasure and a rotation of the key at once', () => {
  it.each([
    ['the rotation has read, the record is erased, the rotation writes', true],
    ['the erasure has read, the rotation runs whole, the erasure writes', false],
  ] as const)('%s: the tombstone stays', async (name, rotationFirst) => {
    const one = await world();
    const erased = new Set<string>();
    const rounds = 25;
    for (let round = 0; round < rounds; round++) {
      one.clock.advanceDays(7);
      const victim = pick(one.ids);
      erased.add(hex(victim));
      const erase = (stores: Stores) => eraseShreds(one.context(stores), [victim], WINDOW);
      const rotate = (stores: Stores) => rotateKek(one.context(stores));
      if (rotationFirst) await rotate(interrupted(one.rotator, 'before', () => erase(one.eraser)));
      else await erase(interrupted(one.eraser, 'from', () => rotate(one.rotator)));
      expect(await verdict(one, erased)).toEqual({ returned: 0, lost: 0, rows: ROWS });
      // What the lost race left behind is moved by the next day's run.
      await rotate(one.rotator);
      expect([...(await one.rotator.shred.generations()).values()]).toEqual([ROWS]);
    }
    const { returned } = await verdict(one, erased);
    expect(held({ attack: name, hits: returned, trials: rounds, chance: 0, bound: 0 })).toBe(true);
  });

  it('both at once, many rounds, as the two processes happen to take turns', async () => {
    const one = await world();
    const erased = new Set<string>();
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      one.clock.advanceDays(pick([1, 2, 7]));
      const victims = Array.from({ length: pick([0, 1, 1, 3]) }, () => pick(one.ids));
      for (const id of victims) erased.add(hex(id));
      const late = async (turns: number): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      };
      await Promise.all([
        late(randomInt(systemRandom, 40)).then(() => rewriteWindow(one.context(one.eraser), victims, WINDOW)),
        late(randomInt(systemRandom, 40)).then(() => rotateKek(one.context(one.rotator))),
        late(randomInt(systemRandom, 40)).then(() => rewriteWindow(one.context(one.rotator), [], WINDOW)),
      ]);
      expect(await verdict(one, erased)).toEqual({ returned: 0, lost: 0, rows: ROWS });
    }
    const { returned } = await verdict(one, erased);
    expect(held({ attack: 'erasures, rotations and empty windows at once', hits: returned, trials: rounds, chance: 0, bound: 0 })).toBe(
      true,
    );
    expect(erased.size).toBeGreaterThan(10);
    expect(await one.eraser.shred.check()).toEqual([]);
  });

  it('control: a store that writes without comparing brings the shred back', async () => {
    const one = await world();
    let returned = 0;
    for (const victim of one.ids.slice(0, 5)) {
      one.clock.advanceDays(7);
      const blind = interrupted(one.rotator, 'before', () => eraseShreds(one.context(one.eraser), [victim], WINDOW), false);
      await rotateKek(one.context(blind));
      returned += (await verdict(one, new Set([hex(victim)]))).returned;
    }
    recordControl('rotation without compare-and-set', returned, 5);
    expect(returned).toBe(5);
  });
});
