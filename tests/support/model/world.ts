import type { Custody } from '../../../src/custodian.js';
import type { Policy, Random, Registry } from '../../../src/index.js';
import type { PublicKeys } from '../../../src/intake.js';
import { RegistryError } from '../../../src/foundation/errors.js';
import { openStores } from '../../../src/registry/open-registry.js';
import type { Stores } from '../../../src/registry/stores.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { createMemoryStores, type FixedClock, fixedClock, seededRandom } from '../../../src/testing.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

export const START = Date.UTC(2026, 10, 21, 9);
/** Small numbers, so that holding, waiting and quarantine are met often. */
export const POLICY: Policy = {
  ...makePolicy('standard', ['party', 'league']),
  k: 2,
  delayDays: 3,
  maxHoldDays: 3,
  sortMinimum: 3,
  sortMaxWaitDays: 1,
};

export interface World {
  readonly stores: Stores;
  readonly clock: FixedClock;
  readonly custody: Custody;
  /** All the dice of the run, the people's too. One stream for every process, so that none makes a key that an earlier one made. */
  readonly random: Random;
  /** The process; a crash or restart makes a new one over the same stores. */
  registry: Registry;
  restart(): Promise<void>;
  /** A process whose `at`-th store call fails, before or after it was done, and which is gone afterwards. True if it met that call. */
  crash(at: number, persisted: boolean, work: (registry: Registry) => Promise<unknown>): Promise<boolean>;
}

/**
 * The same custody, `random` and steps give the same run. Stores draw from the system what no registry shows: names of temporary files, and
 * what unknown locators are answered with.
 */
export async function makeWorld(custody: Custody, random: Random, stores: Stores = createMemoryStores()): Promise<World> {
  const clock = fixedClock(START);
  const injected = { clock, backend: nodeBackend, random };
  const open = (over: Stores) => openStores({ stores: over, keys: custody.keys, policy: POLICY }, injected);
  const world: World = {
    stores,
    clock,
    custody,
    random,
    registry: await open(stores),
    restart: async () => {
      world.registry = await open(stores);
    },
    crash: async (at, persisted, work) => {
      const finished = await work(await open(failingOnce(stores, at, persisted))).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof RegistryError) || error.code !== 'STORE_FAILED') throw error;
          return false;
        },
      );
      await world.restart();
      return !finished;
    },
  };
  return world;
}

/** Keys to seal the people's insides with; their outer layer is made anew for each world. */
export async function publicKeysOf(custody: Custody): Promise<{ keys: PublicKeys; clock: FixedClock }> {
  const clock = fixedClock(START);
  const registry = await openStores(
    { stores: createMemoryStores(), keys: custody.keys, policy: POLICY },
    { clock, backend: nodeBackend, random: seededRandom('model') },
  );
  return { keys: await registry.publicKeys(), clock };
}

/** Methods that give an AsyncIterable: they fail when it is read. */
const ITERABLES = new Set(['quarantined', 'ids', 'batches', 'entries', 'leaves', 'pool']);

function failing(failure: () => Error): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure()) }) };
}

function failingOnce(stores: Stores, failAt: number, persisted: boolean): Stores {
  let calls = 0;
  const failure = () => new RegistryError('STORE_FAILED', 'injected', { retryable: true });
  const wrap = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const due = calls++ >= failAt;
          if (due && (!persisted || calls > failAt + 1)) return ITERABLES.has(String(name)) ? failing(failure) : Promise.reject(failure());
          const result: unknown = Reflect.apply(member, target, args);
          return due && result instanceof Promise
            ? result.then(() => {
                throw failure();
              })
            : result;
        };
      },
    });
  return {
    ...stores,
    inbox: wrap(stores.inbox),
    vault: wrap(stores.vault),
    shred: wrap(stores.shred),
    keys: wrap(stores.keys),
    public: wrap(stores.public),
    claims: wrap(stores.claims),
    log: wrap(stores.log),
  };
}
