import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import type { Custody } from '../../src/custodian.js';
import { RegistryError } from '../../src/foundation/errors.js';
import type { ExportTarget, Registration, Registry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { openStores } from '../../src/registry/open-registry.js';
import type { Stores } from '../../src/registry/stores.js';
import { nodeBackend } from '../../src/sqlite.js';
import { type FixedClock, fixedClock, seededRandom } from '../../src/testing.js';
import type { EntryId, RecordId } from '../../src/vocabulary/ids.js';
import { makePolicy } from '../../src/vocabulary/policy.js';
import { type FaultWitness, faultWitness, logProblems, withoutTree } from './crash-fault-log.js';
import { type FaultKind, faultyStores } from './crash-faults.js';

export const FAULT_START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 5;

export interface FaultWorld {
  readonly registry: Registry;
  /** Those of the registry, without any fault. */
  readonly stores: Stores;
  readonly clock: FixedClock;
  readonly extra: FaultExtra;
}

/** What is made before anything fails, with the keys every world has. */
export interface FaultExtra {
  readonly submissions: readonly Uint8Array[];
  readonly phrases: readonly string[];
  /** Sealed for the day on which everybody is published. */
  requests: readonly Uint8Array[];
  recordId: RecordId | undefined;
  /** Entry ids. */
  readonly people: readonly EntryId[];
}

export interface FaultCase {
  readonly name: string;
  /** Brings five people to where the operation begins. */
  readonly before: (world: FaultWorld) => Promise<unknown>;
  /** May be repeated by its caller after any failure. */
  readonly operation: (world: Pick<FaultWorld, 'registry' | 'extra'>) => Promise<unknown>;
  /** Days of publication afterwards; default 9, enough for the longest delay of a change. */
  readonly days?: number;
  /** Publication waits for this witness. */
  readonly witness?: FaultWitness;
  readonly after: {
    readonly people: number;
    readonly claims: number;
    readonly leaves?: Readonly<Record<string, number>>;
    readonly erased?: boolean;
    readonly quarantined?: number;
  };
}

const person = (i: number): Registration => ({
  identity: { names: [`Person ${i}`] },
  statement: { alias: 'jin fu', categories: ['party'], evidence: 'contact' },
  claim: 'words',
});
const streamed = (i: number): Registration => ({ ...person(i), claim: 'none' });

const accepted = async ({ registry, extra }: Pick<FaultWorld, 'registry' | 'extra'>) => registry.acceptMany(extra.submissions);
const sorted = async (world: FaultWorld) => {
  await accepted(world);
  await world.registry.sort();
  world.clock.advanceDays(1);
};
const published = async (world: FaultWorld) => {
  await sorted(world);
  await world.registry.publish();
};
/** Ends with the refusal to sign what has no tree: the leaves are stored, and the next publication finds them so. */
const publishedWithoutTree = async (world: FaultWorld) => {
  await sorted(world);
  const { stores, clock } = world;
  const old = await openStores({ stores: withoutTree(stores) }, { clock, backend: nodeBackend, random: seededRandom('old') });
  await old.publish().catch((error: unknown) => {
    if (!(error instanceof RegistryError) || error.code !== 'STORE_INTEGRITY') throw error;
  });
};
const ignoringDuplicate = (error: unknown): void => {
  if (!(error instanceof RegistryError) || error.code !== 'REGISTRATION_DUPLICATE') throw error;
};

/** What only reads: it fails, and is asked again. */
const looksUp = async ({ registry, extra }: Pick<FaultWorld, 'registry' | 'extra'>) => {
  await registry.lookUp(new Uint8Array(32));
  await registry.sealed.get(extra.recordId as RecordId);
  await registry.recordStatus(extra.recordId as RecordId);
  await registry.entryStatus(extra.people[0] as EntryId);
  await registry.health();
  for await (const _ of registry.entries());
  for await (const _ of registry.sealed.ids());
};

/** The one that must not be repeated without an id: the positive control. */
export const UNSAFE_CASE: FaultCase = {
  name: 'register without an id',
  before: async (world) => world.registry.acceptMany(world.extra.submissions),
  operation: async ({ registry }) => registry.register(person(6)),
  after: { people: 6, claims: 6 },
};

export const FAULT_CASES: readonly FaultCase[] = [
  {
    name: 'accept',
    before: async () => undefined,
    operation: accepted,
    after: { people: 5, claims: 5 },
  },
  {
    name: 'register',
    before: accepted,
    operation: async ({ registry }) => registry.register(person(6), { id: 'call 6' }).catch(ignoringDuplicate),
    after: { people: 6, claims: 6 },
  },
  {
    name: 'registerMany',
    before: accepted,
    operation: async ({ registry }) => {
      const source = new Uint8Array(32).fill(3);
      for await (const _ of registry.registerMany([streamed(6), streamed(7), streamed(8)], { source, batchSize: 2 }));
    },
    after: { people: 8, claims: 8 },
  },
  { name: 'sort', before: accepted, operation: async ({ registry }) => registry.sort(), after: { people: 5, claims: 5 } },
  {
    name: 'sort, with one that does not open',
    before: async (world) => {
      await accepted(world);
      const damaged = Uint8Array.from(world.extra.submissions[0] as Uint8Array);
      damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1;
      await world.registry.accept(damaged);
    },
    operation: async ({ registry }) => registry.sort(),
    after: { people: 5, claims: 5, quarantined: 1 },
  },
  { name: 'publish', before: sorted, operation: async ({ registry }) => registry.publish(), after: { people: 5, claims: 5 } },
  {
    name: 'publish, with a witness',
    before: sorted,
    operation: async ({ registry }) => registry.publish(),
    witness: faultWitness(),
    days: 2,
    after: { people: 5, claims: 5 },
  },
  {
    name: 'publish, of a log that an earlier release left without its tree',
    before: publishedWithoutTree,
    operation: async ({ registry }) => registry.publish(),
    after: { people: 5, claims: 5 },
  },
  {
    name: 'maintain, with a key to replace',
    before: async (world) => {
      await sorted(world);
      world.clock.advanceDays(40);
    },
    operation: async ({ registry }) => registry.maintain(),
    after: { people: 5, claims: 5 },
  },
  {
    name: 'maintain, with a key to destroy',
    before: async (world) => {
      await sorted(world);
      world.clock.advanceDays(40);
      await world.registry.maintain();
      world.clock.advanceDays(2);
    },
    operation: async ({ registry }) => registry.maintain(),
    after: { people: 5, claims: 5 },
  },
  {
    name: 'apply and sort',
    before: published,
    operation: async ({ registry, extra }) => {
      for (const request of extra.requests) await registry.apply(request);
      await registry.sort();
    },
    after: { people: 5, claims: 10, leaves: { amendment: 2, retraction: 1 }, erased: true },
  },
  {
    name: 'publish changes',
    before: async (world) => {
      await published(world);
      for (const request of world.extra.requests) await world.registry.apply(request);
      await world.registry.sort();
      world.clock.advanceDays(1);
    },
    operation: async ({ registry }) => registry.publish(),
    after: { people: 5, claims: 10, leaves: { amendment: 2, retraction: 1 }, erased: true },
  },
  {
    name: 'changeEntry',
    before: published,
    operation: async ({ registry, extra }) => registry.changeEntry(extra.people[0] as EntryId, { text: 'by telephone' }),
    after: { people: 5, claims: 5, leaves: { amendment: 1 } },
  },
  {
    name: 'veto',
    before: published,
    operation: async ({ registry, extra }) => registry.changeEntry(extra.people[0] as EntryId, { veto: true }),
    after: { people: 5, claims: 5 },
  },
  {
    name: 'eraseRecord',
    before: sorted,
    operation: async ({ registry, extra }) => registry.eraseRecord(extra.recordId as RecordId),
    after: { people: 5, claims: 5, erased: true },
  },
  {
    name: 'export',
    before: published,
    operation: async ({ registry }) => registry.log.export(memoryTarget()),
    after: { people: 5, claims: 5 },
  },
  { name: 'look up', before: published, operation: looksUp, after: { people: 5, claims: 5 } },
];

/** An export that nobody looks at. */
function memoryTarget(): ExportTarget {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (path) => files.get(path),
    write: async (path, bytes) => void files.set(path, bytes),
    remove: async (path) => void files.delete(path),
    flush: async () => undefined,
  };
}

