import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../src/index.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { buildCrashPrograms, type CrashBuild } from '../support/crash-build.js';
import { assertOnce, clockAt, type Expected, filesBelow, rowsIn, withRegistryAt } from '../support/crash-check.js';
import { CRASH_OPERATIONS, type CrashOperation } from '../support/crash-operations.js';
import { assertPeople, quorumIn } from '../support/crash-people.js';
import { copyOf, ended, failuresAt, killAt, type KillPoint, killPointsOf, type ProgramFor, STRACE_WORKS } from '../support/crash-points.js';
import { recordFact } from '../support/fact.js';

/**
 * A process that is killed before every single call that changes a file, a name or the disk, one run for each; then the same directory is
 * opened again and the same is asked again. THREATS "P8: nothing is lost, nothing twice".
 */
const START = Date.UTC(2026, 10, 21, 9);
/** A name shown by phrase alone waits seven days more than its delay. */
const LONGEST_CHANGE_DAYS = 10;
/** Seven days valid, 30 of grace, 14 ahead. */
const KEYS_GONE_DAYS = 60;
const root = mkdtempSync(join(tmpdir(), 'kill-points-'));
let build: CrashBuild;
/** Runs that left a key in the making. */
let leftovers = 0;

const person = (i: number) => ({
  identity: { names: [`Person ${i}`] },
  statement: { alias: 'jin fu', categories: ['party'], evidence: 'contact' as const },
});

const WISHES: readonly Wish[] = [
  { operation: 'amend', number: 1, text: 'another text' },
  { operation: 'show-name', number: 1, name: 'Person 1' },
  { operation: 'retract' },
  { operation: 'erase' },
  { operation: 'status' },
];

interface Prepared {
  readonly dir: string;
  readonly extra: string;
  readonly expected: Expected;
}

/** A new registry; `fill` says who is in it (entry ids) when it is copied. */
async function prepare(name: string, fill: (registry: Registry, clock: FixedClock, extra: string) => Promise<string[]>): Promise<Prepared> {
  const dir = join(root, name);
  const extra = join(root, `${name}-extra`);
  mkdirSync(extra);
  const clock = fixedClock(START);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry({ dir, keys, policy: makePolicy('tiny', ['party']) }, { clock, backend: nodeBackend });
  const people = await fill(registry, clock, extra);
  await registry.close();
  return { dir, extra, expected: { people, claims: people.length } };
}

async function registerFive(registry: Registry, first: number): Promise<string[]> {
  const { accepted } = await registry.registerGroup([0, 1, 2, 3, 4].map((i) => person(first + i)));
  return accepted.map(({ entryId }) => entryId);
}

/** One run for each point, none left out; what `check` says of them. */
async function killedAtEvery(
  name: string,
  dir: string,
  program: ProgramFor,
  check: (dir: string) => Promise<void>,
): Promise<{ readonly points: readonly KillPoint[]; readonly failures: readonly string[] }> {
  const points = killPointsOf(dir, program);
  let tried = 0;
  const failures = await failuresAt(points, async (point) => {
    await killAt(dir, program, point, check);
    tried++;
  });
  recordFact({ kind: 'crash', name: `${name}, killed before a file-system call`, values: { points: points.length, tried } });
  process.stdout.write(`${name}: killed and whole again at ${tried} of ${points.length} file-system calls\n`);
  expect(tried + failures.length).toBe(points.length);
  return { points, failures };
}

interface Case {
  readonly operation: CrashOperation;
  /** Days after the start on which the operation runs. */
  readonly day: number;
  readonly floor: number;
  readonly expect?: { readonly replies: number; readonly leaves: Readonly<Record<string, number>>; readonly erased: boolean };
  readonly fill: (registry: Registry, clock: FixedClock, extra: string) => Promise<string[]>;
}

