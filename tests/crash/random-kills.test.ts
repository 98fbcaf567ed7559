import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCustody, type Custody } from '../../src/custodian.js';
import { randomInt } from '../../src/foundation/random.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { nodeBackend } from '../../src/sqlite.js';
import { type FixedClock, fixedClock, seededRandom } from '../../src/testing.js';
import { buildCrashPrograms } from '../support/crash-build.js';
import { assertOnce, clockAt, rowsIn, withRegistryAt } from '../support/crash-check.js';
import { CRASH_OPERATIONS, DAY_PEOPLE } from '../support/crash-operations.js';
import { assertPeople } from '../support/crash-people.js';
import { copyOf, ended } from '../support/crash-points.js';
import { recordFact } from '../support/fact.js';
import { openRaw } from '../support/raw-sqlite.js';

/**
 * Kills at random instants of a process that imports, sorts, publishes and maintains: between two calls, in a calculation, in the start.
 * The seed is printed; CRASH_SEED=… waits as long before each kill. What runs is not the same: machines differ, and the killed process
 * draws from the system (crash-child.ts says why).
 */
const START = Date.UTC(2026, 10, 21, 9);
const KILLS = 60;
/** The same directory is killed again and again before it may end. */
const KILLS_EACH = 3;
const NAMES = Array.from({ length: DAY_PEOPLE }, (_, i) => `Person ${i}`);
const seed = process.env['CRASH_SEED'] ?? randomBytes(4).toString('hex');
const root = mkdtempSync(join(tmpdir(), 'random-kills-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** How much lies where, for whoever looks for what is missing. */
function sizesOf(rows: ReturnType<typeof rowsIn>): string {
  return Object.entries(rows)
    .map(([name, found]) => `${name} ${typeof found === 'number' ? found : found.length}`)
    .join(', ');
}

/** Ends the day and looks whether everybody is there once. */
async function endAndCheck(dir: string, custody: Custody): Promise<void> {
  const clock = clockAt(START, 0);
  await withRegistryAt(dir, clock, (registry) => CRASH_OPERATIONS.day({ registry, clock, extra: root, dir }));
  await check(dir, clock, custody);
}

async function check(dir: string, clock: FixedClock, { shares }: Custody): Promise<void> {
  const rows = rowsIn(dir);
  const people = rows.entries;
  if (people.length !== NAMES.length) throw new Error(`${people.length} people; ${sizesOf(rows)}`);
  await assertOnce(dir, clock, { people, claims: NAMES.length });
  await assertPeople(dir, clock, { shares: [...shares.vault, ...shares.link] }, NAMES);
}

async function blank(dir: string): Promise<Custody> {
  const custody = await createCustody({ quorum: 2, custodians: 2 });
  const options = { dir, keys: custody.keys, policy: makePolicy('tiny', ['party']) };
  await (await openRegistry(options, { clock: fixedClock(START), backend: nodeBackend })).close();
  return custody;
}

describe('killed at random instants', () => {
  it('control: one record that is missing afterwards is noticed', async () => {
    const dir = join(root, 'control');
    const custody = await blank(dir);
    await endAndCheck(dir, custody);
    const database = openRaw(join(dir, 'sealed/vault.db'));
    database.exec('DELETE FROM records WHERE id = (SELECT min(id) FROM records)');
    database.close();
    await expect(endAndCheck(dir, custody)).rejects.toThrow(/records/);
  });

  it('control: one person lost and another there twice is noticed, though every count is right', async () => {
    const dir = join(root, 'twice');
    const custody = await blank(dir);
    const clock = clockAt(START, 0);
    const person = (name: string) => ({ identity: { names: [name] }, statement: { alias: 'jin fu', categories: ['party'] } });
    await withRegistryAt(dir, clock, async (registry) => {
      await registry.registerGroup([...NAMES.slice(1), 'Person 1'].map(person));
      await registry.publish();
    });
    await expect(check(dir, clock, custody)).rejects.toThrow(/^other people: Person 1,Person 1,/);
  });

  it(`${KILLS} kills: every person once`, async () => {
    const build = buildCrashPrograms();
    const dir = join(root, 'registry');
    const custody = await blank(dir);
    const program = (copy: string) => [build.child, 'day', copy, `${START}`, root];

    const whole = copyOf(dir);
    const began = performance.now();
    expect(await ended(process.execPath, program(whole.dir))).toBe('0');
    const longest = Math.ceil(performance.now() - began);
    whole.remove();

    const random = seededRandom(seed);
    let killed = 0;
    const failures: string[] = [];
    let tries = 0;
    for (let n = 0; killed < KILLS && tries < 3 * KILLS; n++) {
      const copy = copyOf(dir);
      for (let kill = 0; kill < KILLS_EACH; kill++, tries++)
        if ((await ended(process.execPath, program(copy.dir), 100 + randomInt(random, longest))) === 'SIGKILL') killed++;
      try {
        await endAndCheck(copy.dir, custody);
      } catch (error) {
        failures.push(`directory ${n}: ${error instanceof Error ? error.message : 'failed'}`);
      }
      copy.remove();
    }
    build.remove();
    recordFact({
      kind: 'crash',
      name: `import, sort, publish, killed at random instants, seed ${seed}`,
      values: { points: tries, tried: killed },
    });
    process.stdout.write(`random kills: seed ${seed}, ${killed} of ${tries} died\n`);
    expect(failures, `CRASH_SEED=${seed}`).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(KILLS);
  });
});
