import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MadeSubmission, makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import type { EntryChange, Policy } from '../../src/index.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, resume, START, type Target } from './support/build.js';
import { type Fixture, POLICY, seizedRegistry, type Truth } from './support/fixture.js';
import { garbageLike } from './support/garbage.js';
import { doctor, noteInOpen, noteInSealed, replacing, writeInOrder } from './support/leaky.js';
import { type Attempt, attackPair, broken, judge, judgeControl, type Pair, pairOf, pooled } from './support/linkage-attacks.js';
import { boundOf, printAttack, printControl, printFound, printFoundControl, rateOf } from './support/report.js';
import { type SeizedRow, seize } from './support/seized.js';
import { differing, idsIn, linked, newRows } from './support/two-images.js';

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

  const known = (dir: string) => STORES.map(([file, table]) => idsIn(dir, file, table));

  /** What appeared since, each pair of stores against each other. */
  function appearedPairs(before: readonly ReadonlySet<string>[], dir: string, people: readonly Truth[]): Pair[] {
    const appeared = STORES.map(([file, table], k) => newRows(before[k] as ReadonlySet<string>, dir, file, table));
    const [pool, records, claims] = appeared as [SeizedRow[], SeizedRow[], SeizedRow[]];
    const pairs = [
      pairOf('record to pool', records, pool, truthOf(people, 'record', 'entry')),
      pairOf('claim to pool', claims, pool, truthOf(people, 'locator', 'entry')),
      pairOf('claim to record', claims, records, truthOf(people, 'locator', 'record')),
    ];
    expect(pairs.map(({ truth }) => truth.length)).toEqual([BATCH, BATCH, BATCH]);
    return pairs;
  }

  it(`${REGISTRIES * SORTS} sorts, ${BATCH * REGISTRIES * SORTS} records and entries that appeared together`, async () => {
    const runs: Attempt[][] = [];
    for (let first = 0; first < BATCH * REGISTRIES * SORTS; first += BATCH * SORTS) {
      const { registry, dir } = await resumed('empty');
      for (let sort = 0; sort < SORTS; sort++) {
        const members = Array.from({ length: BATCH }, (_, i) => first + sort * BATCH + i);
        const before = known(dir);
        await registry.acceptMany(members.map((i) => fixture.submission(i)));
        expect(await registry.sort()).toMatchObject({ sorted: BATCH });
        const people = members.map((i) => fixture.truth[i] as Truth);
        runs.push(appearedPairs(before, dir, people).flatMap(attackPair));
      }
    }
    const attempts = pooled(runs);
    expect(Math.min(...attempts.map(({ hit }) => hit.length))).toBeGreaterThanOrEqual(4096);
    expect(broken(judge('S3 images around a sort of 64:', attempts, BATCH))).toEqual([]);
  });

  it('control: what appears in the order of calls is linked, pair by pair', async () => {
    const { registry, dir, image } = await resumed('empty');
    await registry.acceptMany(Array.from({ length: BATCH }, (_, i) => fixture.submission(i)));
    await registry.sort();
    const before = known(dir);
    const people = fixture.truth.slice(BATCH, 2 * BATCH);
    await registry.acceptMany(people.map((_, i) => fixture.submission(BATCH + i)));
    await registry.sort();
    const after = image('after');
    for (const [k, [file, table]] of STORES.entries()) {
      const id = (['entry', 'record', 'locator'] as const)[k] as 'entry';
      doctor(join(after, file), (database) => {
        writeInOrder(
          database,
          table,
          fixture.truth.slice(0, 2 * BATCH).map((row) => row[id]),
        );
      });
    }
    for (const pair of appearedPairs(before, after, people))
      expect(judgeControl(`S3 images around a sort in the order of calls, ${pair.name}:`, attackPair(pair), BATCH, ['row-number'])).toEqual(
        [],
      );
  });
});