const CASES: readonly Case[] = [
  { operation: 'sort', day: 0, floor: 150, fill: async (registry) => registerFive(registry, 0) },
  {
    operation: 'publish',
    day: 1,
    floor: 70,
    fill: async (registry) => {
      const people = await registerFive(registry, 0);
      await registry.sort();
      return people;
    },
  },
  {
    operation: 'export',
    day: 1,
    floor: 150,
    fill: async (registry) => {
      const people = await registerFive(registry, 0);
      await registry.sort();
      return people;
    },
  },
  {
    operation: 'maintain',
    day: 40,
    floor: 250,
    fill: async (registry, clock) => {
      const people = await registerFive(registry, 0);
      await registry.sort();
      clock.advanceDays(38);
      return [...people, ...(await registerFive(registry, 5))];
    },
  },
  {
    operation: 'requests',
    day: 1,
    floor: 180,
    // Five replies; two amendments (the name after its seven days) and a retraction.
    expect: { replies: 5, leaves: { statement: 5, amendment: 2, retraction: 1 }, erased: true },
    fill: async (registry, clock, extra) => {
      const { accepted } = await registry.registerGroup([0, 1, 2, 3, 4].map((i) => ({ ...person(i), claim: 'words' as const })));
      await registry.sort();
      clock.advanceDays(1);
      await registry.publish();
      const keys = await registry.publicKeys();
      for (const [i, { claim }] of accepted.entries()) {
        const found = await findClaim((claim as NonNullable<typeof claim>).reveal(), (locator) => registry.lookUp(locator));
        if (WISHES[i]?.operation === 'erase') writeFileSync(`${extra}.erased`, found.recordId);
        writeFileSync(join(extra, `${i}`), makeRequest(found, WISHES[i] as Wish, keys, { clock, backend: nodeBackend }).bytes);
      }
      return accepted.map(({ entryId }) => entryId);
    },
  },
  {
    operation: 'erase',
    day: 1,
    floor: 55,
    expect: { replies: 0, leaves: { statement: 5 }, erased: true },
    fill: async (registry, _clock, extra) => {
      const people = await registerFive(registry, 0);
      await registry.sort();
      for await (const id of registry.sealed.ids()) {
        writeFileSync(join(extra, 'erase.txt'), id);
        writeFileSync(`${extra}.erased`, id);
        break;
      }
      return people;
    },
  },
];

async function repeatAndCheck(prepared: Prepared, one: Pick<Case, 'operation' | 'day' | 'expect'>, dir: string): Promise<void> {
  const { extra, expected } = prepared;
  const { operation, day, expect: more } = one;
  const clock = clockAt(START, day);
  await withRegistryAt(dir, clock, async (registry) => {
    await CRASH_OPERATIONS[operation]({ registry, clock, extra, dir });
    for (let later = 0; later < (more === undefined ? 1 : LONGEST_CHANGE_DAYS); later++) {
      clock.advanceDays(1);
      await registry.publish();
    }
    if (more?.erased === true) await assertErased(registry, readFileSync(`${extra}.erased`, 'utf8'));
  });
  await assertOnce(dir, clock, { ...expected, claims: expected.claims + (more?.replies ?? 0), leaves: more?.leaves });
  await assertNoKeyStays(dir, clock);
}

/** What a kill left of a key in the making may hold the key: it must go when keys of its day go, with nobody's help. */
async function assertNoKeyStays(dir: string, clock: FixedClock): Promise<void> {
  if (!filesBelow(join(dir, 'keys')).some((path) => path.includes('.tmp'))) return;
  leftovers++;
  clock.advanceDays(KEYS_GONE_DAYS);
  const health = await withRegistryAt(dir, clock, async (registry) => {
    await CRASH_OPERATIONS.maintain({ registry, clock, extra: dir, dir });
    return registry.health();
  });
  const left = filesBelow(join(dir, 'keys')).filter((path) => path.includes('.tmp'));
  if (!health.ok || left.length > 0) throw new Error(`an unfinished key stays: ${left.length} files, ok ${String(health.ok)}`);
}

/** Nobody else is gone with the one. */
async function assertErased(registry: Registry, erased: string): Promise<void> {
  for await (const id of registry.sealed.ids()) {
    const status = await registry.recordStatus(id);
    if (status !== (id === erased ? 'erased' : 'sealed')) throw new Error(`a record is ${String(status)}`);
  }
}

