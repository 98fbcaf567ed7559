import { describe, expect, it } from 'vitest';
import { COUNTERS } from '../../../src/public/counts/counters.js';
import { createMemoryStores } from '../../../src/testing.js';
import type { Stores } from '../../../src/index.js';
import { entryWorld } from './entry-world.js';

/** A public store one of whose counters is off by one while `damage.on`: a flipped bit, or somebody's hand. */
function damaged(stores: Stores, damage: { on: boolean }, name: string): Stores {
  const state = async (): ReturnType<Stores['public']['state']> => {
    const real = await stores.public.state();
    if (!damage.on) return real;
    return { ...real, counters: new Map([...real.counters, [name, (real.counters.get(name) ?? 0) + 1]]) };
  };
  const store = new Proxy(stores.public, {
    get(target, member) {
      if (member === 'state') return state;
      const value: unknown = Reflect.get(target, member);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...stores, public: store };
}

const size = async (stores: Stores): Promise<number> => (await stores.public.state()).logSize;

describe('a publication goes on from the counts of the last batch', () => {
  it.each([COUNTERS.statements, COUNTERS.retracted, COUNTERS.category('league'), COUNTERS.type('statement'), COUNTERS.display('name')])(
    'and appends nothing where %s is off by one',
    async (name) => {
      const damage = { on: false };
      const stores = createMemoryStores();
      const world = entryWorld(damaged(stores, damage, name));
      await world.addHolder(1);
      await world.publish();
      await world.addHolder(2);
      const before = await size(stores);
      damage.on = true;
      for (const publish of [world.publishNow, world.publish]) {
        world.clock.advanceDays(1);
        await expect(publish()).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
      }
      expect(await size(stores)).toBe(before);
      damage.on = false;
      expect(await world.publish()).toMatchObject({ batch: 2, published: 1 });
    },
  );

  it('nor where an empty log has counts', async () => {
    const stores = createMemoryStores();
    const world = entryWorld(damaged(stores, { on: true }, COUNTERS.statements));
    await expect(world.publish()).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
    expect(await size(stores)).toBe(0);
  });

  it('finds the last tally before any number of changes', async () => {
    for (const changes of [1, 63, 64, 65, 130]) {
      const world = entryWorld();
      const holders = await Promise.all(Array.from({ length: changes }, (_, i) => world.addHolder(i + 1)));
      await world.publish();
      await world.send(...holders.map((holder) => world.ask(holder, 'retract')));
      world.clock.advanceDays(1);
      expect(await world.publish()).toMatchObject({ published: 0, changes });
      world.clock.advanceDays(1);
      expect(await world.publish()).toMatchObject({ batch: 3 });
    }
  });
});
