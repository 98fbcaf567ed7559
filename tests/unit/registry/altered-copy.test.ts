import { afterEach, expect, test } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { submissionIds } from '../../../src/registry/accept.js';
import { createMemoryStores } from '../../../src/testing.js';

/**
 * The id of a submission is taken from a part of its encapsulated key. Somebody who sees one on its way can send a copy with another
 * inside ahead of it: the same id, but it does not open. The true one must come through all the same.
 */
const clock = { now: () => Date.UTC(2026, 10, 21, 9) };
let registry: Registry;
afterEach(() => registry.close());

async function prepared() {
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  registry = await openRegistry(
    { stores: createMemoryStores(), keys, policy: makePolicy('tiny', ['party']) },
    { clock, backend: nodeBackend },
  );
  const registration = { identity: { names: ['Wang Lei'] }, statement: { alias: 'jin fu', categories: ['party'] } };
  const { bytes } = makeSubmission(registration, await registry.publicKeys(), { clock, backend: nodeBackend });
  const altered = bytes.map((byte, i) => (i === 12_000 ? byte ^ 1 : byte));
  expect(submissionIds(nodeBackend)(altered)).toEqual(submissionIds(nodeBackend)(bytes));
  return { bytes, altered };
}

const waiting = async (): Promise<number> => (await registry.health()).inbox.waiting;

test('an altered copy that came first does not displace the true one, and repetitions of both are stored once', async () => {
  const { bytes, altered } = await prepared();
  for (const one of [altered, bytes, bytes, altered]) await registry.accept(one);
  expect(await waiting()).toBe(2);
  expect(await registry.sort()).toMatchObject({ sorted: 1, quarantined: 0, waiting: 1 });
});

test('nor does one that was already quarantined', async () => {
  const { bytes, altered } = await prepared();
  await registry.accept(altered);
  for (let i = 0; i < 3; i++) await registry.sort();
  expect([await waiting(), (await registry.health()).inbox.quarantined]).toEqual([0, 1]);
  await registry.accept(bytes);
  expect(await registry.sort()).toMatchObject({ sorted: 1, waiting: 0 });
});

test('control: what opened is remembered, and an altered copy of it is dropped at the door', async () => {
  const { bytes, altered } = await prepared();
  await registry.accept(bytes);
  await registry.sort();
  await registry.accept(altered);
  await registry.accept(bytes);
  expect(await waiting()).toBe(0);
});

test('of two that share an id and go to the quarantine, both are kept', async () => {
  const { altered } = await prepared();
  const other = altered.map((byte, i) => (i === 13_000 ? byte ^ 1 : byte));
  for (const one of [altered, other, altered]) {
    await registry.accept(one);
    for (let i = 0; i < 3; i++) await registry.sort();
  }
  expect((await registry.health()).inbox).toEqual({ waiting: 0, quarantined: 2 });
});
