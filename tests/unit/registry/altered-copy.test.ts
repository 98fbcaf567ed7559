import { afterEach, expect, test } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { equalBytes, toHex } from '../../../src/foundation/bytes.js';
import { submissionIds } from '../../../src/registry/accept.js';
import type { Stores } from '../../../src/registry/stores.js';
import { currentEpoch, wrapSubmission } from '../../../src/submit/wrap-submission.js';
import { createMemoryStores, seededRandom } from '../../../src/testing.js';

/**
 * The id of a submission is taken from its header, the end of its encapsulated key and its tag. Somebody who sees one on its way can send a
 * copy with another middle ahead of it: the same id, but it does not open. The true one must come through all the same.
 */
const clock = { now: () => Date.UTC(2026, 10, 21, 9) };
let registry: Registry;
let stores: Stores;
afterEach(() => registry.close());

async function prepared() {
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  stores = createMemoryStores();
  registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { clock, backend: nodeBackend });
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

test('nor does one that two sorts put into the quarantine, between which the true one came', async () => {
  const { bytes, altered } = await prepared();
  await registry.accept(altered);
  for (let i = 0; i < 2; i++) await registry.sort();
  const drain = stores.inbox.drain.bind(stores.inbox);
  stores.inbox.drain = async (...drained) => {
    stores.inbox.drain = drain;
    await registry.sort();
    await registry.accept(bytes);
    return drain(...drained);
  };
  await registry.sort();
  expect((await registry.health()).inbox).toEqual({ waiting: 1, quarantined: 1 });
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

test('the id is that of header, end of the encapsulated key and tag', async () => {
  const { bytes } = await prepared();
  const idOf = submissionIds(nodeBackend);
  const changes = (at: number): boolean => !equalBytes(idOf(bytes), idOf(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))));
  expect([0, 15, 1072, 1103, 1104, 1168, 24_560, 24_575].map(changes)).not.toContain(false);
  expect([16, 1071, 1169, 24_559].map(changes)).not.toContain(true);
});

test('two insides that a device sealed with the same randomness are both taken', async () => {
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  registry = await openRegistry(
    { stores: createMemoryStores(), keys, policy: makePolicy('tiny', ['party']) },
    { clock, backend: nodeBackend },
  );
  const publicKeys = await registry.publicKeys();
  const epoch = currentEpoch(publicKeys.epochs, clock);
  const encs = new Set<string>();
  for (const name of ['Wang Lei', 'Li Na']) {
    const { inner } = makeSubmission({ identity: { names: [name] }, statement: { alias: 'jin fu', categories: ['party'] } }, publicKeys, {
      clock,
    });
    // A clone, or a snapshot that was resumed: it draws the same again.
    const bytes = wrapSubmission(inner.reveal(), epoch, { random: seededRandom('once') });
    encs.add(toHex(bytes.subarray(16, 1169)));
    await registry.accept(bytes);
    expect(await registry.sort()).toMatchObject({ sorted: 1 });
  }
  // Control: they have one encapsulated key, so without the tag they would have one id.
  expect(encs.size).toBe(1);
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
