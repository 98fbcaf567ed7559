import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../src/custodian.js';
import { RegistryError } from '../../src/foundation/errors.js';
import type { Policy, Registration, Registry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { dayOf } from '../../src/foundation/clock.js';
import { findClaim, makeRequest } from '../../src/person.js';
import { openStores } from '../../src/registry/open-registry.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend } from '../../src/sqlite.js';
import { createMemoryStores, type FixedClock, fixedClock } from '../../src/testing.js';
import { makePolicy } from '../../src/vocabulary/policy.js';

/** A clock that jumps between every two operations, and stays or is set right again one operation later (docs/operations.md). */
const START = Date.UTC(2026, 10, 21, 9);
const SETTLED_AFTER_DAYS = 2000;
const JUMPS = [-3, -800, 40, 365];
const POLICIES: readonly Policy[] = [
  makePolicy('tiny', ['party']),
  { ...makePolicy('standard', ['party']), k: 2, delayDays: 3, maxHoldDays: 3, sortMinimum: 3, sortMaxWaitDays: 1 },
];
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

interface World {
  readonly stores: Stores;
  readonly clock: FixedClock;
  readonly registry: Registry;
  /** Of the person who comes back. */
  phrase?: string;
}

async function makeWorld(policy: Policy): Promise<World> {
  const [stores, clock] = [createMemoryStores(), fixedClock(START)];
  const registry = await openStores(
    { stores, keys: custody.keys, policy },
    { clock, backend: nodeBackend, lookUpLimits: { perLocatorPerHour: 1000, perMinute: 100_000 } },
  );
  return { stores, clock, registry };
}

const person = (i: number): Registration => ({
  identity: { names: [`Person ${i}`] },
  statement: { alias: 'jin fu', categories: ['party'] },
});
const claimOf = ({ registry, phrase = '' }: World) => findClaim(phrase, (locator) => registry.lookUp(locator));

interface Operation {
  readonly name: string;
  readonly run: (world: World) => Promise<unknown>;
}

/** Four people arrive in three ways, are published; one of them changes the text, and is erased. An operation refused with a code is asked again at the end. */
const OPERATIONS: readonly Operation[] = [
  {
    name: 'register',
    run: async (world) => {
      world.phrase = (await world.registry.register({ ...person(1), claim: 'words' })).claim?.reveal() ?? '';
    },
  },
  {
    name: 'registerMany',
    run: async ({ registry }) => {
      for await (const _ of registry.registerMany([person(2), person(3)], { source: new Uint8Array(32).fill(5) }));
    },
  },
  {
    name: 'accept',
    run: async ({ registry, clock }) =>
      registry.accept(makeSubmission(person(4), await registry.publicKeys(), { clock, backend: nodeBackend }).bytes),
  },
  { name: 'maintain', run: async ({ registry }) => registry.maintain() },
  { name: 'sort', run: async ({ registry }) => registry.sort() },
  { name: 'publish', run: async ({ registry }) => registry.publish() },
  {
    name: 'amend',
    run: async (world) => {
      const { registry, clock } = world;
      const keys = await registry.publicKeys();
      const wish = { operation: 'amend', number: 1, text: 'another text' } as const;
      await registry.apply(makeRequest(await claimOf(world), wish, keys, { clock, backend: nodeBackend }).bytes);
    },
  },
  { name: 'publish again', run: async ({ registry }) => registry.publish() },
  { name: 'erase', run: async (world) => world.registry.eraseRecord((await claimOf(world)).recordId) },
  { name: 'maintain again', run: async ({ registry }) => registry.maintain() },
];

/** A maintenance as it must not be: keys go by the clock alone, whatever waits. The jumps must find it out. */
const CARELESS: readonly Operation[] = OPERATIONS.map((operation) =>
  operation.name === 'maintain'
    ? {
        name: 'maintain',
        run: async ({ stores, clock }) => {
          const oldest = dayOf(clock.now()) - 36;
          for (const epoch of await stores.keys.epochs()) if (epoch < oldest) await stores.keys.destroyEpochKey(epoch);
          await stores.inbox.forgetBefore(oldest);
        },
      }
    : operation,
);

/** Runs all, jumping before the `at`-th; says what is wrong at the end. */
async function runJumping(
  policy: Policy,
  jump: { readonly days: number; readonly at: number; readonly undone: boolean },
  operations: readonly Operation[] = OPERATIONS,
): Promise<readonly string[]> {
  const world = await makeWorld(policy);
  const { clock, registry, stores } = world;
  const wrong: string[] = [];
  const again: number[] = [];
  const attempt = async (index: number, onRefusal: () => void): Promise<void> => {
    try {
      await operations[index]?.run(world);
    } catch (error) {
      if (!(error instanceof RegistryError)) wrong.push(`${operations[index]?.name}: an error without a code`);
      onRefusal();
    }
  };
  for (const index of operations.keys()) {
    if (index === jump.at) clock.advanceDays(jump.days);
    if (index === jump.at + 1 && jump.undone) clock.advanceDays(-jump.days);
    await attempt(index, () => again.push(index));
    // A day between two operations, as if the host did one a day.
    clock.advanceDays(1);
  }
  const settle = async (): Promise<void> => {
    for (let day = 0; day < 8; day++) {
      await registry.maintain();
      await registry.publish();
      clock.advanceDays(1);
    }
  };
  clock.advanceDays(SETTLED_AFTER_DAYS);
  await settle();
  for (const index of again) await attempt(index, () => wrong.push(`${operations[index]?.name}: refused for good`));
  await settle();
  return [...wrong, ...(await whatIsWrong(stores, registry, world))];
}

async function whatIsWrong(stores: Stores, registry: Registry, world: World): Promise<readonly string[]> {
  const wrong: string[] = [];
  const { ok, problems, notices, records, entries, claims, pool, inbox } = await registry.health();
  if (!ok || notices.length > 0) wrong.push([...problems, ...notices].map(({ problem }) => problem).join('; '));
  const counts = { records, entries, claims, pool: pool.waiting, changes: pool.changes, ...inbox };
  const expected = { records: 4, entries: 4, claims: 5, pool: 0, changes: 0, waiting: 0, quarantined: 0 };
  if (JSON.stringify(counts) !== JSON.stringify(expected)) wrong.push(JSON.stringify(counts));
  const dates: string[] = [];
  let amendments = 0;
  for await (const { bytes } of stores.public.leaves(0)) {
    const { type, date } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly type: string; readonly date?: string };
    if (type === 'tally') dates.push(String(date));
    if (type === 'amendment') amendments++;
  }
  if (dates.join() !== [...dates].sort().join()) wrong.push('dates run backwards');
  if (amendments !== 1) wrong.push(`${amendments} amendments`);
  const status = await claimOf(world)
    .then(({ recordId }) => registry.recordStatus(recordId))
    .catch(() => 'not to be found');
  if (status !== 'erased') wrong.push(`the erased record is ${String(status)}`);
  return wrong;
}

