import { RegistryError } from '../../src/foundation/errors.js';
import type { Stores } from '../../src/registry/stores.js';

/** Every method of every store, by hand: a method of a store class that is not here makes the test fail, and so does one that is gone. */
export const STORE_METHODS = {
  inbox: [
    'begin',
    'check',
    'countFailure',
    'drain',
    'forgetBefore',
    'importProgress',
    'put',
    'quarantineSize',
    'quarantined',
    'seen',
    'take',
    'waiting',
  ],
  vault: ['check', 'count', 'digests', 'get', 'ids', 'insert'],
  shred: ['backFrom', 'before', 'check', 'from', 'generations', 'get', 'insert', 'rewrap'],
  keys: [
    'check',
    'destroyEpochKey',
    'destroyKek',
    'epochKey',
    'epochPublicKeys',
    'epochs',
    'hasEpochKey',
    'kek',
    'keks',
    'putEpochKey',
    'putKek',
  ],
  public: [
    'addChanges',
    'addCheckpoint',
    'addToPool',
    'appendBatch',
    'batches',
    'check',
    'checkpointFor',
    'digests',
    'due',
    'dueChanges',
    'entries',
    'entry',
    'growTree',
    'lastCheckpoint',
    'leaves',
    'lockNames',
    'pool',
    'poolCells',
    'poolSize',
    'publishedSince',
    'replaceCheckpoint',
    'standings',
    'state',
    'tile',
    'waitingChanges',
  ],
  claims: ['check', 'count', 'dummySecret', 'get', 'insert', 'nearest'],
  log: ['check', 'key', 'putKey', 'putSigned', 'signed'],
  settings: ['get', 'put'],
} as const satisfies { readonly [Store in keyof Stores]?: readonly string[] };

type StoreName = keyof typeof STORE_METHODS;
export const STORE_NAMES = Object.keys(STORE_METHODS) as readonly StoreName[];
/** These give an AsyncIterable and fail when it is read. */
const ITERABLES = ['inbox.quarantined', 'vault.ids', 'public.batches', 'public.entries', 'public.leaves', 'public.pool'];

/** What reflection finds of a store's methods. */
export function methodsOf(store: object): readonly string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store));
  return names.filter((name) => name !== 'constructor' && typeof Reflect.get(store, name) === 'function').sort();
}

/** How a call fails: before anything is stored, or after all of it is (the answer was lost, or the log could not be emptied). */
export type FaultKind = 'lost' | 'kept';

export interface FaultyStores {
  readonly stores: Stores;
  /** `store.method` of every call so far. */
  readonly calls: string[];
}

/** Stores whose `failAt`-th call fails; `tidy` counts as one of them, `close` does not. */
export function faultyStores(stores: Stores, failAt: number, kind: FaultKind): FaultyStores {
  const calls: string[] = [];
  const fault = () => new RegistryError(kind === 'kept' ? 'STORE_BUSY' : 'STORE_FAILED', 'injected', { retryable: kind === 'kept' });
  const call = (name: string, work: () => unknown): unknown => {
    const due = calls.push(name) - 1 === failAt;
    if (!due) return work();
    if (ITERABLES.includes(name)) return failing(fault);
    if (kind === 'lost') return Promise.reject(fault());
    return Promise.resolve(work()).then(() => Promise.reject(fault()));
  };
  const wrapped = (name: StoreName): object =>
    new Proxy(stores[name], {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => call(`${name}.${String(method)}`, () => Reflect.apply(member, target, args));
      },
    });
  const parts = Object.fromEntries(STORE_NAMES.map((name) => [name, wrapped(name)])) as unknown as Pick<Stores, StoreName>;
  const tidy = () => call('tidy', () => stores.tidy()) as Promise<void>;
  return { stores: { ...parts, tidy, close: () => stores.close() }, calls };
}

function failing(fault: () => Error): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fault()) }) };
}
