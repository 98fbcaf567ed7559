import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, resume, START, type Target } from './support/build.js';
import { type Fixture, POLICY, seizedRegistry, type Truth } from './support/fixture.js';
import { garbageLike } from './support/garbage.js';
import { type Attempt, attackPair, broken, judge, pairOf, pooled } from './support/linkage-attacks.js';
import { boundOf, printAttack, printControl, printFound, printFoundControl, rateOf } from './support/report.js';
import { type SeizedRow, seize } from './support/seized.js';

/** S3: the same stores seized twice. What is in the second image and not in the first belongs together, as far as the batch says. */
let fixture: Fixture;
const running: Omit<Target, 'custody'>[] = [];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);

afterEach(async () => {
  for (const one of running.splice(0)) await one.destroy();
});

async function resumed(stage: 'empty' | 'published', wrap?: (stores: Stores) => Stores): Promise<Omit<Target, 'custody'>> {
  const one = await resume(fixture.image(stage), {}, START, wrap);
  running.push(one);
  return one;
}

/** What one image tells of a table; the second image is the directory as it lies there later. */
const idsIn = (image: string, file: string, table: string): ReadonlySet<string> =>
  new Set(seize(image, file, table).map(({ id }) => hex(id)));

function newRows(old: ReadonlySet<string>, after: string, file: string, table: string): SeizedRow[] {
  return seize(after, file, table).filter(({ id }) => !old.has(hex(id)));
}

const truthOf = (people: readonly Truth[], from: keyof Truth, to: keyof Truth) =>
  new Map(people.map((row) => [row[from] as string, row[to] as string]));

describe('around a sort of the least batch, 64 people', () => {
  const BATCH = 64;
  const REGISTRIES = 8;
  const SORTS = 8;
  const STORES = [
    ['public/public.db', 'pool'],
    ['sealed/vault.db', 'records'],
    ['claims/claims.db', 'claims'],
  ] as const;

  it(`${REGISTRIES * SORTS} sorts, ${BATCH * REGISTRIES * SORTS} records and entries that appeared together`, async () => {
    const runs: Attempt[][] = [];
    for (let first = 0; first < BATCH * REGISTRIES * SORTS; first += BATCH * SORTS) {
      const { registry, dir } = await resumed('empty');
      for (let sort = 0; sort < SORTS; sort++) {
        const members = Array.from({ length: BATCH }, (_, i) => first + sort * BATCH + i);
        const before = STORES.map(([file, table]) => idsIn(dir, file, table));
        await registry.acceptMany(members.map((i) => fixture.submission(i)));
        expect(await registry.sort()).toMatchObject({ sorted: BATCH });
        const people = members.map((i) => fixture.truth[i] as Truth);
        const appeared = STORES.map(([file, table], k) => newRows(before[k] as ReadonlySet<string>, dir, file, table));
        const [pool, records, claims] = appeared as [SeizedRow[], SeizedRow[], SeizedRow[]];
        const pairs = [
          pairOf('record to pool', records, pool, truthOf(people, 'record', 'entry')),
          pairOf('claim to pool', claims, pool, truthOf(people, 'locator', 'entry')),
          pairOf('claim to record', claims, records, truthOf(people, 'locator', 'record')),
        ];
        expect(pairs.map(({ truth }) => truth.length)).toEqual([BATCH, BATCH, BATCH]);
        runs.push(pairs.flatMap(attackPair));
      }
    }
    const attempts = pooled(runs);
    expect(Math.min(...attempts.map(({ hit }) => hit.length))).toBeGreaterThanOrEqual(4096);
    expect(broken(judge('S3 images around a sort of 64:', attempts, BATCH))).toEqual([]);
  });
});