describe('a clock that jumps', () => {
  for (const policy of POLICIES)
    for (const undone of [true, false])
      it.each(JUMPS)(`by %i days, ${undone ? 'and back' : 'and stays'} (k = ${policy.k}): nothing lost, nothing twice`, async (days) => {
        const failures: string[] = [];
        for (const at of OPERATIONS.keys()) {
          const wrong = await runJumping(policy, { days, at, undone });
          if (wrong.length > 0) failures.push(`before ${OPERATIONS[at]?.name}: ${wrong.join(', ')}`);
        }
        expect(failures).toEqual([]);
      });

  it('finds a maintenance that destroys before it sorts (the positive control)', async () => {
    const at = CARELESS.findIndex(({ name }) => name === 'maintain');
    expect(await runJumping(POLICIES[0] as Policy, { days: 365, at, undone: true }, CARELESS)).toContain(
      'the erased record is not to be found',
    );
    expect(await runJumping(POLICIES[0] as Policy, { days: 365, at, undone: true })).toEqual([]);
  });

  it('a maintenance in the wrong year sorts before it destroys, and health says what came of it', async () => {
    const { registry, clock, stores } = await makeWorld(POLICIES[0] as Policy);
    const device = await registry.publicKeys();
    for (const i of [1, 2, 3]) await registry.register(person(i));
    clock.advanceDays(365);
    const { epochKeysDestroyed, submissionsDropped } = await registry.maintain();
    await registry.publish();
    clock.advanceDays(-365);
    // What the jump cost: every key that devices had fetched, and regular batches until the date of the last one.
    expect({ epochKeysDestroyed, submissionsDropped }).toEqual({ epochKeysDestroyed: 15, submissionsDropped: 0 });
    const late = makeSubmission(person(4), device, { clock, backend: nodeBackend });
    await expect(registry.accept(late.bytes)).rejects.toMatchObject({ code: 'EPOCH_UNKNOWN' });
    expect(await registry.publish()).toMatchObject({ alreadyPublished: true, published: 0 });
    expect(await stores.vault.count()).toBe(3);
    // The keys of that year are not used, and do not hide that today has none.
    const { problems, notices } = await registry.health();
    expect(problems.map(({ problem }) => problem.replace(/:.*/, ''))).toEqual(['3 rows under another key', 'no epoch key for today']);
    expect(notices.map(({ store }) => store).sort()).toEqual(['keys', 'public']);
    await registry.maintain();
    expect(await registry.health()).toMatchObject({ ok: true, epochs: { daysLeft: 14 }, kek: { ageDays: 0 } });
    // The same device, with keys it fetches now.
    await registry.accept(makeSubmission(person(4), await registry.publicKeys(), { clock, backend: nodeBackend }).bytes);
  });
});