describe.skipIf(!STRACE_WORKS)(`killed at every file-system call${STRACE_WORKS ? '' : ' (skipped: strace cannot trace here)'}`, () => {
  beforeAll(() => {
    build = buildCrashPrograms();
    return () => build.remove();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(CASES)('$operation', async (one) => {
    const { operation, day, floor, fill } = one;
    const prepared = await prepare(operation, fill);
    const program = (dir: string) => [build.child, operation, dir, `${clockAt(START, day).now()}`, prepared.extra];
    const { points, failures } = await killedAtEvery(operation, prepared.dir, program, (dir) => repeatAndCheck(prepared, one, dir));
    expect(failures).toEqual([]);
    expect(points.length).toBeGreaterThanOrEqual(floor);
    if (operation === 'maintain') expect(leftovers).toBeGreaterThan(0);
  });

  it('finds a sort that drains before it writes (the positive control)', async () => {
    const prepared = await prepare('broken', async (registry) => registerFive(registry, 0));
    const program = (dir: string) => [build.child, 'sort:broken', dir, `${START}`, prepared.extra];
    const points = killPointsOf(prepared.dir, program).filter((_, i) => i % 4 === 0);
    const failures = await failuresAt(points, (point) =>
      killAt(prepared.dir, program, point, (dir) => repeatAndCheck(prepared, { operation: 'sort', day: 0 }, dir)),
    );
    expect(failures.filter((failure) => failure.includes('records')).length).toBeGreaterThanOrEqual(5);
  });

  it('finds an erasure in two transactions, which loses its neighbours (the positive control)', async () => {
    const one = CASES.find(({ operation }) => operation === 'erase') as Case;
    const prepared = await prepare('noise', one.fill);
    const program = (dir: string) => [build.child, 'erase:noise', dir, `${clockAt(START, one.day).now()}`, prepared.extra];
    const points = killPointsOf(prepared.dir, program).filter((_, i) => i % 2 === 0);
    const failures = await failuresAt(points, (point) => killAt(prepared.dir, program, point, (dir) => repeatAndCheck(prepared, one, dir)));
    process.stdout.write(`erase:noise: ${failures.length} of ${points.length} kills found it\n`);
    expect(failures.filter((failure) => failure.includes('4 of 5 shreds looked at do not open')).length).toBeGreaterThanOrEqual(2);
    expect(failures.length).toBeLessThan(points.length);
  });

  it('import', async () => {
    const csv = join(root, 'people.csv');
    const names = [1, 2, 3, 4, 5].map((i) => `Person ${i}`);
    writeFileSync(csv, `name,categories\n${names.map((name) => `${name},party`).join('\n')}\n`);
    const dir = join(root, 'import');
    const custody = join(root, 'custody');
    const init = ['init', '--dir', dir, '--custody', custody, '--policy', 'tiny', '--quorum', '2', '--custodians', '2'];
    expect(await ended(process.execPath, [build.cli, ...init])).toBe('0');
    const program = (copy: string) => [build.cli, 'import', csv, '--dir', copy, '--batch', '2'];
    const check = async (copy: string): Promise<void> => {
      if ((await ended(process.execPath, program(copy))) !== '0') throw new Error('the import could not be repeated');
      const clock = fixedClock(Date.now());
      await withRegistryAt(copy, clock, (registry) => registry.publish({ now: true }));
      await assertOnce(copy, clock, { people: rowsIn(copy).entries, claims: 5 });
      await assertPeople(copy, clock, quorumIn(custody, 2), names);
    };
    const { points, failures } = await killedAtEvery('import', dir, program, check);
    expect(failures).toEqual([]);
    expect(points.length).toBeGreaterThanOrEqual(60);

    // Control: as many rows, of which one is another's.
    writeFileSync(csv, readFileSync(csv, 'utf8').replace('Person 5', 'Person 4'));
    const { dir: copy, remove } = copyOf(dir);
    await expect(check(copy)).rejects.toThrow(/^other people/);
    remove();
  });
});