describe('around one change by the registry', () => {
  const CHANGES = [{ text: 'I take it back' }, { evidence: 'contact' }, { retract: true }, { removeContent: true }] as const;
  const SEALED = ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db'];
  const OPEN = ['public/public.db', 'claims/claims.db'];

  /** Sealed files that differ once it is asked for, and once it is published; and whether the public one does then. */
  async function attackChange({ registry, clock, dir, image }: Omit<Target, 'custody'>, change: EntryChange) {
    const before = image('before');
    const { dueOn } = await registry.changeEntry((fixture.truth[7] as Truth).entry, change);
    const atOnce = differing(before, dir, SEALED);
    clock.advanceDays(Math.round((Date.parse(`${dueOn}T09:00:00Z`) - clock.now()) / 86_400_000));
    await registry.publish();
    return { atOnce, after: differing(before, dir, SEALED), published: differing(before, dir, OPEN).includes('public/public.db') };
  }

  it.each(CHANGES)('%o: not a byte of the sealed side differs, before or after its batch', async (change) => {
    const found = await attackChange(await resumed('published'), change);
    const name = Object.keys(change)[0] as string;
    printFound(`S3 sealed files changed by one ${name}`, found.atOnce.length + found.after.length, 0);
    expect(found).toEqual({ atOnce: [], after: [], published: true });
  });

  /** A build that writes a row into each of these stores with every call of `member` of `store`. */
  const noting = (store: 'public' | 'shred', member: string, note: (stores: Stores) => Promise<unknown>) => (stores: Stores) => {
    const noted = replacing(stores[store], member, (of) => async (...all) => {
      await note(stores);
      return of(...all);
    });
    return { ...stores, [store]: noted };
  };

  it.each([
    ['asked for', 'addChanges', SEALED],
    ['published', 'appendBatch', []],
  ] as const)('control: a build that keeps a note in each sealed store when a change is %s', async (_, member, atOnce) => {
    const one = await resumed('published', noting('public', member, noteInSealed));
    const found = await attackChange(one, { retract: true });
    printFoundControl(`S3 sealed files changed by ${member}`, found.after.length);
    expect(found).toEqual({ atOnce, after: SEALED, published: true });
  });

  async function attackErasure({ registry, dir, image }: Omit<Target, 'custody'>) {
    const before = image('before');
    await registry.eraseRecord((fixture.truth[9] as Truth).record);
    return { open: differing(before, dir, OPEN), shred: differing(before, dir, ['shred/shred.db']).length };
  }

  it('one erasure: not a byte of the public side differs', async () => {
    const found = await attackErasure(await resumed('published'));
    printFound('S3 public and claims files changed by one erasure', found.open.length, 0);
    expect(found).toEqual({ open: [], shred: 1 });
  });

  it('control: a build that keeps a note of an erasure on the public side', async () => {
    const one = await resumed('published', noting('shred', 'rewrap', noteInOpen));
    const found = await attackErasure(one);
    printFoundControl('S3 public and claims files changed by one erasure that is noted there', found.open.length);
    expect(found).toEqual({ open: OPEN, shred: 1 });
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
      const around = (of: (...all: unknown[]) => unknown) => (_: unknown, rows: unknown) => of(Buffer.from(asking, 'hex'), rows);
      const shred = replacing(replacing(stores.shred, 'from', around), 'backFrom', around);
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
  /** Sealed for the day on which it is asked. */
  async function made({ registry, clock }: Target, from: number, count: number) {
    const keys = await registry.publicKeys();
    return Array.from({ length: count }, (_, k) => makeSubmission(registrationOf(from + k), keys, { clock, backend: nodeBackend }));
  }

  const TRICKS: readonly (readonly [name: string, fill: (one: Target) => Promise<void>])[] = [
    [
      '63 submissions of noise',
      async (one) => {
        const [sample] = (await made(one, 0, 1)) as [MadeSubmission];
        await one.registry.acceptMany(Array.from({ length: 63 }, () => garbageLike(sample.bytes)));
      },
    ],
    [
      'one own submission sent 63 times in other wrappings',
      async (one) => {
        const { registry, clock } = one;
        const keys = await registry.publicKeys();
        const [mine] = (await made(one, 5, 1)) as [MadeSubmission];
        // The first copy is sorted long before, with a crowd.
        await registry.acceptMany([mine, ...(await made(one, 100, 63))].map(({ bytes }) => bytes));
        await registry.sort();
        await registry.acceptMany(Array.from({ length: 63 }, () => rewrapSubmission(mine.inner, keys, { clock, backend: nodeBackend })));
      },
    ],
    [
      'one submission of noise that names yesterday’s epoch',
      async (one) => {
        const [sample] = (await made(one, 0, 1)) as [MadeSubmission];
        one.clock.advanceDays(1);
        await one.registry.maintain();
        // The epoch stands in clear, and the sort takes it for the day of arrival.
        await one.registry.accept(garbageLike(sample.bytes));
      },
    ],
  ];

  /** 1 if the one honest submission that comes then is sorted alone. */
  async function attackWith(fill: (one: Target) => Promise<void>, policy: Policy): Promise<number> {
    const one = await buildTarget(policy);
    running.push(one);
    await fill(one);
    const [victim] = (await made(one, 1, 1)) as [MadeSubmission];
    const before = one.image('before');
    await one.registry.accept(victim.bytes);
    await one.registry.sort();
    return linked(before, one.image('after'));
  }

  it.each(TRICKS)('%s: no batch of one', async (name, fill) => {
    const found = await attackWith(fill, POLICY);
    printFound(`S3 two images, ${name}`, found, 0);
    expect(found).toBe(0);
  });

  it.each(TRICKS)('control: %s, and a sort that waits for nobody', async (name, fill) => {
    const found = await attackWith(fill, { ...POLICY, sortMinimum: 1 });
    printFoundControl(`S3 two images, ${name}, no company asked for`, found);
    expect(found).toBe(1);
  });
});