const WISHES: readonly Wish[] = [
  { operation: 'amend', number: 1, text: 'another text' },
  { operation: 'show-name', number: 1, name: 'Person 1' },
  { operation: 'retract' },
  { operation: 'erase' },
  { operation: 'status' },
];

/** A new registry over `stores`: the same epoch keys in every world of one custody. */
export async function openFaultWorld(stores: Stores, custody: Custody, clock: FixedClock, witness?: FaultWitness): Promise<Registry> {
  const options = { stores, keys: custody.keys, policy: makePolicy('tiny', ['party']) };
  const witnesses = witness === undefined ? {} : { witnesses: witness.over(clock) };
  return openStores(options, { clock, backend: nodeBackend, random: seededRandom('faults'), ...witnesses });
}

/** Five people with phrases, and what each of them asks for later. */
export async function makeFaultExtra(stores: Stores, custody: Custody): Promise<FaultExtra> {
  const clock = fixedClock(FAULT_START);
  const registry = await openFaultWorld(stores, custody, clock);
  const keys = await registry.publicKeys();
  const made = Array.from({ length: PEOPLE }, (_, i) => makeSubmission(person(i), keys, { clock, backend: nodeBackend }));
  const extra: FaultExtra = {
    submissions: made.map(({ bytes }) => bytes),
    phrases: made.map(({ claim }) => (claim as NonNullable<typeof claim>).reveal()),
    people: made.map(({ entryId }) => entryId),
    requests: [],
    recordId: undefined,
  };
  await published({ registry, stores, clock, extra });
  const claims = await Promise.all(extra.phrases.map((phrase) => findClaim(phrase, (locator) => registry.lookUp(locator))));
  const later = await registry.publicKeys();
  extra.requests = claims.map((claim, i) => makeRequest(claim, WISHES[i] as Wish, later, { clock, backend: nodeBackend }).bytes);
  extra.recordId = (claims[3] as (typeof claims)[number]).recordId;
  return extra;
}

