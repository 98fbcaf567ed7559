import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, seizedRegistry } from './support/fixture.js';
import { rankCorrelation } from './support/guesses.js';
import { copyOf, doctor, writeInOrder } from './support/leaky.js';
import { boundOf, printAttack, printControl } from './support/report.js';
import { resume, type Target } from './support/build.js';
import { type SeizedRow, seize, seizeWaiting } from './support/seized.js';
import { readRaw } from './support/sqlite-pages.js';
import { tupleHash } from './support/tuple-hash.js';

/**
 * S3: ids of submissions stay in the inbox for 37 days. In which order they came must not stay with them: whoever watched a telephone line
 * knows the order of calls.
 */
const CALLS = 1024;
let fixture: Fixture;
let target: Omit<Target, 'custody'>;
/** Which call a submission id was. */
const arrival = new Map<string, number>();
let waiting: SeizedRow[];
let seen: SeizedRow[];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

beforeAll(async () => {
  fixture = await seizedRegistry();
  target = await resume(fixture.image('empty'));
  for (let i = 0; i < CALLS; i++) {
    const bytes = fixture.submission(i);
    await target.registry.accept(bytes);
    // T(label, header, end of the encapsulated key, tag): docs/spec/submission.md.
    const parts = [bytes.subarray(0, 16), bytes.subarray(1072, 1169), bytes.subarray(-16)];
    arrival.set(hex(tupleHash('cryptonym/v1/submission/id', ...parts).subarray(0, 16)), i);
  }
  waiting = seizeWaiting(target.image('waiting'));
  expect(await target.registry.sort()).toMatchObject({ sorted: CALLS });
  seen = seize(target.image('drained'), 'sealed/inbox.db', 'seen');
}, 900_000);
afterAll(async () => target.destroy());

/** The order that `values` put rows into, against the order of arrival: of two neighbours, which call came first? */
function attackOrder(name: string, rows: readonly SeizedRow[], values: readonly number[], control = false): number {
  const calls = rows.map(({ id }) => arrival.get(hex(id)) as number);
  const order = rows.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const later = order.slice(1).filter((row, i) => (calls[row] as number) < (calls[order[i] as number] as number)).length;
  const hits = Math.max(later, rows.length - 1 - later);
  const correlation = Math.abs(rankCorrelation(calls, values));
  const result = {
    attack: `S3 order of two calls, ${name}`,
    hits,
    trials: rows.length - 1,
    chance: 0.5,
    bound: boundOf(0.5, rows.length, 10),
  };
  (control ? printControl : printAttack)(result);
  process.stdout.write(`    rank correlation ${correlation.toFixed(3)}, 4 sigma ${(4 / Math.sqrt(rows.length - 1)).toFixed(3)}\n`);
  return Math.max(correlation / (4 / Math.sqrt(rows.length - 1)), hits / result.trials / result.bound);
}

it('control: while it waits, the place of a body is the order of calls (decision 011)', () => {
  expect(waiting.map(({ id }) => arrival.has(hex(id)))).toEqual(Array.from({ length: CALLS }, () => true));
  const places = waiting.map(({ columns }) => columns[5] as number);
  expect(attackOrder('bodies that wait', waiting, places, true)).toBeGreaterThan(1);
});

const PLACES_OF_IDS = [
  [0, 'first copy of the id'],
  [1, 'last copy of the id'],
  [3, 'page'],
  [4, 'cell'],
] as const;

/** By each place of the ids that stay. */
function attackIds(rows: readonly SeizedRow[], control = false): [name: string, strength: number][] {
  expect(rows).toHaveLength(CALLS);
  return PLACES_OF_IDS.map(([k, name]) => {
    const values = rows.map(({ places }) => places[k] as number);
    return [name, attackOrder(name, rows, values, control)];
  });
}

it('drained: the ids that stay lie in no order of calls', () => {
  for (const [name, strength] of attackIds(seen)) expect(strength, name).toBeLessThanOrEqual(1);
});

it('control: ids that are kept in the order in which they came', () => {
  const image = copyOf(join(target.root, 'drained'), join(target.root, 'kept-order'), ['sealed']);
  doctor(join(image, 'sealed/inbox.db'), (database) => {
    writeInOrder(database, 'seen', [...arrival.keys()]);
    database.exec('VACUUM');
  });
  for (const [name, strength] of attackIds(seize(image, 'sealed/inbox.db', 'seen'), true)) expect(strength, name).toBeGreaterThan(1);
});

/**
 * A body of 24 KiB has three pages of its own, hardly apart, numbered in the order of arrival. If they were freed in the order of
 * ids, the list of free pages would be the table of which id arrived when. Pages of the tree above the bodies stand between and are left out.
 */
function attackFreePages(image: string, from: 'start' | 'end', control = false): number {
  const { free } = readRaw(join(image, 'sealed/inbox.db'));
  const bodies: number[] = [];
  for (let at = 0; at < free.length; ) {
    const page = free[at] as number;
    const [second, third] = [free[at + 1] ?? 0, free[at + 2] ?? 0];
    const isBody = page < second && second < third && third - page <= 8;
    if (isBody) bodies.push(page);
    at += isBody ? 3 : 1;
  }
  expect(bodies.length).toBeGreaterThan(CALLS - 16);
  if (from === 'end') bodies.reverse();
  const byId = [...seen].sort((a, b) => a.id.compare(b.id)).slice(0, bodies.length);
  return attackOrder(`list of free pages, from its ${from}`, byId, bodies.slice(0, byId.length), control);
}

const ENDS = ['start', 'end'] as const;

it.each(ENDS)('drained: nor does the list of free pages tell, in which bodies lay in the order of calls, from its %s', (from) => {
  expect(attackFreePages(join(target.root, 'drained'), from)).toBeLessThanOrEqual(1);
});

it.each(ENDS)('control: bodies freed in the order of their ids, the smallest at the %s', (from) => {
  const image = copyOf(join(target.root, 'waiting'), join(target.root, `freed-${from}`), ['sealed']);
  doctor(join(image, 'sealed/inbox.db'), (database) => {
    const places = database
      .prepare(`SELECT place FROM waiting ORDER BY id ${from === 'start' ? 'ASC' : 'DESC'}`)
      .pluck()
      .all();
    const remove = database.prepare('DELETE FROM submissions WHERE place = ?');
    for (const place of places) remove.run(place);
  });
  expect(attackFreePages(image, from, true)).toBeGreaterThan(1);
});
