import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSubmission } from '../../src/intake.js';
import type { Stores } from '../../src/registry/stores.js';
import { buildTarget, registrationOf, resume, START, type Target } from './support/build.js';
import { attackImage, pooledByPair } from './support/crash-images.js';
import { type Fixture, POLICY, seizedRegistry } from './support/fixture.js';
import { identityPatterns } from './support/identity-patterns.js';
import { doctor, replacing, writeInOrder } from './support/leaky.js';
import { type Attempt, broken, judge, judgeControl } from './support/linkage-attacks.js';
import { buildPrograms, type Programs, startChild } from './support/programs.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow } from './support/scan.js';
import { seize } from './support/seized.js';
import { framesOf } from './support/sqlite-pages.js';
import { linked } from './support/two-images.js';

/** S3 on crash images: the power fails in a sort or a publication, and what lies on the disk then is seized, logs and half-drained inbox included. */
const BATCH = 256;
/**
 * Of each phase. Each with 256 people of its own: ids are drawn when a submission is sealed, and stores lie in their order, so a second run
 * with the same people would be the same trial. The two phases are judged apart, so both may use all 4,096.
 */
const KILLS = 16;
let fixture: Fixture;
let root: string;
let programs: Programs;
const running: Omit<Target, 'custody'>[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'adversary-crash-'));
  programs = buildPrograms();
  fixture = await seizedRegistry();
}, 900_000);
afterEach(async () => {
  for (const one of running.splice(0)) await one.destroy();
});
afterAll(() => {
  programs.remove();
  rmSync(root, { recursive: true, force: true });
});

/** The sort writes shreds first. */
const hasShreds = (dir: string): boolean =>
  (statSync(join(dir, 'shred', 'shred.db-wal'), { throwIfNoEntry: false })?.size ?? 0) > 0 ||
  statSync(join(dir, 'shred', 'shred.db')).size > 32_768;

describe(`killed at ${KILLS} random instants each of sort and publication, ${BATCH} people`, () => {
  it('the images link nothing', async () => {
    /** Of this attempt: the test may be asked twice. */
    const place = mkdtempSync(join(root, 'runs-'));
    /** Runs sort and publication; kills `after` milliseconds from the first write of the sort, or from the start of the publication. */
    const run = async (name: string, first: number, kill?: { readonly phase: 'sort' | 'publish'; readonly after: number }) => {
      const dir = join(place, name);
      const one = await resume(fixture.image('empty'));
      await one.registry.acceptMany(Array.from({ length: BATCH }, (_, i) => fixture.submission(first + i)));
      await one.registry.close();
      cpSync(one.dir, dir, { recursive: true });
      rmSync(one.root, { recursive: true });
      mkdirSync(join(place, `${name}-home`));
      const child = startChild(programs.child, join(place, `${name}-home`));
      expect(await child.tell({ do: 'open', dir, time: START })).toBe('done');
      const took = { sort: 0, publish: 0 };
      let killed = false;
      for (const phase of ['sort', 'publish'] as const) {
        const state = { ended: false };
        const work = child.tell({ do: phase }).then(
          () => true,
          () => false,
        );
        void work.finally(() => {
          state.ended = true;
        });
        if (phase === 'sort') while (!state.ended && !hasShreds(dir)) await setTimeout(1);
        const began = performance.now();
        if (kill?.phase === phase) {
          await Promise.race([setTimeout(kill.after), work]);
          await child.end();
        }
        killed = !(await work);
        took[phase] = performance.now() - began;
        // It may have been done before the kill came; the child is gone all the same.
        if (kill?.phase === phase) break;
      }
      await child.end();
      return { dir, took, killed };
    };

    const { took } = await run('whole', 0);
    const images: Record<'sort' | 'publish', Attempt[][][]> = { sort: [], publish: [] };
    let [killed, inLog, named] = [0, 0, 0];
    for (let kill = 0; kill < 2 * KILLS; kill++) {
      const [phase, nth] = [kill % 2 === 0 ? 'sort' : 'publish', Math.floor(kill / 2)] as const;
      // One in each sixteenth of the phase, at a random instant of it.
      const after = ((nth + randomInt(1000) / 1000) / KILLS) * took[phase];
      const seized = await run(`kill-${kill}`, nth * BATCH, { phase, after });
      if (seized.killed) killed++;
      // The machine is not always equally fast: what ran to its end last tells when the next must be killed.
      if (phase === 'publish') took.sort = seized.took.sort;
      if (!seized.killed) took[phase] = seized.took[phase];
      for (const file of ['sealed/inbox.db', 'sealed/vault.db', 'shred/shred.db', 'claims/claims.db', 'public/public.db'])
        inLog += framesOf(join(seized.dir, `${file}-wal`), 8192).length;
      images[phase].push(attackImage(fixture, seized.dir));
      named += peopleNamed(seized.dir, nth * BATCH);
      rmSync(seized.dir, { recursive: true });
    }
    process.stdout.write(`  S3 crash images: ${killed} of ${2 * KILLS} killed at work, ${inLog} frames in their logs\n`);
    expect(killed).toBeGreaterThan(KILLS);
    expect(inLog).toBeGreaterThan(0);
    printFound('S3 crash images: people named in any file of them', named, 0);
    expect(named).toBe(0);
    for (const [phase, least] of [
      ['sort', 4 * BATCH],
      ['publish', 4096],
    ] as const) {
      const pairs = pooledByPair(images[phase]);
      const trials = pairs.map((attempts) => Math.max(...attempts.map(({ hit }) => hit.length)));
      const sides = 'record and entry, claim and entry, submission and record';
      process.stdout.write(`  S3 crash images, ${phase}: trials of ${sides}: ${trials.join(', ')}\n`);
      // An image in which only one side is written has nothing to match: in a sort that is chance, after it both are.
      expect(Math.max(...trials)).toBeGreaterThanOrEqual(least);
      const attempts = pairs.flat().filter(({ hit }) => hit.length >= 4 * BATCH);
      expect(broken(judge(`S3 crash images, ${phase}:`, attempts, BATCH))).toEqual([]);
    }
  });
});

