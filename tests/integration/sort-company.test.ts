import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../src/custodian.js';
import type { Registration, Registry } from '../../src/index.js';
import { makeSubmission, type PublicKeys, rewrapSubmission } from '../../src/intake.js';
import { openStores } from '../../src/registry/open-registry.js';
import { createMemoryStores, type FixedClock, fixedClock, seededRandom } from '../../src/testing.js';
import { makePolicy } from '../../src/vocabulary/policy.js';

/** Whoever can have one submission sorted alone sees which record and which statement belong together. These are the ways to try. */
const START = Date.UTC(2026, 10, 21, 9);
const MINIMUM = 64;
let custody: Custody;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

const person = (i: number): Registration => ({
  identity: { names: [`Person ${i}`] },
  statement: { alias: 'jin fu', categories: ['party'] },
});

async function fresh(): Promise<{
  registry: Registry;
  clock: FixedClock;
  keys: PublicKeys;
  seal: (i: number) => ReturnType<typeof makeSubmission>;
}> {
  const clock = fixedClock(START);
  const registry = await openStores(
    { stores: createMemoryStores(), keys: custody.keys, policy: makePolicy('standard', ['party']) },
    { clock },
  );
  const keys = await registry.publicKeys();
  return { registry, clock, keys, seal: (i) => makeSubmission(person(i), keys, { clock }) };
}

function noise(submission: Uint8Array, seed: string): Uint8Array {
  const bytes = submission.slice();
  bytes.set(seededRandom(seed).bytes(bytes.length - 16), 16);
  return bytes;
}

describe('a victim is never sorted alone', () => {
  it('control: with enough company, and after a day with whoever came that day, it is sorted', async () => {
    const { registry, clock, seal } = await fresh();
    for (let i = 0; i < MINIMUM; i++) await registry.accept(seal(i).bytes);
    expect(await registry.sort()).toMatchObject({ ran: true, sorted: MINIMUM });
    await registry.accept(seal(100).bytes);
    expect(await registry.sort()).toMatchObject({ ran: false, waiting: 1 });
    clock.advanceDays(1);
    expect(await registry.sort()).toMatchObject({ ran: true, sorted: 1 });
  });

  it('not because somebody sends a submission of an older epoch', async () => {
    const { registry, clock, keys, seal } = await fresh();
    const yesterday = makeSubmission(person(1), keys, { clock });
    clock.advanceDays(1);
    await registry.accept(noise(yesterday.bytes, 'old'));
    await registry.accept(seal(2).bytes);
    expect(await registry.sort()).toMatchObject({ sorted: 0, waiting: 2 });
  });

  it('not because what arrived yesterday may go today', async () => {
    const { registry, clock, seal } = await fresh();
    await registry.accept(seal(1).bytes);
    clock.advanceDays(1);
    await registry.accept(seal(2).bytes);
    expect(await registry.sort()).toMatchObject({ ran: true, sorted: 1, waiting: 1 });
  });

  it('not because of 63 submissions that cannot be opened', async () => {
    const { registry, seal } = await fresh();
    const { bytes } = seal(1);
    for (let i = 0; i < MINIMUM - 1; i++) await registry.accept(noise(bytes, `noise ${i}`));
    await registry.accept(bytes);
    for (let i = 0; i < 4; i++) expect((await registry.sort()).sorted).toBe(0);
    expect((await registry.health()).inbox).toEqual({ waiting: 1, quarantined: MINIMUM - 1 });
  });

  it('not because one submission was sent 63 times in other wrappings', async () => {
    const { registry, clock, keys, seal } = await fresh();
    const mine = seal(1);
    for (let i = 0; i < MINIMUM - 1; i++) await registry.accept(rewrapSubmission(mine.inner, keys, { clock }));
    await registry.accept(seal(2).bytes);
    expect(await registry.sort()).toMatchObject({ sorted: 0, waiting: MINIMUM });
    clock.advanceDays(1);
    await registry.sort();
    expect(await registry.health()).toMatchObject({ ok: true, records: 2, pool: { waiting: 2 } });
  });
});
