import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { fixedClock } from '../../src/testing.js';
import { buildCrashPrograms, type CrashBuild } from '../support/crash-build.js';
import { assertOnce, clockAt, rowsIn, withRegistryAt } from '../support/crash-check.js';
import {
  ANSWERED_EXIT,
  CRASH_OPERATIONS,
  IMPORT_BATCH,
  IMPORT_ROWS,
  isFailedExit,
  isFullExit,
  SECOND_TIME_EXIT,
} from '../support/crash-operations.js';
import { assertPeople, type Quorum } from '../support/crash-people.js';
import { copyOf, failAt, failuresAt, type Fault, type KillPoint, killPointsOf, STRACE_WORKS } from '../support/crash-points.js';
import { recordFact } from '../support/fact.js';

/**
 * A disk without room: what was answered before is there and is not asked again, everything else is asked again when there is room, and then
 * each is there once. Where only one call finds no room, the same registry is asked again at once and must then do it. A disk that has become
 * read-only (EROFS) is the same without that promise. failing-disk.test.ts has maintenance and other faults.
 */
const START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 5;
/** Calls of the registry that each operation makes. */
const ANSWERS = { accept: PEOPLE, import: Math.ceil(IMPORT_ROWS / IMPORT_BATCH), publish: 1, erase: 1 };
/** Of each operation and kind; every run starts two processes. */
const MOST_POINTS = 12;
const CALLS = ['pwrite64', 'write', 'ftruncate', 'link', 'mkdir', 'rename'];
const root = mkdtempSync(join(tmpdir(), 'full-disk-'));
let build: CrashBuild;

const NAMES = Array.from({ length: IMPORT_ROWS }, (_, i) => `Person ${i}`);

const person = (i: number) => ({ identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } });

async function sortFive(registry: Registry): Promise<string[]> {
  const { accepted } = await registry.registerGroup(Array.from({ length: PEOPLE }, (_, i) => person(i)));
  await registry.sort();
  return accepted.map(({ entryId }) => entryId);
}

interface Case {
  readonly operation: 'accept' | 'import' | 'publish' | 'erase';
  /** Days after the start on which the operation runs. */
  readonly day: number;
  /** Entry ids of who will be in it; undefined where only the operation makes them. */
  readonly fill: (registry: Registry, extra: string) => Promise<string[] | undefined>;
  /** Throws if something is not there of what was answered for. */
  readonly kept: (registry: Registry, answers: number, extra: string) => Promise<void>;
}

const atLeast = (found: number, wanted: number, what: string): void => {
  if (found < wanted) throw new Error(`lost what was answered for: ${found} of ${wanted} ${what}`);
};

const CASES: readonly Case[] = [
  {
    operation: 'accept',
    day: 0,
    fill: async (registry, extra) => {
      const keys = await registry.publicKeys();
      const made = Array.from({ length: PEOPLE }, (_, i) =>
        makeSubmission(person(i), keys, { clock: fixedClock(START), backend: nodeBackend }),
      );
      for (const [i, { bytes }] of made.entries()) writeFileSync(join(extra, `${i}`), bytes);
      return made.map(({ entryId }) => entryId);
    },
    kept: async (registry, answers) => atLeast((await registry.health()).inbox.waiting, answers, 'submissions'),
  },
  {
    operation: 'import',
    day: 0,
    fill: async () => undefined,
    kept: async (registry, answers) =>
      atLeast((await registry.health()).inbox.waiting, Math.min(answers * IMPORT_BATCH, IMPORT_ROWS), 'rows'),
  },
  {
    operation: 'publish',
    day: 1,
    fill: sortFive,
    kept: async (registry, answers) => atLeast((await registry.health()).entries, answers * PEOPLE, 'entries'),
  },
  {
    operation: 'erase',
    day: 1,
    fill: async (registry, extra) => {
      const people = await sortFive(registry);
      for await (const id of registry.sealed.ids()) writeFileSync(join(extra, 'erase.txt'), id);
      return people;
    },
    kept: async (registry, answers, extra) =>
      atLeast((await registry.recordStatus(erasedIn(extra))) === 'erased' ? 1 : 0, answers, 'erasures'),
  },
];

