import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSubmission } from '../../src/intake.js';
import type { Stores } from '../../src/registry/stores.js';
import { buildTarget, registrationOf, resume, START, type Target } from './support/build.js';
import { type Fixture, POLICY, seizedRegistry, type Truth } from './support/fixture.js';
import { type Attempt, attackPair, broken, judge, pairOf, pooled } from './support/linkage-attacks.js';
import { buildPrograms, type Programs, startChild } from './support/programs.js';
import { printFound } from './support/report.js';
import { type SeizedRow, seize, seizeEntries, seizeWaiting } from './support/seized.js';
import { framesOf } from './support/sqlite-pages.js';

/** S3 on crash images: the power fails in a sort or a publication, and what lies on the disk then is seized, logs and half-drained inbox included. */
const BATCH = 256;
/**
 * Of each phase. Each with 256 people of its own: ids are drawn when a submission is sealed, and stores lie in their order, so a second run
 * with the same people would be the same trial. The two phases are judged apart, so both may use all 4,096.
 */
const KILLS = 16;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
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

const truthOf = (from: keyof Truth, to: keyof Truth) => new Map(fixture.truth.map((row) => [row[from] as string, row[to] as string]));

/** By the tag at its end: which record each waiting submission is. Read once: the fixture's submissions are a hundred megabytes. */
const recordOfTag = new Map<string, string>();
function recordsOf(waiting: readonly SeizedRow[]): ReadonlyMap<string, string> {
  if (recordOfTag.size === 0)
    for (const [i, { record }] of fixture.truth.entries()) recordOfTag.set(hex(fixture.submission(i).subarray(-16)), record);
  return new Map(waiting.map(({ id, bytes }) => [hex(id), recordOfTag.get(hex(bytes.subarray(-16))) ?? '']));
}

/** Pair by pair. */
function attackImage(image: string): Attempt[][] {
  const [vault, claims, waiting] = [
    seize(image, 'sealed/vault.db', 'records'),
    seize(image, 'claims/claims.db', 'claims'),
    seizeWaiting(image),
  ];
  const pool = seize(image, 'public/public.db', 'pool');
  const open = pool.length > 0 ? pool : seizeEntries(image);
  return [
    pairOf('record to entry', vault, open, truthOf('record', 'entry')),
    pairOf('claim to entry', claims, open, truthOf('locator', 'entry')),
    pairOf('submission to record', waiting, vault, recordsOf(waiting)),
  ].map(attackPair);
}

/** Pair by pair: an image in which only one side of a pair is written has fewer kinds of attack on it, and must not shift the others. */
const pooledByPair = (images: readonly Attempt[][][]): Attempt[][] => [0, 1, 2].map((k) => pooled(images.map((pairs) => pairs[k] ?? [])));

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
    let [killed, inLog] = [0, 0];
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
      images[phase].push(attackImage(seized.dir));
      rmSync(seized.dir, { recursive: true });
    }
    process.stdout.write(`  S3 crash images: ${killed} of ${2 * KILLS} killed at work, ${inLog} frames in their logs\n`);
    expect(killed).toBeGreaterThan(KILLS);
    expect(inLog).toBeGreaterThan(0);
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

/** Stores whose `member` of `store` fails until `mended`. */
function failing(store: 'inbox' | 'public', member: string, isBroken: () => boolean): (stores: Stores) => Stores {
  return (stores) => {
    const broken = new Proxy(stores[store], {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name);
        if (name === member && isBroken())
          return async () => {
            throw new Error('power cut');
          };
        return typeof value === 'function' ? value.bind(object) : value;
      },
    });
    return { ...stores, [store]: broken };
  };
}

describe('a crash between two stores', () => {
  it('before the drain, with one more call before the next sort: nobody is sorted alone', async () => {
    let crash = true;
    const one = await buildTarget(
      POLICY,
      {},
      failing('inbox', 'drain', () => crash),
    );
    running.push(one);
    const ids = (file: string, table: string) => new Set(seize(one.dir, file, table).map(({ id }) => hex(id)));
    const keys = await one.registry.publicKeys();
    const made = Array.from({ length: 65 }, (_, i) => makeSubmission(registrationOf(i), keys, { clock: one.clock }).bytes);
    await one.registry.acceptMany(made.slice(0, 64));
    await expect(one.registry.sort()).rejects.toThrow('power cut');
    crash = false;
    await one.registry.accept(made[64] as Uint8Array);
    const before = [ids('sealed/vault.db', 'records'), ids('public/public.db', 'pool')];
    await one.registry.sort();
    const appeared = [ids('sealed/vault.db', 'records'), ids('public/public.db', 'pool')].map(
      (now, k) => [...now].filter((id) => before[k]?.has(id) === false).length,
    );
    const linked = appeared[0] === 1 && appeared[1] === 1 ? 1 : 0;
    printFound('S3 two images around a crash before the drain', linked, 0);
    expect(linked).toBe(0);
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
    const first = attackImage(image).flat();
    crash = false;
    await one.registry.sort();
    expect(await one.registry.health()).toMatchObject({ problems: [], records: BATCH, pool: { waiting: BATCH }, claims: BATCH });
    const second = attackImage(one.image('recovered')).flat();
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
});
