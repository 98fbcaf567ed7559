import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, seizedRegistry } from './support/fixture.js';
import { rankCorrelation } from './support/guesses.js';
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
let free: readonly number[];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

beforeAll(async () => {
  fixture = await seizedRegistry();
  target = await resume(fixture.image('empty'));
  for (let i = 0; i < CALLS; i++) {
    const bytes = fixture.submission(i);
    await target.registry.accept(bytes);
    // T(label, header and encapsulated key, tag): docs/spec/submission.md.
    arrival.set(hex(tupleHash('cryptonym/v1/submission/id', bytes.subarray(0, 1169), bytes.subarray(-16)).subarray(0, 16)), i);
  }
  waiting = seizeWaiting(target.image('waiting'));
  expect(await target.registry.sort()).toMatchObject({ sorted: CALLS });
  const drained = target.image('drained');
  seen = seize(drained, 'sealed/inbox.db', 'seen');
  free = readRaw(join(drained, 'sealed/inbox.db')).free;
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

it('drained: the ids that stay lie in no order of calls', () => {
  expect(seen).toHaveLength(CALLS);
  for (const [k, name] of [
    [0, 'first copy of the id'],
    [1, 'last copy of the id'],
    [3, 'page'],
    [4, 'cell'],
  ] as const)
    expect(
      attackOrder(
        name,
        seen,
        seen.map(({ places }) => places[k] as number),
      ),
      name,
    ).toBeLessThanOrEqual(1);
});

it('drained: nor does the list of free pages tell, in which bodies lay in the order of calls', () => {
  // A body of 24 KiB has pages of its own, numbered in the order of arrival. If they were freed in the order of ids, the list of free pages
  // would be the table of which id arrived when.
  const pages = free.filter((_, i) => i % Math.max(1, Math.floor(free.length / CALLS)) === 0).slice(0, CALLS);
  expect(pages).toHaveLength(CALLS);
  const byId = [...seen].sort((a, b) => a.id.compare(b.id));
  const rank = byId.map((_, i) => pages[i] as number);
  const back = byId.map((_, i) => pages[CALLS - 1 - i] as number);
  expect(attackOrder('list of free pages', byId, rank)).toBeLessThanOrEqual(1);
  expect(attackOrder('list of free pages, from its end', byId, back)).toBeLessThanOrEqual(1);
});