export interface FaultRun {
  readonly failed: boolean;
  readonly calls: readonly string[];
  readonly wrong: readonly string[];
}

/** The operation with one failing call, then the same again without, then days of publication; `wrong` says what is not there exactly once. */
export async function runFault(
  stores: Stores,
  custody: Custody,
  extra: FaultExtra,
  { before, operation, witness, days = 9, after }: FaultCase,
  fault: { readonly at: number; readonly kind: FaultKind },
): Promise<FaultRun> {
  const clock = fixedClock(FAULT_START);
  const open = (over: Stores) => openFaultWorld(over, custody, clock, witness);
  const good: FaultWorld = { registry: await open(stores), stores, clock, extra };
  await before(good);
  const faulty = faultyStores(stores, fault.at, fault.kind);
  const wrong: string[] = [];
  let failed = false;
  try {
    await operation({ registry: await open(faulty.stores), extra });
  } catch (error) {
    failed = true;
    if (!(error instanceof RegistryError) || !['STORE_FAILED', 'STORE_BUSY'].includes(error.code)) wrong.push('an error of another kind');
  }
  await operation(good);
  for (let day = 0; day < days; day++) {
    await good.registry.publish();
    clock.advanceDays(1);
  }
  await good.registry.maintain();

  const expect = (right: boolean, what: string): void => {
    if (!right) wrong.push(what);
  };
  const health = await good.registry.health();
  expect(health.ok, health.problems.map(({ problem }) => problem).join('; '));
  const { records, entries, claims, pool, inbox } = health;
  expect(records === after.people && entries === after.people, `${records} records, ${entries} entries`);
  expect(claims === after.claims, `${claims} claim rows`);
  expect(pool.waiting + pool.changes + inbox.waiting === 0, 'something waits');
  expect(inbox.quarantined === (after.quarantined ?? 0), `${inbox.quarantined} in quarantine`);
  for (const problem of await logProblems(stores, witness)) wrong.push(problem);
  const types = new Map<string, number>();
  for await (const { bytes } of stores.public.leaves(0)) {
    const { type } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly type: string };
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  const wanted = { amendment: 0, raise: 0, removal: 0, retraction: 0, statement: after.people, ...after.leaves };
  for (const [type, n] of Object.entries(wanted)) expect((types.get(type) ?? 0) === n, `${types.get(type) ?? 0} leaves of ${type}`);
  if (extra.recordId !== undefined) {
    const status = await good.registry.recordStatus(extra.recordId);
    expect(status === (after.erased === true ? 'erased' : 'sealed'), `the record is ${String(status)}`);
  }
  return { failed, calls: faulty.calls, wrong };
}
