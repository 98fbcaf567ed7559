import { expect, it } from 'vitest';
import { createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';
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

it('no store is handed a window on the inside of a submission', async () => {
  const found: string[] = [];
  const stores = watch(found);
  const clock = fixedClock(START);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { clock });
  const person = { identity: { names: ['陈静文'] }, contact: { phones: ['13800000001'] }, statement: { alias: 'jin fu', categories: ['party'] } };
  const { bytes } = makeSubmission(person, await registry.publicKeys(), { clock });
  await registry.accept(bytes);
  expect(await registry.sort()).toMatchObject({ sorted: 1 });
  expect(found).toEqual([]);

  // Control: the watch sees a window.
  await registry.accept(new Uint8Array([...bytes, 0]).subarray(0, bytes.length));
  expect(found).toEqual(['inbox.put']);
});
