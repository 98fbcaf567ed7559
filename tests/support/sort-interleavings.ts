import { sortInbox } from '../../src/registry/sort.js';
import type { Stores } from '../../src/registry/stores.js';
import type { InboxStore } from '../../src/sealed/ports.js';
import { type Choose, interleave, type Program } from './interleave.js';
import { misplaced, type Sealed } from './sort-world.js';

/** What each process makes of its stores; a control breaks something. */
export type Change = (stores: Stores) => Stores;

/**
 * So many sorts over one inbox, and a sender of what comes late. When all have ended or died, a sort that nobody disturbs runs twice: once for
 * what a dead one has begun, once for what failed because of it. Gives what is wrong then.
 */
export async function sortsAtOnce(
  sealed: Sealed,
  sorts: number,
  choose: Choose,
  change: Change = (stores) => stores,
): Promise<readonly string[]> {
  const stores = await sealed.stores();
  const [first, ...late] = sealed.rows;
  await stores.inbox.put([first as (typeof sealed.rows)[number]]);
  const sort: Program = async (own) => sortInbox(sealed.context(change(own)));
  const sender: Program = async (own) => {
    for (const row of late) await own.inbox.put([row]);
  };
  const ended = await interleave(stores, [...Array.from({ length: sorts }, () => sort), sender], choose);
  const failures = ended.flatMap((one) => (one.end === 'failed' ? [`failed: ${String(one.error)}`] : []));
  await stores.inbox.put(late);
  for (let i = 0; i < 2; i++) await sortInbox(sealed.context(change(stores)));
  return [...failures, ...(await misplaced(sealed, stores))];
}

/** How many calls a sort makes that nobody disturbs. */
export async function stepsOfSort(sealed: Sealed): Promise<number> {
  let steps = 0;
  const stores = await sealed.stores();
  await stores.inbox.put(sealed.rows);
  await interleave(stores, [async (own) => sortInbox(sealed.context(own))], () => {
    steps++;
    return { run: 0 };
  });
  return steps;
}

/** What nobody may build: looks for records before it looks for statements and claim rows. */
export const recordsFirst: Change = (stores) => {
  let known: ReadonlyMap<string, Uint8Array> = new Map();
  const take: InboxStore['take'] = async (...args) => {
    const ids: Uint8Array[] = [];
    for await (const id of stores.vault.ids()) ids.push(id);
    known = await stores.vault.digests(ids);
    return stores.inbox.take(...args);
  };
  return { ...stores, inbox: withMethods(stores.inbox, { take }), vault: withMethods(stores.vault, { digests: async () => known }) };
};

/** What nobody may build: does not say that writing begins. */
export const neverBegins: Change = (stores) => ({ ...stores, inbox: withMethods(stores.inbox, { begin: async () => undefined }) });

/** A store of which some methods are others. */
export function withMethods<Store extends object>(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof member === 'function' ? (...args: unknown[]) => Reflect.apply(member, target, args) : member;
    },
  });
}
