import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { RegistryError } from '../../../src/foundation/errors.js';
import { openStores } from '../../../src/registry/open-registry.js';
import type { Stores } from '../../../src/registry/stores.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

const START = Date.UTC(2026, 10, 21, 9);
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

/** Every store method counts; at the chosen count it fails, before or after it did its work. */
function faulty(stores: Stores, failAt: number, persisted: boolean): { stores: Stores; calls: () => number } {
  let calls = 0;
  const wrap = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || name === 'close') return member;
        return (...args: unknown[]) => {
          const due = calls++ === failAt;
          const fail = () => {
            throw new RegistryError('STORE_FAILED', 'injected', { retryable: true });
          };
          if (due && !persisted) return Promise.reject(new RegistryError('STORE_FAILED', 'injected', { retryable: true }));
          const result: unknown = Reflect.apply(member, target, args);
          return due && result instanceof Promise ? result.then(fail) : result;
        };
      },
    });
  const wrapped = {
    ...stores,
    inbox: wrap(stores.inbox),
    vault: wrap(stores.vault),
    shred: wrap(stores.shred),
    keys: wrap(stores.keys),
    public: wrap(stores.public),
    claims: wrap(stores.claims),
  };
  return { stores: wrapped, calls: () => calls };
}

const person = (i: number) => ({ identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } });

async function outcome(failAt: number, persisted: boolean): Promise<{ failed: boolean; health: unknown; calls: number }> {
  const memory = createMemoryStores();
  const clock = fixedClock(START);
  const policy = makePolicy('tiny', ['party']);
  const good = await openStores({ stores: memory, keys: custody.keys, policy }, { clock });
  await good.registerGroup([person(1), person(2), person(3), person(4), person(5)]);
  const { stores, calls } = faulty(memory, failAt, persisted);
  let failed = false;
  try {
    const broken = await openStores({ stores, keys: custody.keys, policy }, { clock });
    await broken.publish();
    await broken.maintain();
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
    failed = true;
  }
  clock.advanceDays(1);
  await good.publish();
  const { ok, records, entries, claims, pool, problems, inbox } = await good.health();
  return { failed, health: { ok, records, entries, claims, pool: pool.waiting, problems, inbox }, calls: calls() };
}

describe('a store that fails once', () => {
  const whole = { ok: true, records: 5, entries: 5, claims: 5, pool: 0, problems: [], inbox: { waiting: 0, quarantined: 0 } };

  it.each([false, true])('ends in exactly one record and one entry each (persisted: %s)', async (persisted) => {
    const { calls, failed } = await outcome(Number.POSITIVE_INFINITY, persisted);
    expect(failed).toBe(false);
    expect(calls).toBeGreaterThan(15);
    let failures = 0;
    for (let at = 0; at < calls; at++) {
      const result = await outcome(at, persisted);
      expect(result.health, `failure at call ${at}`).toEqual(whole);
      if (result.failed) failures++;
    }
    expect(failures).toBeGreaterThan(calls / 2); // the positive control: the faults are really met
  });
});