describe('around one change by the registry', () => {
  const CHANGES = [{ text: 'I take it back' }, { evidence: 'contact' }, { retract: true }, { removeContent: true }] as const;
  const SEALED = ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db'];

  it.each(CHANGES)('%o: not a byte of the sealed side differs, before or after its batch', async (change) => {
    const { registry, clock, dir, image } = await resumed('published');
    const before = image('before');
    const { dueOn } = await registry.changeEntry((fixture.truth[7] as Truth).entry, change);
    const differing = () => SEALED.filter((file) => !readFileSync(join(before, file)).equals(readFileSync(join(dir, file))));
    const atOnce = differing();
    clock.advanceDays(Math.round((Date.parse(`${dueOn}T09:00:00Z`) - clock.now()) / 86_400_000));
    await registry.publish();
    const name = Object.keys(change)[0] as string;
    const published = readFileSync(join(before, 'public/public.db')).equals(readFileSync(join(dir, 'public/public.db'))) ? 0 : 1;
    printFound(`S3 sealed files changed by one ${name}`, atOnce.length + differing().length, 0);
    expect({ atOnce, after: differing(), published }).toEqual({ atOnce: [], after: [], published: 1 });
  });

  it('one erasure: not a byte of the public side differs', async () => {
    const { registry, dir, image } = await resumed('published');
    const before = image('before');
    await registry.eraseRecord((fixture.truth[9] as Truth).record);
    const changed = (file: string) => (readFileSync(join(before, file)).equals(readFileSync(join(dir, file))) ? 0 : 1);
    printFound('S3 public and claims files changed by one erasure', changed('public/public.db') + changed('claims/claims.db'), 0);
    expect([changed('public/public.db'), changed('claims/claims.db'), changed('shred/shred.db')]).toEqual([0, 0, 1]);
  });
});

describe('around the sort of one person’s request', () => {
  const REQUESTS = 96;

  /** The entry is public once it has changed. Which record? By its place among the shreds that changed, and by the reply that appeared. */
  async function attackRequests(one: Omit<Target, 'custody'>, count: number, announce = (_record: string): void => {}) {
    const { registry, clock, dir } = one;
    const shreds = () => seize(dir, 'shred/shred.db', 'shreds').map(({ id, bytes }) => [hex(id), hex(bytes)] as const);
    const asking = fixture.truth.filter(({ phrase }) => phrase !== undefined).slice(0, count);
    const inWindow: boolean[] = [];
    let rewritten = 0;
    for (const [i, { phrase, record }] of asking.entries()) {
      if (i % 6 === 0) await registry.maintain();
      const claim = await findClaim(phrase as string, (locator) => one.stores.claims.get(locator).then((row) => row as Uint8Array));
      const wish: Wish = i % 2 === 0 ? { operation: 'retract' } : { operation: 'amend', number: 1, text: 'I meant it' };
      await registry.apply(makeRequest(claim, wish, await registry.publicKeys(), { clock }).bytes);
      const before = new Map(shreds());
      clock.advanceDays(1); // alone, so it waits its day and is then sorted without company
      announce(record);
      expect(await registry.sort()).toMatchObject({ answered: 1 });
      const changed = shreds().filter(([id, wrapped]) => before.get(id) !== wrapped);
      rewritten += changed.length / before.size;
      inWindow.push(changed.some(([id]) => id === record));
    }
    const [trials, hits] = [inWindow.length, inWindow.filter(Boolean).length];
    const chance = rewritten / trials;
    expect([trials, chance > 0.01 && chance < 0.9]).toEqual([count, true]);
    return { attack: 'S3 record among the shreds rewritten with a request', hits, trials, chance, bound: boundOf(chance, trials) };
  }

  it(`${REQUESTS} requests, one at a time: which shreds are rewritten says nothing of the record`, async () => {
    const judged = await attackRequests(await resumed('published'), REQUESTS);
    printAttack(judged);
    expect(rateOf(judged)).toBeLessThanOrEqual(judged.bound);
  });

  it('control: a window around the record of whoever asks gives it away', async () => {
    let asking = '';
    const one = await resumed('published', (stores) => {
      const shred = new Proxy(stores.shred, {
        get: (object, name) => {
          if (name === 'from' || name === 'backFrom')
            return (_: Uint8Array, rows: number) => object[name](Buffer.from(asking, 'hex'), rows);
          const value: unknown = Reflect.get(object, name);
          return typeof value === 'function' ? value.bind(object) : value;
        },
      });
      return { ...stores, shred };
    });
    const judged = await attackRequests(one, 12, (record) => {
      asking = record;
    });
    printControl(judged);
    expect(rateOf(judged)).toBeGreaterThan(judged.bound);
  });
});

