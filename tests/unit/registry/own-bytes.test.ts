import { expect, it } from 'vitest';
import { createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';
import { backends } from '../../support/crypto-fixtures.js';
import { STORE_NAMES } from '../../support/crash-faults.js';

/**
 * The inside of a submission lies in one buffer, sealed record beside public statement, and its long parts are read as windows on it. A store
 * (a user's own, say) that takes `row.identity.buffer` for the row would keep both sides. So what a store is given has a buffer of its own.
 */
const START = Date.UTC(2026, 10, 21, 9);

/** Names as `store.method` each call that is given a window on more bytes than it shows. */
function watch(found: string[]) {
  const stores = createMemoryStores();
  const watched = STORE_NAMES.map((name) => {
    const get = (target: object, method: string | symbol): unknown => {
      const member: unknown = Reflect.get(target, method);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (hasWindow(args)) found.push(`${name}.${String(method)}`);
        return Reflect.apply(member, target, args);
      };
    };
    return [name, new Proxy(stores[name], { get })];
  });
  return { ...stores, ...(Object.fromEntries(watched) as object), tidy: () => stores.tidy(), close: () => stores.close() };
}

function hasWindow(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.byteLength !== value.buffer.byteLength;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasWindow);
}

it.each(backends)('no store is handed a window on the inside of a submission: $name', async (backend) => {
  const found: string[] = [];
  const stores = watch(found);
  const clock = fixedClock(START);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { clock, backend });
  const person = {
    identity: { names: ['陈静文'] },
    contact: { phones: ['13800000001'] },
    statement: { alias: 'jin fu', categories: ['party'] },
  };
  const [one, other] = await Promise.all([1, 2].map(async () => makeSubmission(person, await registry.publicKeys(), { clock, backend })));
  if (one === undefined || other === undefined) throw new Error('two were made');
  // One that opens, and one that does not and ends in the quarantine.
  await registry.acceptMany([one.bytes, other.bytes.map((byte, i) => (i === 20_000 ? byte ^ 1 : byte))]);
  expect(await registry.sort()).toMatchObject({ sorted: 1 });
  await registry.sort();
  expect(await registry.sort()).toMatchObject({ quarantined: 1 });
  expect(found).toEqual([]);

  // Control: the watch sees a window. What a host passes in is the host's: the inbox is given that.
  await registry.accept(new Uint8Array([...one.bytes, 0]).subarray(0, one.bytes.length));
  expect(found).toEqual(['inbox.put']);
});
