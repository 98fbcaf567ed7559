import { describe, expect, it } from 'vitest';
import type { RegistryContext } from '../../src/registry/context.js';
import { rotateKek } from '../../src/registry/kek.js';
import { rewriteWindow, WINDOW } from '../../src/registry/shred-window.js';
import type { ShredRow } from '../../src/sealed/ports.js';
import { erasedShred, unwrapShred, wrapShred } from '../../src/sealed/shred.js';
import type { Stores } from '../../src/registry/stores.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../src/testing.js';
import { START } from './support/build.js';
import { boundOf, printAttack, printFound } from './support/report.js';

const DAY = Math.floor(START / 86_400_000);
const KEK = new Uint8Array(32).fill(7);

/** A shred store with its key and nothing else: all that an erasure touches. */
async function shredStore(seed: string, size: number) {
  const random = seededRandom(seed);
  const stores: Stores = createMemoryStores();
  const ids = Array.from({ length: size }, () => random.bytes(16));
  await stores.keys.putKek(DAY, KEK);
  await stores.shred.insert(ids.map((id) => ({ id, generation: DAY, wrapped: wrapShred(KEK, id, DAY, random.bytes(32), { random }) })));
  const context = { stores, random, clock: fixedClock(START) } as unknown as RegistryContext;
  const image = () => stores.shred.from(new Uint8Array(16), size);
  return { stores, context, ids, image, random };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What two images tell: the rows that changed, as a run on the circle that begins after an unchanged row. */
function changedRun(before: readonly ShredRow[], after: readonly ShredRow[]): readonly Uint8Array[] {
  const changed = after.map((row, i) => hex(row.wrapped) !== hex(before[i]?.wrapped ?? row.wrapped));
  const start = changed.findIndex((is, i) => is && !changed.at(i - 1));
  return after.map((_, i) => (start + i) % after.length).flatMap((i) => (changed[i] ? [after[i]?.id as Uint8Array] : []));
}

const gapOf = (ids: readonly Uint8Array[], i: number): number => {
  const number = (id: Uint8Array | undefined): number => (id === undefined ? 0 : Buffer.from(id).readUIntBE(0, 6));
  return (number(ids[i]) - number(ids[i - 1]) + 2 ** 48) % 2 ** 48;
};

const placeOfExtreme = (ids: readonly Uint8Array[], better: (a: number, b: number) => boolean): number => {
  let best = 1;
  for (let i = 2; i < ids.length; i++) if (better(gapOf(ids, i), gapOf(ids, best))) best = i;
  return best;
};

/** Guesses of the erased row's place in the run. */
const GUESSES: Readonly<Record<string, (run: readonly Uint8Array[]) => number>> = {
  first: () => 0,
  last: (run) => run.length - 1,
  middle: (run) => Math.floor(run.length / 2),
  'smallest gap': (run) => placeOfExtreme(run, (a, b) => a < b),
  'greatest gap': (run) => placeOfExtreme(run, (a, b) => a > b),
};

describe('two images around one erasure (S3)', () => {
  const TRIALS = 400;
  const SIZE = 1500;

  it('show a window, and each of its rows is as likely the erased one', async () => {
    const { context, image, ids } = await shredStore('window', SIZE);
    const hits = new Map(Object.keys(GUESSES).map((name) => [name, 0]));
    const eighths = new Array<number>(8).fill(0);
    const order = [...ids].sort((a, b) => (hex(a.slice(8)) < hex(b.slice(8)) ? -1 : 1));
    for (let trial = 0; trial < TRIALS; trial++) {
      const victim = order[trial] as Uint8Array;
      const before = await image();
      await rewriteWindow(context, [victim]);
      const run = changedRun(before, await image());
      expect(run).toHaveLength(WINDOW);
      const place = run.findIndex((id) => hex(id) === hex(victim));
      expect(place).toBeGreaterThanOrEqual(0);
      for (const [name, guess] of Object.entries(GUESSES)) if (guess(run) === place) hits.set(name, (hits.get(name) ?? 0) + 1);
      const eighth = Math.floor((place * 8) / WINDOW);
      eighths[eighth] = (eighths[eighth] ?? 0) + 1;
    }
    const bound = boundOf(1 / WINDOW, TRIALS);
    for (const [attack, found] of hits) {
      printAttack({ attack: `erased row by ${attack}`, hits: found, trials: TRIALS, chance: 1 / WINDOW, bound });
      expect(found / TRIALS, attack).toBeLessThanOrEqual(bound);
    }
    const expected = TRIALS / 8;
    const chiSquare = eighths.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(24.3); // 7 degrees of freedom, p = 0.001
  }, 300_000);

  it('control: an erasure that changes its row alone is found every time', async () => {
    const { stores, ids, image, random } = await shredStore('naive', 200);
    let found = 0;
    for (const id of ids.slice(0, 100)) {
      const before = await image();
      const was = (await stores.shred.get(id))?.wrapped as Uint8Array;
      await stores.shred.rewrap([{ was, row: { id, generation: DAY, wrapped: wrapShred(KEK, id, DAY, erasedShred(), { random }) } }]);
      const run = changedRun(before, await image());
      if (run.length === 1 && hex(run[0] as Uint8Array) === hex(id)) found++;
    }
    printFound('control: one changed row', found, 100);
    expect(found).toBe(100);
  });

  it('erasing again changes a window elsewhere: what two have in common would be less', async () => {
    const { context, image, ids } = await shredStore('again', 20_000);
    const victim = ids[0] as Uint8Array;
    await rewriteWindow(context, [victim]);
    let around = 0;
    for (let trial = 0; trial < 20; trial++) {
      const before = await image();
      await rewriteWindow(context, [victim]);
      if (changedRun(before, await image()).some((id) => hex(id) === hex(victim))) around++;
    }
    expect(around).toBeLessThan(8); // by chance 1 in 20
  }, 120_000);
});

describe('an old backup after 1,000 erasures, with the keys of the day (S7)', () => {
  it('opens none of the erased; before, all of them', async () => {
    const { context, stores, ids, image, random } = await shredStore('backup', 1200);
    const victims = new Set(ids.slice(0, 1000).map(hex));
    const backup = await image();
    const opens = (key: Uint8Array | undefined, rows: readonly ShredRow[]): number => {
      if (key === undefined) return 0;
      return rows.filter((row) => {
        try {
          return victims.has(hex(row.id)) && unwrapShred(key, row.id, row.generation, row.wrapped).some((byte) => byte !== 0);
        } catch {
          return false;
        }
      }).length;
    };
    expect(opens(KEK, backup)).toBe(1000);
    await rewriteWindow(context, ids.slice(0, 1000));
    expect(opens(KEK, await image())).toBe(0);
    expect(opens(KEK, backup)).toBe(1000); // the key lives until finalOn

    for (let day = 1; day <= 9; day++) await rotateKek({ ...context, clock: fixedClock(START + day * 86_400_000), random });
    const keys = await Promise.all((await stores.keys.keks()).map(({ generation }) => stores.keys.kek(generation)));
    const opened = keys.reduce((sum, key) => sum + opens(key, backup), 0);
    printFound('erased records opened from an old backup', opened, 0);
    expect([keys.length, opened]).toEqual([1, 0]);
    expect((await image()).length).toBe(1200);
  }, 120_000);
});
