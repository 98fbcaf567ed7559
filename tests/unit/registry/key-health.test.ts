import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';

/** Keys that are there but are not those of what lies in the stores: put back from another registry, overwritten, or made anew over a lost one. */
const START = Date.UTC(2026, 10, 21, 9);
const DAY = Math.floor(START / 86_400_000);
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

async function world() {
  const stores = createMemoryStores();
  const clock = fixedClock(START);
  const registry = await openRegistry(
    { stores, keys: custody.keys, policy: makePolicy('tiny', ['party']) },
    { clock, backend: nodeBackend },
  );
  const register = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++)
      await registry.register({ identity: { names: ['Person'] }, statement: { alias: 'jin fu', categories: ['party'] } });
    await registry.sort();
  };
  await register(3);
  await registry.publish({ now: true });
  const problems = async (): Promise<readonly string[]> => (await registry.health()).problems.map(({ problem }) => problem);
  return { stores, clock, registry, register, problems };
}

/** The same store with other answers to some questions. */
function answering<Store extends object>(store: Store, answers: Partial<Store>): Store {
  return new Proxy(store, {
    get: (whole, name) => {
      const answer: unknown = Reflect.get(name in answers ? answers : whole, name);
      return typeof answer === 'function' ? (answer.bind(whole) as unknown) : answer;
    },
  });
}

describe('health', () => {
  it('is clean where the keys belong to the stores', async () => {
    const { problems } = await world();
    expect(await problems()).toEqual([]);
  });

  it('sees a shred key that is another one', async () => {
    const { stores } = await world();
    const registry = await openRegistry(
      { stores: { ...stores, keys: answering(stores.keys, { kek: async () => new Uint8Array(32).fill(7) }) } },
      { clock: fixedClock(START), backend: nodeBackend },
    );
    expect((await registry.health()).problems).toEqual([
      { store: 'shred', problem: '3 of 3 shreds looked at do not open: their key is gone or another' },
    ]);
  });

  it('sees an epoch key that does not open what is sealed to it', async () => {
    const [one, other] = [await world(), await world()];
    const registry = await openRegistry(
      {
        stores: {
          ...one.stores,
          keys: answering(one.stores.keys, { epochPublicKeys: async (from) => other.stores.keys.epochPublicKeys(from) }),
        },
      },
      { clock: fixedClock(START), backend: nodeBackend },
    );
    expect((await registry.health()).problems).toEqual([{ store: 'keys', problem: 'an epoch key does not open what devices seal to it' }]);
  });

  it('sees the log key of another registry', async () => {
    const [one, other] = [await world(), await world()];
    const log = answering(one.stores.log, { key: async () => other.stores.log.key() });
    const registry = await openRegistry({ stores: { ...one.stores, log } }, { clock: fixedClock(START), backend: nodeBackend });
    expect((await registry.health()).problems.map(({ store }) => store)).toEqual(['log']);
  });
});

describe('a shred key that is lost', () => {
  it('on the day it was made: no other is made under its name, and nothing is sorted until it is back', async () => {
    const { stores, registry, register, problems } = await world();
    const key = (await stores.keys.kek(DAY)) as Uint8Array;
    await stores.keys.destroyKek(DAY);
    await expect(register(1)).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
    await expect(registry.maintain()).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
    expect(await stores.keys.keks()).toEqual([]);
    expect(await problems()).toContain('rows whose key is gone');
    await stores.keys.putKek(DAY, key);
    await registry.sort();
    expect(await problems()).toEqual([]);
    expect(await registry.health()).toMatchObject({ ok: true, records: 4, inbox: { waiting: 0 } });
  });

  it('on a later day: sorting goes on under a new one, and health says what is gone', async () => {
    const { stores, clock, register, problems } = await world();
    await stores.keys.destroyKek(DAY);
    clock.advanceDays(1);
    await register(1);
    expect(await problems()).toContain('rows whose key is gone');
  });
});
