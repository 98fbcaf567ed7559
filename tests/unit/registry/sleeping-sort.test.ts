import { expect, it } from 'vitest';
import { rotateKek } from '../../../src/registry/kek.js';
import { sortInbox } from '../../../src/registry/sort.js';
import type { ShredStore } from '../../../src/sealed/ports.js';
import { fixedClock } from '../../../src/testing.js';
import { withMethods } from '../../support/sort-interleavings.js';
import { misplaced, sealOnce, START } from '../../support/sort-world.js';

/** A sort has read the shred key; its machine sleeps for a fortnight, in which another one replaces the key; it wakes up and writes. */
async function sleeping(rewrap?: ShredStore['rewrap']): Promise<readonly string[]> {
  const sealed = await sealOnce(2);
  const stores = await sealed.stores();
  const clock = fixedClock(START);
  const context = { ...sealed.context(stores), clock };
  await stores.inbox.put(sealed.rows);
  const shred = withMethods(stores.shred, {
    insert: async (rows) => {
      for (let day = 0; day < 14; day++) {
        clock.advanceDays(1);
        await rotateKek(context);
      }
      return stores.shred.insert(rows);
    },
    ...(rewrap === undefined ? {} : { rewrap }),
  });
  await sortInbox({ ...context, stores: { ...stores, shred } });
  return misplaced(sealed, stores);
}

it('a sort that slept for a fortnight ends with shreds that open', async () => {
  expect(await sleeping()).toEqual([]);
});

it('control: without writing again they do not', async () => {
  expect(await sleeping(async () => [])).toEqual(['0 has no shred', '1 has no shred']);
});
