import { beforeAll, describe, expect, it } from 'vitest';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { systemRandom } from '../../../src/foundation/random.js';
import type { RegistryContext } from '../../../src/registry/context.js';
import { eraseShreds } from '../../../src/registry/erase.js';
import { KEK_LIFETIME_DAYS, rotateKek, withOpenedShreds } from '../../../src/registry/kek.js';
import { sortInbox } from '../../../src/registry/sort.js';
import type { Stores } from '../../../src/registry/stores.js';
import type { ShredRow } from '../../../src/sealed/ports.js';
import { isErasedShred, unwrapShred, wrapShred } from '../../../src/sealed/shred.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../../src/testing.js';
import { chooser, interleave, type Program, scripted } from '../../support/interleave.js';
import { misplaced, type Sealed, sealOnce, START } from '../../support/sort-world.js';

/** Rotations of the shred key in two processes at once, one of which may still live on the day before; then sorts and an erasure beside them. */
const DAY = Math.floor(START / 86_400_000);
const ROWS = 4;
const SCHEDULES = 800;
/** Set it to what a failure prints to play it again. */
const SEED = process.env['INTERLEAVE_SEED'] ?? `${performance.timeOrigin}`;
let sealed: Sealed;
beforeAll(async () => {
  sealed = await sealOnce(2);
});

const clockOf = (daysLater: number) => fixedClock((DAY + daysLater) * 86_400_000);
const contextOf = (stores: Stores, daysLater: number): RegistryContext =>
  ({ stores, clock: clockOf(daysLater), random: systemRandom, backend: nobleBackend }) as unknown as RegistryContext;
const rotation =
  (daysLater: number): Program =>
  async (own) =>
    rotateKek(contextOf(own, daysLater));

const FINE = 'all rows open';

/** How the rows are when two programs have ended: of the first `stop` steps, then so many of the second, then both to their end. */
async function bothAtOnce(first: Program, second: Program, stop: number, further: number): Promise<string> {
  const stores = createMemoryStores();
  const kek = systemRandom.bytes(32);
  await stores.keys.putKek(DAY, kek);
  const ids = Array.from({ length: ROWS }, () => systemRandom.bytes(16));
  await stores.shred.insert(ids.map((id) => ({ id, generation: DAY, wrapped: wrapShred(kek, id, DAY, systemRandom.bytes(32)) })));
  const turns = [
    { program: 0, steps: stop },
    { program: 1, steps: further },
  ];
  const ended = await interleave(stores, [first, second], scripted(turns));
  if (ended.some(({ end }) => end === 'failed')) return 'one fails';
  const rows = await stores.shred.from(new Uint8Array(16), 2 * ROWS);
  const closed = await withOpenedShreds(contextOf(stores, 0), rows, (open) => rows.filter((row) => open(row) === undefined));
  return closed.length === 0 ? FINE : `${closed.length} rows do not open`;
}

describe('two rotations of the shred key at once', () => {
  const STEPS = 20;

  it.each([
    ['before and after the midnight of a new key', KEK_LIFETIME_DAYS - 1, KEK_LIFETIME_DAYS],
    ['after and before it', KEK_LIFETIME_DAYS, KEK_LIFETIME_DAYS - 1],
    ['both on the day', KEK_LIFETIME_DAYS, KEK_LIFETIME_DAYS],
    ['on a day between, and under a clock a month ahead', 3, 33],
  ])('%s: no row is lost', async (_, first, second) => {
    const found: string[] = [];
    for (let stop = 0; stop <= STEPS; stop++)
      for (let further = 0; further <= STEPS; further++) {
        const result = await bothAtOnce(rotation(first), rotation(second), stop, further);
        if (result !== FINE) found.push(`${stop}, ${further}: ${result}`);
      }
    expect(found).toEqual([]);
  });

  it('control: a key that somebody destroys in use is seen', async () => {
    const destroys: Program = async (own) => own.keys.destroyKek(DAY + KEK_LIFETIME_DAYS);
    const found: string[] = [];
    for (let stop = 0; stop <= STEPS; stop++) found.push(await bothAtOnce(rotation(KEK_LIFETIME_DAYS), destroys, stop, 1));
    expect(new Set(found)).toEqual(new Set([FINE, 'one fails', `${ROWS} rows do not open`]));
  });
});

/** True if some key that is there opens a row of a backup. */
async function stillOpens(stores: Stores, { id, wrapped }: ShredRow): Promise<boolean> {
  for (const { generation } of await stores.keys.keks()) {
    const kek = (await stores.keys.kek(generation)) as Uint8Array;
    try {
      unwrapShred(kek, id, generation, wrapped);
      return true;
    } catch {
      // Another key's.
    }
  }
  return false;
}

/**
 * The first person is sorted on day 0, the second waits; days later two sorts, two rotations and an erasure of the first run at once. Each process is
 * on the same day or the next, and some die. From then on maintenance is daily.
 */
async function everythingAtOnce(seed: string): Promise<readonly string[]> {
  const stores = await sealed.stores();
  const [first, second] = sealed.rows as [(typeof sealed.rows)[number], (typeof sealed.rows)[number]];
  const [{ inner }] = sealed.people as [(typeof sealed.people)[number]];
  await stores.inbox.put([first]);
  await sortInbox(sealed.context(stores));
  await stores.inbox.put([second]);
  const bytes = seededRandom(seed).bytes(2048);
  const day = 1 + ((bytes[0] as number) % 12);
  const dayOf = (program: number): number => day + ((bytes[program + 1] as number) % 2);
  for (let before = 1; before < dayOf(3); before++) await rotateKek(contextOf(stores, before));

  const backup = (await stores.shred.get(inner.recordId)) as ShredRow;
  let finalOn: string | undefined;
  const sort =
    (program: number): Program =>
    async (own) =>
      sortInbox({ ...sealed.context(own), clock: clockOf(dayOf(program)) });
  const erase: Program = async (own) => {
    [finalOn] = await eraseShreds(contextOf(own, dayOf(2)), [inner.recordId]);
  };
  const programs = [sort(0), sort(1), erase, rotation(day), rotation(dayOf(3))];
  const ended = await interleave(stores, programs, chooser(bytes.slice(5), 2));
  const problems = ended.flatMap((one) => (one.end === 'failed' ? [`failed: ${String(one.error)}`] : []));

  [finalOn] = finalOn === undefined ? await eraseShreds(contextOf(stores, dayOf(2)), [inner.recordId]) : [finalOn];
  await sortInbox({ ...sealed.context(stores), clock: clockOf(dayOf(0)) });
  const lastDay = Date.parse(finalOn as string) / 86_400_000 - DAY;
  for (let after = day; after <= lastDay; after++) await rotateKek(contextOf(stores, after));
  if (await stillOpens(stores, backup)) problems.push('the backup of the erased one still opens');
  const row = (await stores.shred.get(inner.recordId)) as ShredRow;
  const erased = await withOpenedShreds(contextOf(stores, 0), [row], (open) => isErasedShred(open(row) ?? new Uint8Array(32).fill(1)));
  if (!erased) problems.push('the erased one is back');
  return [...problems, ...(await misplaced(sealed, stores)).filter((problem) => problem !== '0 has no shred')];
}

it('sorts, rotations and an erasure at once: nothing is lost, the erased one stays so and is gone from the backup in time', async () => {
  const found: string[] = [];
  for (let i = 0; i < SCHEDULES; i++) for (const problem of await everythingAtOnce(`${SEED} ${i}`)) found.push(`${SEED} ${i}: ${problem}`);
  expect(found).toEqual([]);
});
