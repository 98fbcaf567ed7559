import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';

/** `finalOn` and what a seized inbox gives away rest on a `maintain` of every day: `health` says when one was missed. */
const LATE_KEY = 'a shred key lives longer than erasures say: run maintain every day';
const LATE_EPOCH = 'epoch keys live on after their grace: run maintain every day';
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

async function world() {
  const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
  const registry = await openRegistry(
    { stores: createMemoryStores(), keys: custody.keys, policy: makePolicy('tiny', ['party']) },
    { clock, backend: nodeBackend },
  );
  await registry.register({ identity: { names: ['Person'] }, statement: { alias: 'jin fu', categories: ['party'] } });
  await registry.sort();
  const problems = async (): Promise<readonly string[]> => (await registry.health()).problems.map(({ problem }) => problem);
  return { clock, registry, problems };
}

describe('health', () => {
  it('is clean on every day, before and after its maintain', async () => {
    const { clock, registry, problems } = await world();
    for (let day = 0; day < 60; day++) {
      expect(await problems()).toEqual([]);
      await registry.maintain();
      expect(await problems()).toEqual([]);
      clock.advanceDays(1);
    }
  });

  it('says that a shred key was not replaced on its day', async () => {
    const { clock, registry, problems } = await world();
    for (let day = 0; day < 7; day++) {
      await registry.maintain();
      clock.advanceDays(1);
    }
    expect(await problems()).toEqual([]);
    clock.advanceDays(1);
    expect(await problems()).toEqual([LATE_KEY]);
    await registry.maintain();
    expect(await problems()).toEqual([]);
  });

  it('says that a shred key was not destroyed after its grace', async () => {
    const { clock, registry, problems } = await world();
    clock.advanceDays(7);
    await registry.maintain();
    clock.advanceDays(2);
    expect(await problems()).toEqual([]);
    clock.advanceDays(1);
    expect(await problems()).toEqual([LATE_KEY]);
    await registry.maintain();
    expect(await problems()).toEqual([]);
  });

  it('says that the key of an old epoch was not destroyed', async () => {
    const { clock, registry, problems } = await world();
    // The first key outlives its epoch by 37 days; the shred key is looked after.
    for (let day = 0; day < 37; day++) {
      await registry.maintain();
      clock.advanceDays(1);
    }
    expect(await problems()).toEqual([]);
    clock.advanceDays(1);
    expect(await problems()).toContain(LATE_EPOCH);
    await registry.maintain();
    expect(await problems()).toEqual([]);
  });
});