describe('batches made small from outside', () => {
  async function fresh(): Promise<Target> {
    const one = await buildTarget(POLICY);
    running.push(one);
    return one;
  }

  async function made({ registry, clock }: Target, from: number, count: number) {
    const keys = await registry.publicKeys();
    return Array.from({ length: count }, (_, k) => makeSubmission(registrationOf(from + k), keys, { clock, backend: nodeBackend }));
  }

  /** One record and one entry that appeared in the same sort are one person. */
  function linked(before: string, after: string): number {
    const records = newRows(idsIn(before, 'sealed/vault.db', 'records'), after, 'sealed/vault.db', 'records');
    const entries = newRows(idsIn(before, 'public/public.db', 'pool'), after, 'public/public.db', 'pool');
    return records.length === 1 && entries.length === 1 ? 1 : 0;
  }

  it.each([
    ['63 submissions of noise', 63, false],
    ['one own submission sent 63 times in other wrappings', 63, true],
  ])('%s do not make a sort batch of one', async (name, count, own) => {
    const one = await fresh();
    const [attacker, victim] = await made(one, 0, 2);
    const keys = await one.registry.publicKeys();
    if (own) {
      const mine = makeSubmission(registrationOf(5), keys, { clock: one.clock, backend: nodeBackend });
      // The first copy is sorted long before, with a crowd.
      await one.registry.acceptMany([mine.bytes, ...(await made(one, 100, 63)).map(({ bytes }) => bytes)]);
      await one.registry.sort();
      const again = () => rewrapSubmission(mine.inner, keys, { clock: one.clock, backend: nodeBackend });
      await one.registry.acceptMany(Array.from({ length: count }, again));
    } else {
      await one.registry.acceptMany(Array.from({ length: count }, () => garbageLike((attacker as { bytes: Uint8Array }).bytes)));
    }
    const before = one.image('before');
    await one.registry.accept((victim as { bytes: Uint8Array }).bytes);
    await one.registry.sort();
    const found = linked(before, one.image('after'));
    printFound(`S3 two images, ${name}`, found, 0);
    expect(found).toBe(0);
  });

  it('one submission of noise that names yesterday’s epoch does not either', async () => {
    const one = await fresh();
    const [sample] = await made(one, 0, 1);
    one.clock.advanceDays(1);
    await one.registry.maintain();
    const [victim] = await made(one, 1, 1);
    // The epoch stands in clear, and the sort takes it for the day of arrival.
    await one.registry.accept(garbageLike((sample as { bytes: Uint8Array }).bytes));
    const before = one.image('before');
    await one.registry.accept((victim as { bytes: Uint8Array }).bytes);
    await one.registry.sort();
    const found = linked(before, one.image('after'));
    printFound('S3 two images, one submission of yesterday’s epoch', found, 0);
    expect(found).toBe(0);
  });

  it('control: under tiny, two images around one call link it', async () => {
    const one = await buildTarget({ ...POLICY, sortMinimum: 1 });
    running.push(one);
    const [victim] = await made(one, 0, 1);
    const before = one.image('before');
    await one.registry.accept((victim as { bytes: Uint8Array }).bytes);
    await one.registry.sort();
    const found = linked(before, one.image('after'));
    printFoundControl('S3 two images around one call, tiny', found);
    expect(found).toBe(1);
  });
});
