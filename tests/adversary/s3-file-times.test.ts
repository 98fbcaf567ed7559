import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resume } from './support/build.js';
import { attackTimes, datedCall, datedIds, KINDS, timesBelow, writtenBetween } from './support/file-times.js';
import { type Fixture, seizedRegistry, type Truth } from './support/fixture.js';
import { type Attempt, broken, judge, judgeControl, pooled } from './support/linkage-attacks.js';
import { printFound } from './support/report.js';

/**
 * S3: a seized disk says of every file to the second when it was last written. Do these times join what the rows do not: record and entry, claim
 * and entry, a call that was watched and the entry? What they do say is in docs/limits.md.
 */
const COMPANY = 64;
const DAYS = 2;
const PEOPLE = COMPANY * DAYS;
const WORLDS = 16;
const STAGES = ['sorted', 'published', 'maintained'] as const;
/** Times are kept in steps of a kernel tick, 4 or 10 ms: a build that takes people one by one needs longer for each. */
const ONE_PERSON_MS = 15;
const root = mkdtempSync(join(tmpdir(), 'adversary-times-'));
let fixture: Fixture;

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const now = (): bigint => BigInt(Math.round(1e3 * (performance.timeOrigin + performance.now()))) * 1000n;

/** All three joins on a directory as it lies there. `calls`: when each of the people called. */
function attackDirectory(directory: string, people: readonly Truth[], calls: readonly bigint[]): Attempt[][] {
  const sideOf = (side: 'record' | 'entry' | 'locator') => {
    const dated = datedIds(
      directory,
      people.map((person) => person[side]),
    );
    expect(dated.filter(({ times }) => times.length === 0)).toEqual([]);
    return dated;
  };
  const entries = sideOf('entry');
  const entryOf = (side: 'record' | 'locator') => new Map(people.map((person) => [person[side], person.entry]));
  const callers = people.map(({ record }, i) => datedCall(record, calls[i] as bigint));
  return [
    attackTimes(sideOf('record'), entries, entryOf('record')),
    attackTimes(sideOf('locator'), entries, entryOf('locator')),
    attackTimes(callers, entries, entryOf('record')),
  ];
}

describe(`${WORLDS} registries after ${DAYS} ordinary days of ${COMPANY} people each`, () => {
  const seized = new Map<string, Attempt[][]>(STAGES.map((stage) => [stage, []]));

  it('live through them', async () => {
    for (let world = 0; world < WORLDS; world++) {
      const people = fixture.truth.slice(world * PEOPLE, (world + 1) * PEOPLE);
      const one = await resume(fixture.image('empty'));
      const calls: bigint[] = [];
      for (let day = 0; day < DAYS; day++) {
        const last = day === DAYS - 1;
        const seize = (stage: string): void => {
          if (last) seized.get(stage)?.push(...attackDirectory(one.dir, people, calls));
        };
        for (let i = 0; i < COMPANY; i++) {
          calls.push(now());
          await one.registry.accept(fixture.submission(world * PEOPLE + calls.length - 1));
        }
        expect(await one.registry.sort()).toMatchObject({ sorted: COMPANY });
        seize('sorted');
        expect(await one.registry.publish({ now: true })).toMatchObject({ published: COMPANY });
        seize('published');
        await one.registry.maintain();
        seize('maintained');
        one.clock.advanceDays(1);
      }
      await one.destroy();
    }
  });

  it.each(STAGES)('%s on the last day: times of files join nothing, not even those of one day', (stage) => {
    const attempts = pooled(seized.get(stage) ?? []);
    expect(attempts.map(({ hit }) => hit.length)).toEqual(attempts.map(() => 3 * WORLDS * PEOPLE));
    expect(broken(judge(`S3 times, ${stage}:`, attempts, PEOPLE))).toEqual([]);
  });
});

describe('control: a store with a file for each person', () => {
  const people = (): readonly Truth[] => fixture.truth.slice(0, PEOPLE);

  function write(directory: string, { record, entry, locator }: Truth): void {
    for (const [folder, id] of [
      ['sealed', record],
      ['claims', locator],
      ['public', entry],
    ] as const) {
      mkdirSync(join(directory, folder), { recursive: true });
      // Of public files the name, of sealed ones the bytes: both are looked for.
      writeFileSync(join(directory, folder, folder === 'public' ? id : `${id.slice(0, 4)}.row`), Buffer.from(id, 'hex'));
    }
  }

  it('written while they call: their times join all three', async () => {
    const directory = join(root, 'as-they-call');
    const calls: bigint[] = [];
    for (const person of people()) {
      calls.push(now());
      write(directory, person);
      await setTimeout(ONE_PERSON_MS);
    }
    const pairs = attackDirectory(directory, people(), calls);
    for (const [k, name] of ['record and entry', 'claim and entry', 'call and entry'].entries())
      expect(judgeControl(`S3 times of files written as people call, ${name}:`, pairs[k] ?? [], PEOPLE, KINDS)).toEqual([]);
  });

  it('written by a sort that takes one after the other, in an order of its own: record and entry are joined', async () => {
    const directory = join(root, 'one-by-one');
    const calls = people().map(() => now());
    for (const person of [...people()].sort((a, b) => (a.locator < b.locator ? -1 : 1))) {
      write(directory, person);
      await setTimeout(ONE_PERSON_MS);
    }
    const [records = [], claims = []] = attackDirectory(directory, people(), calls);
    for (const [name, attempts] of [
      ['record', records],
      ['claim', claims],
    ] as const)
      expect(judgeControl(`S3 times of files sorted one by one, ${name} and entry:`, attempts, PEOPLE, KINDS)).toEqual([]);
  });
});

describe('what the times do say (docs/limits.md)', () => {
  it('which kind of work was done last', async () => {
    const one = await resume(fixture.image('empty'));
    const writes = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = timesBelow(one.dir);
      await setTimeout(ONE_PERSON_MS);
      await work();
      return writtenBetween(before, timesBelow(one.dir));
    };
    const done = {
      accept: await writes(async () => {
        for (let i = 0; i < COMPANY; i++) await one.registry.accept(fixture.submission(i));
      }),
      sort: await writes(async () => one.registry.sort()),
      publish: await writes(async () => one.registry.publish({ now: true })),
      erase: await writes(async () => one.registry.eraseRecord(fixture.truth[0]?.record as never)),
    };
    printFound(
      'S3 stores written by an erasure beside that of the shreds',
      done.erase.filter((name) => name !== 'shred/shred.db').length,
      0,
    );
    expect(done).toEqual({
      accept: ['sealed/inbox.db'],
      sort: ['claims/claims.db', 'keys/kek/N.key', 'public/public.db', 'sealed/inbox.db', 'sealed/vault.db', 'shred/shred.db'],
      publish: ['keys/log/after-N.checkpoint', 'public/public.db'],
      erase: ['shred/shred.db'],
    });
    await one.destroy();
  });
});
