import { expect, it } from 'vitest';
import { publicKeyOfSeed, signMessage } from '../../../src/foundation/ed25519.js';
import { changeMessage } from '../../../src/public/change.js';
import type { ProposedChange } from '../../../src/public/change-rules.js';
import { proposeChanges } from '../../../src/registry/propose-changes.js';
import { entryWorld, type Holder } from './entry-world.js';

/**
 * Two keys of one entry id cost some 2^64 trials: a state can have them. It registers with the first and asks with the second; the signature is
 * good for the second, and a batch that verifies it with the first throws, for everybody and for good.
 */
const SECOND = new Uint8Array(32).fill(77);

function retractionBy(seed: Uint8Array, { id }: Holder): { readonly ask: ProposedChange; readonly publicKey: Uint8Array } {
  const publicKey = publicKeyOfSeed(seed);
  const parts = { kind: 'retraction', number: 0, salt: new Uint8Array(32), value: '' } as const;
  const signature = signMessage(changeMessage({ ...parts, entryPublicKey: publicKey }), seed);
  return { ask: { ...parts, id, by: 'holder', signature }, publicKey };
}

it('a request with another key of the same id is about no entry, and stops no batch', async () => {
  const world = entryWorld();
  const holder = await world.addHolder(1);
  await world.publish();
  world.clock.advanceDays(1);
  const { ask, publicKey } = retractionBy(SECOND, holder);
  expect(await proposeChanges(world.context, [{ id: holder.id, ask, publicKey }])).toEqual([undefined]);
  expect(await proposeChanges(world.context, [{ id: holder.id, ask: 'veto', publicKey }])).toEqual([undefined]);
  expect(await world.stores.public.waitingChanges()).toBe(0);
  const own = retractionBy(holder.seed, holder);
  expect(await proposeChanges(world.context, [{ id: holder.id, ...own }])).toMatchObject([{ verdict: { verdict: 'waiting' } }]);
  expect(await world.publish()).toMatchObject({ changes: 1 });
});

it('control: taken in, it would stop every batch', async () => {
  const world = entryWorld();
  const holder = await world.addHolder(1);
  await world.publish();
  const { ask } = retractionBy(SECOND, holder);
  await world.stores.public.addChanges([{ ...ask, dueDay: 0 }]);
  for (let day = 0; day < 2; day++) {
    world.clock.advanceDays(1);
    await expect(world.publish()).rejects.toMatchObject({ code: 'STORE_INTEGRITY' });
  }
});
