import type { Stores } from '../registry/stores.js';

/** What a case runs against: fresh, empty stores, and, where the implementation lasts, a way to open the same data again. */
export interface StoreFixture {
  readonly stores: Stores;
  /**
   * A second, independent instance over the same data while the first stays open, as another process would have it. Whoever makes the
   * fixture closes it. Leave it out for stores that live in one process only.
   */
  reopen?(): Promise<Stores>;
}

/** One case of a suite, as data: run it under any test runner. `run` rejects with an Error that says what was expected. */
export interface StoreCase {
  readonly name: string;
  /** True if the case is about two instances; `run` does nothing when the fixture has no `reopen`. */
  readonly needsReopen: boolean;
  run(make: () => Promise<StoreFixture>): Promise<void>;
}

/** A case about one instance. */
export function storeCase(name: string, test: (stores: Stores) => Promise<void>): StoreCase {
  return {
    name,
    needsReopen: false,
    async run(make) {
      const { stores } = await make();
      await test(stores);
    },
  };
}

/** A case about two instances over the same data. */
export function pairCase(name: string, test: (one: Stores, other: Stores) => Promise<void>): StoreCase {
  return {
    name,
    needsReopen: true,
    async run(make) {
      const { stores, reopen } = await make();
      if (reopen !== undefined) await test(stores, await reopen());
    },
  };
}
