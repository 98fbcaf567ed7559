import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { randomInt, systemRandom } from '../../src/foundation/random.js';
import type { RegistryContext } from '../../src/registry/context.js';
import { eraseShreds } from '../../src/registry/erase.js';
import { rotateKek } from '../../src/registry/kek.js';
import { rewriteWindow } from '../../src/registry/shred-window.js';
import type { Stores } from '../../src/registry/stores.js';
import type { ShredRow, ShredStore } from '../../src/sealed/ports.js';
import { isErasedShred, unwrapShred, wrapShred } from '../../src/sealed/shred.js';
import { openSqliteStores } from '../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { START } from './support/build.js';
import { held, hex, recordControl } from './support/erasure.js';
import { printFoundControl } from './support/report.js';

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
  readonly dir: string;
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
    dir,
    clock,
    ids: rows.map(({ id }) => id),
    plain: new Map(rows.map(({ id, shred }) => [hex(id), hex(shred)])),
    eraser,
    rotator,
    context: (stores) => ({ stores, clock, random: systemRandom }) as unknown as RegistryContext,
  };
}

interface Verdict {
  /** Erased rows that hold a shred again. */
  readonly returned: number;
  /** Rows nobody erased that hold another shred than theirs. */
  readonly lost: number;
  readonly rows: number;
}

const CLEAN: Verdict = { returned: 0, lost: 0, rows: ROWS };