const erasedIn = (extra: string): string => readFileSync(join(extra, 'erase.txt'), 'utf8');

interface Prepared {
  readonly dir: string;
  readonly extra: string;
  readonly people: readonly string[] | undefined;
  readonly quorum: Quorum;
}

async function prepare(name: string, { fill }: Case): Promise<Prepared> {
  const dir = join(root, name);
  const extra = join(root, `${name}-extra`);
  mkdirSync(extra);
  const { keys, shares } = await createCustody({ quorum: 2, custodians: 2 });
  const options = { clock: fixedClock(START), backend: nodeBackend };
  const registry = await openRegistry({ dir, keys, policy: makePolicy('tiny', ['party']) }, options);
  const people = await fill(registry, extra);
  await registry.close();
  return { dir, extra, people, quorum: { shares: [...shares.vault, ...shares.link] } };
}

/** There is room again. What the process answered for stays as it is; the rest is asked again. */
async function goesOn(copy: string, one: Case, { extra, people, quorum }: Prepared, answers: number): Promise<void> {
  const clock = clockAt(START, one.day);
  await withRegistryAt(copy, clock, async (registry) => {
    await one.kept(registry, answers, extra);
    // An import is always run again whole: that it goes on where it was is its promise.
    if (answers < ANSWERS[one.operation] || one.operation === 'import')
      await CRASH_OPERATIONS[one.operation]({ registry, clock, extra, dir: copy, from: answers });
    await registry.sort();
    clock.advanceDays(1);
    await registry.publish();
    for await (const id of registry.sealed.ids()) {
      const wanted = one.operation === 'erase' && id === erasedIn(extra) ? 'erased' : 'sealed';
      if ((await registry.recordStatus(id)) !== wanted) throw new Error(`a record is not ${wanted}`);
    }
  });
  const { entries } = rowsIn(copy);
  if (entries.length !== PEOPLE) throw new Error(`${entries.length} entries`);
  await assertOnce(copy, clock, { people: people ?? entries, claims: PEOPLE });
  // An import's entries are known from nowhere else.
  if (people === undefined) await assertPeople(copy, clock, quorum, NAMES);
}

/** How many calls were refused, how many of them done the second time by the same process, and what was wrong. */
async function refusals(one: Case, prepared: Prepared, asked: string, points: readonly KillPoint[], fault: Fault) {
  let refused = 0;
  let secondTime = 0;
  const program = (dir: string) => [build.child, asked, dir, `${clockAt(START, one.day).now()}`, prepared.extra];
  const failures = await failuresAt(points, async (point) => {
    const copy = copyOf(prepared.dir);
    try {
      const exit = Number(await failAt(copy.dir, program, point, fault));
      const done = exit === 0 || exit === SECOND_TIME_EXIT;
      const asItMust = fault.error === 'ENOSPC' ? isFullExit(exit, point.call) : isFailedExit(exit, point.call);
      if (!done && !asItMust) throw new Error(`ended with ${exit}`);
      if (exit !== 0) refused++;
      if (exit === SECOND_TIME_EXIT) secondTime++;
      await goesOn(copy.dir, one, prepared, done ? ANSWERS[one.operation] : Math.floor(exit / ANSWERED_EXIT));
    } finally {
      copy.remove();
    }
  });
  return { refused, secondTime, failures };
}

function pointsOf({ dir, extra }: Prepared, asked: string, day: number, calls: readonly string[] = CALLS): readonly KillPoint[] {
  const program = (copy: string) => [build.child, asked, copy, `${clockAt(START, day).now()}`, extra];
  return killPointsOf(dir, program).filter(({ call }) => calls.includes(call));
}