/** Of the people from `first` on, those of whose identity and contact anything stands in a file of the image. */
function peopleNamed(directory: string, first: number): number {
  const { patterns, peopleOf } = identityPatterns(first, BATCH);
  return peopleOf(filesBelow(directory).flatMap(({ bytes }) => patterns.scan(bytes).map(({ pattern }) => pattern)));
}

it('control: an image in whose log one identity stands', () => {
  const image = mkdtempSync(join(root, 'named-'));
  writeFileSync(join(image, 'vault.db-wal'), JSON.stringify(registrationOf(BATCH + 7).identity));
  const found = [0, BATCH].map((first) => peopleNamed(image, first));
  printFoundControl('S3 crash images: people named in a log that has one', found[1] ?? 0);
  expect(found).toEqual([0, 1]);
});

/** Stores whose `member` of `store` fails while it is broken. */
function failing(store: 'inbox' | 'public', member: string, isBroken: () => boolean): (stores: Stores) => Stores {
  const cut = () => async () => {
    throw new Error('power cut');
  };
  return (stores) => ({ ...stores, [store]: replacing(stores[store], member, cut, isBroken) });
}

/** Stores that deny what they have. Every write is insert-if-absent, so nothing is lost or doubled by it. */
function denying(stores: Stores, when: () => boolean): Stores {
  const [vault, open] = [stores.vault, stores.public].map((store) => replacing(store, 'digests', () => async () => new Map(), when));
  return { ...stores, vault, public: open, claims: replacing(stores.claims, 'get', () => async () => undefined, when) } as Stores;
}