/** What every row holds now: the erased ones tombstones, all others their own shred. */
async function verdict({ rotator, plain }: World, erased: ReadonlySet<string>): Promise<Verdict> {
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

type Wrap = (stores: Stores) => Stores;
const honest: Wrap = (stores) => stores;

const wrap = ({ shred, ...stores }: Stores, change: (shred: ShredStore) => Partial<ShredStore>): Stores => {
  const methods: ShredStore = {
    insert: (rows) => shred.insert(rows),
    get: (id) => shred.get(id),
    before: (...args) => shred.before(...args),
    from: (id, count) => shred.from(id, count),
    backFrom: (id, count) => shred.backFrom(id, count),
    rewrap: (rows) => shred.rewrap(rows),
    generations: () => shred.generations(),
    check: () => shred.check(),
  };
  return { ...stores, shred: { ...methods, ...change(shred) } };
};

/** The store, with `between` run once: after the first read of `method` and so before the write that follows it. */
function interrupted(stores: Stores, method: 'before' | 'from', between: () => Promise<unknown>): Stores {
  let done = false;
  const then = async <T>(rows: T): Promise<T> => {
    if (!done) {
      done = true;
      await between();
    }
    return rows;
  };
  return wrap(stores, (shred) =>
    method === 'before'
      ? { before: async (...args) => then(await shred.before(...args)) }
      : { from: async (...args) => then(await shred.from(...args)) },
  );
}

/** Lets others take their turns. */
async function late(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/** What nobody may build: writes over whatever is there, and late. */
const blind: Wrap = (stores) =>
  wrap(stores, (shred) => ({
    rewrap: async (rows) => {
      await late(500);
      const present = await Promise.all(rows.map(async ({ row }) => ({ row, was: (await shred.get(row.id))?.wrapped as Uint8Array })));
      return shred.rewrap(present);
    },
  }));

/** What nobody may build: reads what it meant to write, though another was faster. */
const believing: Wrap = (stores) => {
  const written = new Map<string, ShredRow>();
  return wrap(stores, (shred) => ({
    get: async (id) => written.get(hex(id)) ?? shred.get(id),
    rewrap: async (rows) => {
      for (const { row } of rows) written.set(hex(row.id), row);
      return shred.rewrap(rows);
    },
  }));
};

const pick = <T>(items: readonly T[]): T => items[randomInt(systemRandom, items.length)] as T;

interface Played {
  /** After each round. */
  readonly verdicts: readonly Verdict[];
  readonly erased: number;
  /** Rounds after which a row was left under an old key. */
  readonly left: number;
}

/** Rounds in each of which one of the two, on a store of `leak`, has read and not written when the other runs whole. */
async function interleaved(one: World, rounds: number, rotationFirst: boolean, leak: Wrap = honest): Promise<Played> {
  const erased = new Set<string>();
  const verdicts: Verdict[] = [];
  let left = 0;
  for (let round = 0; round < rounds; round++) {
    one.clock.advanceDays(7);
    const victim = pick(one.ids);
    erased.add(hex(victim));
    const erase = (stores: Stores) => eraseShreds(one.context(stores), [victim], WINDOW);
    const rotate = (stores: Stores) => rotateKek(one.context(stores));
    if (rotationFirst) await rotate(leak(interrupted(one.rotator, 'before', () => erase(one.eraser))));
    else await erase(leak(interrupted(one.eraser, 'from', () => rotate(one.rotator))));
    verdicts.push(await verdict(one, erased));
    // What the lost race left behind is moved by the next day's run.
    await rotate(one.rotator);
    if ([...(await one.rotator.shred.generations()).values()].join() !== String(ROWS)) left++;
  }
  return { verdicts, erased: erased.size, left };
}

/** Rounds of everything at once, as the processes happen to take turns; rotation and empty windows are on a store of `leak`. */
async function atOnce(one: World, rounds: number, leak: Wrap = honest): Promise<Played> {
  const erased = new Set<string>();
  const verdicts: Verdict[] = [];
  const rotator = leak(one.rotator);
  const sometime = () => late(randomInt(systemRandom, 40));
  for (let round = 0; round < rounds; round++) {
    one.clock.advanceDays(pick([1, 2, 7]));
    const victims = Array.from({ length: pick([0, 1, 1, 3]) }, () => pick(one.ids));
    for (const id of victims) erased.add(hex(id));
    await Promise.all([
      sometime().then(() => rewriteWindow(one.context(one.eraser), victims, WINDOW)),
      sometime().then(() => rotateKek(one.context(rotator))),
      sometime().then(() => rewriteWindow(one.context(rotator), [], WINDOW)),
    ]);
    verdicts.push(await verdict(one, erased));
  }
  return { verdicts, erased: erased.size, left: 0 };
}

const returnedIn = ({ verdicts }: Played): number => verdicts.at(-1)?.returned ?? 0;

describe('an erasure and a rotation of the key at once', () => {
  const ORDERS = [
    ['the rotation has read, the record is erased, the rotation writes', true],
    ['the erasure has read, the rotation runs whole, the erasure writes', false],
  ] as const;

  it.each(ORDERS)('%s: the tombstone stays', async (name, rotationFirst) => {
    const rounds = 25;
    const played = await interleaved(await world(), rounds, rotationFirst);
    expect(held({ attack: name, hits: returnedIn(played), trials: rounds, chance: 0, bound: 0 })).toBe(true);
    expect(played.verdicts).toEqual(Array.from({ length: rounds }, () => CLEAN));
    expect(played.left).toBe(0);
  });

  it('both at once, many rounds, as the two processes happen to take turns', async () => {
    const one = await world();
    const rounds = 60;
    const played = await atOnce(one, rounds);
    const hits = returnedIn(played);
    expect(held({ attack: 'erasures, rotations and empty windows at once', hits, trials: rounds, chance: 0, bound: 0 })).toBe(true);
    expect(played.verdicts).toEqual(Array.from({ length: rounds }, () => CLEAN));
    expect(played.erased).toBeGreaterThan(10);
    expect(await one.eraser.shred.check()).toEqual([]);
  });
});

describe('control: stores that nobody may build', () => {
  it.each([
    ['rotation without compare-and-set', true, blind],
    ['erasure that believes its own writes', false, believing],
  ] as const)('%s: every shred comes back', async (name, rotationFirst, leak) => {
    const played = await interleaved(await world(), 5, rotationFirst, leak);
    recordControl(name, returnedIn(played), played.erased);
    expect(returnedIn(played)).toBe(played.erased);
  });

  it('all at once without compare-and-set: some come back', async () => {
    const { verdicts } = await atOnce(await world(), 30, blind);
    const most = Math.max(...verdicts.map(({ returned }) => returned));
    printFoundControl('erasures, rotations and empty windows at once, without compare-and-set', most);
    expect(most).toBeGreaterThan(0);
  });

  it('a neighbour that is erased too, and a row that is gone, are counted', async () => {
    const one = await world();
    const [victim, neighbour] = one.ids as [Uint8Array, Uint8Array];
    await eraseShreds(one.context(one.eraser), [victim, neighbour], WINDOW);
    const erased = new Set([hex(victim)]);
    expect(await verdict(one, erased)).toEqual({ ...CLEAN, lost: 1 });
    const database = new Database(join(one.dir, 'shred/shred.db'));
    database.prepare('DELETE FROM shreds WHERE id = ?').run(victim);
    database.close();
    expect(await verdict(one, erased)).toEqual({ ...CLEAN, lost: 1, rows: ROWS - 1 });
    recordControl('another shred lost, and a row', 2, 2);
  });
});