/** Some of those that opening makes, too, and most of the operation's own. */
function sampled(points: readonly KillPoint[], prepared: Prepared, day: number): readonly KillPoint[] {
  const opening = new Set(pointsOf(prepared, 'nothing', day).map(({ call, when }) => `${call} ${when}`));
  const isOpening = ({ call, when }: KillPoint): boolean => opening.has(`${call} ${when}`);
  const some = (all: readonly KillPoint[], most: number): readonly KillPoint[] =>
    all.filter((_, i) => i % Math.ceil(all.length / most) === 0);
  const own = points.filter((point) => !isOpening(point));
  return [...some(points.filter(isOpening), MOST_POINTS / 4), ...some(own, MOST_POINTS)];
}

describe.skipIf(!STRACE_WORKS)(`a disk that is full${STRACE_WORKS ? '' : ' (skipped: strace cannot trace here)'}`, () => {
  beforeAll(() => {
    build = buildCrashPrograms();
    return () => build.remove();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(CASES)('$operation: "retryable", what was answered is there, and the rest once when there is room', async (one) => {
    const prepared = await prepare(one.operation, one);
    const points = pointsOf(prepared, one.operation, one.day);
    const some = sampled(points, prepared, one.day);
    for (const lasting of [true, false]) {
      const { refused, secondTime, failures } = await refusals(one, prepared, lasting ? one.operation : `${one.operation}:again`, some, {
        error: 'ENOSPC',
        lasting,
      });
      const name = `${one.operation}, disk: full ${lasting ? 'from here on' : 'for one call'}`;
      recordFact({ kind: 'crash', name, values: { points: points.length, tried: some.length } });
      process.stdout.write(`${name}: ${some.length} of ${points.length} calls, refused ${refused}, done the second time ${secondTime}\n`);
      expect(failures).toEqual([]);
      expect(refused).toBeGreaterThan(some.length / 2);
      expect(secondTime).toBeGreaterThanOrEqual(lasting ? 0 : some.length / 2);
    }
    expect(some.length).toBeGreaterThan(2);
  });

  it.each(CASES)(
    '$operation on a disk that has become read-only: a code, what was answered is there, and the rest once later',
    async (one) => {
      const prepared = await prepare(`${one.operation}-read-only`, one);
      const all = pointsOf(prepared, one.operation, one.day, [...CALLS, 'unlink', 'openat']);
      const opens = ({ call }: KillPoint): boolean => call === 'openat';
      const writing = all.filter((point) => !opens(point));
      // Only once: from here on, Node could not open its own files either. SQLite opens a file again to read only, and writes fail later.
      const opening = all.filter(opens);
      const kinds = [
        { name: 'read-only from here on', points: writing, some: sampled(writing, prepared, one.day), lasting: true },
        { name: 'read-only for one open', points: opening, some: opening, lasting: false },
      ];
      for (const { name, points, some, lasting } of kinds) {
        const { refused, failures } = await refusals(one, prepared, one.operation, some, { error: 'EROFS', lasting });
        recordFact({ kind: 'crash', name: `${one.operation}, disk: ${name}`, values: { points: points.length, tried: some.length } });
        process.stdout.write(`${one.operation}, disk: ${name}: ${some.length} of ${points.length} calls, refused ${refused}\n`);
        expect(failures).toEqual([]);
        expect(some.length).toBeGreaterThan(2);
        // A log that is emptied but cannot be unlinked at the end is no reason to refuse.
        expect(refused).toBeGreaterThan(some.length / 3);
      }
    },
  );

  it('finds an intake that answers for what it could not store (the positive control)', async () => {
    const [accept] = CASES as readonly [Case];
    const prepared = await prepare('deaf', accept);
    const points = sampled(pointsOf(prepared, 'accept:deaf', accept.day), prepared, accept.day);
    const { failures } = await refusals(accept, prepared, 'accept:deaf', points, { error: 'ENOSPC', lasting: true });
    expect(failures.filter((failure) => failure.includes('lost what was answered for')).length).toBeGreaterThan(1);
  });
});
