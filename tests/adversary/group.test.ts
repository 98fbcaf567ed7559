import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { openRecord } from '../../src/custodian.js';
import { makePolicy } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { drawDueDay } from '../../src/public/delay.js';
import { systemRandom } from '../../src/foundation/random.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { joinBySharedBytes } from './support/joins.js';
import { boundOf, printAttack } from './support/report.js';
import { seize } from './support/seized.js';

/** S1: who came in one call must not show in any store, and a family must not leave the pool as a bump. */
const GROUPS = 60;
const SIZE = 5;
const WINDOW = 14;
let target: Target;
let image: string;
/** Group of each record, entry and claim, by hex id. */
const groupOf = new Map<string, number>();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

beforeAll(async () => {
  target = await buildTarget({ ...makePolicy('standard', ['party']), delayDays: WINDOW });
  const keys = await target.registry.publicKeys();
  for (let group = 0; group < GROUPS; group++) {
    const groupId = crypto.getRandomValues(new Uint8Array(16));
    const family = Array.from({ length: SIZE }, (_, k) => {
      const made = makeSubmission({ ...registrationOf(group * SIZE + k), claim: 'words' }, keys, {
        clock: target.clock,
        backend: nodeBackend,
        groupId,
      });
      const inner = decodeInner(made.inner.reveal());
      for (const id of [hex(inner.recordId), made.entryId, hex(inner.locator)]) groupOf.set(id, group);
      return made.bytes;
    });
    await target.registry.acceptMany(family);
  }
  await target.registry.sort();
  image = target.image('sorted');
}, 900_000);
afterAll(async () => target.destroy());

/** Of the pairs an attack names, how many are of one group. */
function score(attack: string, pairs: readonly (readonly [string, string])[]): void {
  const trials = pairs.length;
  const chance = (SIZE - 1) / (GROUPS * SIZE - 1);
  const hits = pairs.filter(([a, b]) => groupOf.get(a) === groupOf.get(b)).length;
  const result = { attack, hits, trials, chance, bound: trials === 0 ? 0 : boundOf(chance, trials) };
  printAttack(result);
  expect(trials === 0 ? 0 : hits / trials).toBeLessThanOrEqual(result.bound);
}

const TABLES = [
  ['sealed/vault.db', 'records'],
  ['shred/shred.db', 'shreds'],
  ['claims/claims.db', 'claims'],
  ['public/public.db', 'pool'],
] as const;

describe(`${GROUPS} groups of ${SIZE}`, () => {
  it('really are groups: the sealed link says so, and nothing else', async () => {
    const shares = target.custody.shares.link.slice(0, 2);
    const found = new Map<string, Set<number>>();
    for (const id of (await all(target.registry.sealed.ids())).slice(0, 30)) {
      const sealed = await target.registry.sealed.get(id);
      if (sealed === undefined) throw new Error('the record is there');
      const { link } = await openRecord(sealed, shares, ['link']);
      found.set(link?.groupId ?? '', (found.get(link?.groupId ?? '') ?? new Set()).add(groupOf.get(id) ?? -1));
    }
    for (const groups of found.values()) expect(groups.size).toBe(1);
    expect(found.size).toBe(new Set([...found.values()].flatMap((groups) => [...groups])).size);
  });

  it.each(TABLES)('%s: neighbours in the file are strangers', (file, table) => {
    const rows = seize(image, file, table);
    expect(rows).toHaveLength(GROUPS * SIZE);
    for (const k of [0, 1, 2]) {
      const order = [...rows].sort((a, b) => (a.places[k] ?? 0) - (b.places[k] ?? 0)).map(({ id }) => hex(id));
      score(
        `${table}, neighbours by place ${k}`,
        order.slice(1).map((id, i) => [order[i] as string, id] as const),
      );
    }
  });

  it.each(TABLES)('%s: members share no bytes that others do not', (file, table) => {
    const rows = seize(image, file, table);
    const half = rows.filter((_, i) => i % 2 === 0);
    const rest = rows.filter((_, i) => i % 2 === 1);
    const pairs = joinBySharedBytes(
      half.map(({ bytes }) => bytes),
      rest.map(({ bytes }) => bytes),
    ).flatMap((guess, i) =>
      guess === undefined ? [] : [[hex(half[i]?.id ?? Buffer.alloc(0)), hex(rest[guess]?.id ?? Buffer.alloc(0))] as const],
    );
    score(`${table}, shared bytes`, pairs);
  });
});

/** Pairs of one group due on the same day against independence: chi-square with one degree of freedom. */
function sameDay(days: readonly number[][], window: number): { observed: number; expected: number; chi: number } {
  const pairs = days.flatMap((group) => group.flatMap((day, i) => group.slice(i + 1).map((other) => day === other)));
  const observed = pairs.filter(Boolean).length;
  const expected = pairs.length / window;
  return { observed, expected, chi: (observed - expected) ** 2 / expected + (observed - expected) ** 2 / (pairs.length - expected) };
}

/** Distribution over days: chi-square with window − 1 degrees of freedom. */
function evenness(days: readonly number[], window: number): number {
  const counts = Array.from({ length: window }, (_, day) => days.filter((value) => value === day).length);
  const expected = days.length / window;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** 99.99 % points. */
const ONE_DEGREE = 15.14;
const THIRTEEN_DEGREES = 41.5;

describe('due days', () => {
  it('in the pool: even, and independent within a group', () => {
    const database = new Database(join(image, 'public/public.db'), { readonly: true });
    const rows = database.prepare('SELECT id, due_day AS day FROM pool').all() as { id: Buffer; day: number }[];
    database.close();
    const first = Math.floor(target.clock.now() / 86_400_000);
    const groups = Array.from({ length: GROUPS }, (_, group) =>
      rows.filter(({ id }) => groupOf.get(hex(id)) === group).map(({ day }) => day - first),
    );
    const { observed, expected, chi } = sameDay(groups, WINDOW);
    process.stdout.write(
      `  attack same due day: ${observed} pairs, independent ${expected.toFixed(1)}, chi-square ${chi.toFixed(2)} < ${ONE_DEGREE}\n`,
    );
    expect(chi).toBeLessThan(ONE_DEGREE);
    expect(evenness(groups.flat(), WINDOW)).toBeLessThan(THIRTEEN_DEGREES);
  });

  it('drawn for 300 groups of 5; control: one draw for each group is found out', () => {
    const groups = Array.from({ length: 300 }, () => Array.from({ length: SIZE }, () => drawDueDay(0, WINDOW, systemRandom)));
    expect(sameDay(groups, WINDOW).chi).toBeLessThan(ONE_DEGREE);
    expect(evenness(groups.flat(), WINDOW)).toBeLessThan(THIRTEEN_DEGREES);
    const leaky = Array.from({ length: 300 }, () => Array.from({ length: SIZE }, () => 3).map((_, __, all) => all[0] as number));
    expect(sameDay(leaky, WINDOW).chi).toBeGreaterThan(1000);
  });
});