describe('a crash between two stores', () => {
  /** A batch of 64 is stored but not drained; one more call, the next sort. 1 if two images around that sort say whose call it was. */
  async function crashBeforeDrain(wrap = (stores: Stores, _crashed: () => boolean): Stores => stores): Promise<number> {
    let crash = true;
    const fails = failing('inbox', 'drain', () => crash);
    const one = await buildTarget(POLICY, {}, (stores) => fails(wrap(stores, () => !crash)));
    running.push(one);
    const keys = await one.registry.publicKeys();
    const made = Array.from({ length: 65 }, (_, i) => makeSubmission(registrationOf(i), keys, { clock: one.clock }).bytes);
    await one.registry.acceptMany(made.slice(0, 64));
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    crash = false;
    await one.registry.accept(made[64] as Uint8Array);
    const before = one.image('before');
    expect(seize(before, 'public/public.db', 'pool')).toHaveLength(64);
    await one.registry.sort();
    return linked(before, one.image('after'));
  }

  it('before the drain, with one more call before the next sort: nobody is sorted alone', async () => {
    const found = await crashBeforeDrain();
    printFound('S3 two images around a crash before the drain', found, 0);
    expect(found).toBe(0);
  });

  it('control: a sort that takes what is stored already for company sorts the one call alone', async () => {
    const found = await crashBeforeDrain(denying);
    printFoundControl('S3 two images around a crash before the drain, the stored taken for company', found);
    expect(found).toBe(1);
  });

  it('between vault and pool: linked neither then nor after recovery', async () => {
    let crash = true;
    const one = await resume(
      fixture.image('empty'),
      {},
      START,
      failing('public', 'addToPool', () => crash),
    );
    running.push(one);
    for (let i = 0; i < BATCH; i++) await one.registry.accept(fixture.submission(i));
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    const image = one.image('crash');
    expect(seize(image, 'sealed/vault.db', 'records')).toHaveLength(BATCH);
    expect(seize(image, 'public/public.db', 'pool')).toEqual([]);
    const first = attackImage(fixture, image).flat();
    crash = false;
    await one.registry.sort();
    expect(await one.registry.health()).toMatchObject({ problems: [], records: BATCH, pool: { waiting: BATCH }, claims: BATCH });
    const second = attackImage(fixture, one.image('recovered')).flat();
    expect(
      broken(
        judge(
          'S3 crash between vault and pool:',
          [...first, ...second].filter(({ hit }) => hit.length > 0),
          BATCH,
        ),
      ),
    ).toEqual([]);
  });

  it('control: images of a build that writes in the order of calls, its logs left, link every pair', async () => {
    let crash = true;
    const one = await resume(
      fixture.image('empty'),
      {},
      START,
      failing('inbox', 'drain', () => crash),
    );
    running.push(one);
    for (let i = 0; i < BATCH; i++) await one.registry.accept(fixture.submission(i));
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    const half = keepsOrder(one.image('half'), ['public/public.db', 'pool', 'entry']);
    crash = false;
    await one.registry.publish({ now: true });
    const whole = keepsOrder(one.image('whole'), ['public/public.db', 'entries', 'entry']);
    const pairs = pooledByPair([half, whole].map((image) => attackImage(fixture, image)));
    for (const [k, name] of ['record and entry', 'claim and entry', 'submission and record'].entries()) {
      const missed = judgeControl(`S3 crash images in the order of calls, ${name}:`, pairs[k] ?? [], BATCH, ['row-number', 'wal-first']);
      expect(missed).toEqual([]);
    }
  });
});

/** The image as a build leaves it that numbers its rows and is killed before its logs are written back. */
function keepsOrder(image: string, open: readonly [file: string, table: string, id: 'entry']): string {
  const seized = `${image}-in-order`;
  cpSync(image, seized, { recursive: true });
  const people = fixture.truth.slice(0, BATCH);
  for (const [file, table, id] of [['sealed/vault.db', 'records', 'record'], ['claims/claims.db', 'claims', 'locator'], open] as const)
    doctor(join(image, file), (database) => {
      database.exec('PRAGMA wal_autocheckpoint = 0');
      writeInOrder(
        database,
        table,
        people.map((row) => row[id]),
      );
      if (table === 'entries') database.exec('UPDATE entries SET idx = rowid');
      for (const name of [file, `${file}-wal`]) cpSync(join(image, name), join(seized, name));
    });
  return seized;
}
