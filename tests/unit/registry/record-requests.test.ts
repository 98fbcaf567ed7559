import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { makePolicy, type Registry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { type Claim, findClaim, makeRequest, readReply, type ReplyPlace, type Wish } from '../../../src/person.js';
import { publicKeyOfSeed } from '../../../src/foundation/ed25519.js';
import type { RegistryContext } from '../../../src/registry/context.js';
import { openStores } from '../../../src/registry/open-registry.js';
import { applyRecordRequests } from '../../../src/registry/record-requests.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { recordSeedOf } from '../../../src/submit/kappa-keys.js';
import type { RecordOperation, SignedRequest } from '../../../src/submit/request-format.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../../src/testing.js';

const START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 4;
/** The key of 21 November is replaced on the 28th and destroyed on the 30th. */
const FINAL = '2026-11-30';
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

async function world() {
  const stores = createMemoryStores();
  const clock = fixedClock(START);
  const injected = { clock, backend: nodeBackend, lookUpLimits: { perLocatorPerHour: 1000, perMinute: 10_000 } };
  const registry = await openStores({ stores, keys: custody.keys, policy: makePolicy('tiny', ['party']) }, injected);
  const keys = await registry.publicKeys();
  const made = Array.from({ length: PEOPLE }, (_, i) => {
    const registration = {
      identity: { names: [`Person ${'abcd'[i]}`] },
      statement: { alias: 'jin fu', categories: ['party'] },
      claim: 'words' as const,
    };
    return makeSubmission(registration, keys, { clock, backend: nodeBackend });
  });
  await registry.acceptMany(made.map(({ bytes }) => bytes));
  await registry.sort();
  const claims = await Promise.all(made.map(({ claim }) => findClaim(claim?.reveal() as string, registry.lookUp)));
  const context = { stores, clock, random: seededRandom('record requests'), backend: nodeBackend } as unknown as RegistryContext;
  return { stores, clock, registry, claims, context };
}

/** As the person's device does it: made, sent, sorted; the reply is read with the phrase alone. */
async function sent(registry: Registry, clock: { now(): number }, asked: readonly (readonly [Claim, Wish, number?])[]) {
  const keys = await registry.publicKeys();
  const places: (readonly [Claim, ReplyPlace])[] = [];
  for (const [claim, wish, attempt = 0] of asked) {
    const { bytes, place } = makeRequest(claim, wish, keys, { clock, attempt });
    await registry.apply(bytes);
    places.push([claim, place]);
  }
  const result = await registry.sort();
  return { result, replies: await Promise.all(places.map(([claim, place]) => readReply(claim, place, registry.lookUp))) };
}

const signedBy = (seed: Uint8Array, operation: RecordOperation): SignedRequest => ({
  operation,
  number: 0,
  mailbox: new Uint8Array(32),
  replyKey: new Uint8Array(32),
  salt: new Uint8Array(32),
  value: '',
  changeSignature: new Uint8Array(64),
  publicKey: publicKeyOfSeed(seed),
});
const by = ({ secret }: Claim, operation: RecordOperation): SignedRequest => signedBy(recordSeedOf(secret.reveal().kappa), operation);
const by0 = (claims: readonly Claim[], i: number): Claim => claims[i] as Claim;

describe('requests about a record, from the phrase to the reply', () => {
  it('status, erasure, status again: the reply names the day, and only this record is shut', async () => {
    const { registry, clock, claims } = await world();
    const victim = by0(claims, 1);
    const before = await sent(registry, clock, [[victim, { operation: 'record-status' }]]);
    expect(before).toMatchObject({ result: { answered: 1, quarantined: 0, waiting: 0 }, replies: [{ result: 'done', record: 'sealed' }] });
    expect((await sent(registry, clock, [[victim, { operation: 'erase' }]])).replies).toEqual([
      { result: 'done', record: 'erased', finalOn: FINAL },
    ]);
    expect((await sent(registry, clock, [[victim, { operation: 'record-status', number: 1 }]])).replies).toEqual([
      { result: 'done', record: 'erased' },
    ]);
    expect(await Promise.all(claims.map(({ recordId }) => registry.recordStatus(recordId)))).toEqual([
      'sealed',
      'erased',
      'sealed',
      'sealed',
    ]);
    expect(await Promise.all(claims.map(async ({ recordId }) => (await registry.sealed.get(recordId)) !== undefined))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    // The public side has not moved, and the phrase still finds it.
    expect(await registry.entryStatus(victim.entryId)).toMatchObject({ state: 'waiting', pending: [], removed: false });
  });

  it('erased a second time it is answered again, with a day that is no earlier', async () => {
    const { registry, clock, claims } = await world();
    const victim = by0(claims, 0);
    const [first] = (await sent(registry, clock, [[victim, { operation: 'erase' }]])).replies;
    clock.advanceDays(8);
    await registry.maintain();
    const [second] = (await sent(registry, clock, [[victim, { operation: 'erase' }, 1]])).replies;
    expect([first?.finalOn, second?.finalOn]).toEqual([FINAL, '2026-12-08']);
    expect(await registry.recordStatus(victim.recordId)).toBe('erased');
  });

  it('in one sort: a record erased by one request is erased in every reply, whatever came first', async () => {
    const { registry, clock, claims } = await world();
    const [one, other] = [by0(claims, 2), by0(claims, 3)];
    const { result, replies } = await sent(registry, clock, [
      [one, { operation: 'record-status' }],
      [one, { operation: 'erase' }],
      [other, { operation: 'record-status' }],
      [one, { operation: 'status' }],
    ]);
    expect(result).toMatchObject({ answered: 4, quarantined: 0, waiting: 0 });
    expect(replies).toMatchObject([
      { result: 'done', record: 'erased' },
      { result: 'done', record: 'erased', finalOn: FINAL },
      { result: 'done', record: 'sealed' },
      { result: 'done', entry: { state: 'waiting' } },
    ]);
    expect(replies[0]).not.toHaveProperty('entry');
    expect(replies[3]).not.toHaveProperty('record');
  });

  it('of a record that no store has: no reply, three attempts, quarantine', async () => {
    const { registry, clock } = await world();
    const stranger = await world();
    const { result, replies } = await sent(registry, clock, [[by0(stranger.claims, 0), { operation: 'erase' }]]);
    expect([result.answered, result.waiting, replies]).toEqual([0, 1, [undefined]]);
    await registry.sort();
    expect(await registry.sort()).toMatchObject({ answered: 0, quarantined: 1, waiting: 0 });
    expect(await registry.health()).toMatchObject({ ok: true, records: PEOPLE, inbox: { waiting: 0, quarantined: 1 } });
  });
});

describe('applyRecordRequests', () => {
  it('answers in order: known, unknown and repeated ones mixed', async () => {
    const { context, claims, stores } = await world();
    const [a, b] = [by0(claims, 0), by0(claims, 1)];
    const nobody = new Uint8Array(32).fill(9);
    const requests = [
      signedBy(nobody, 'erase'),
      by(a, 'erase'),
      by(b, 'record-status'),
      by(a, 'erase'),
      signedBy(nobody, 'record-status'),
      by(a, 'record-status'),
    ];
    const erased = { result: 'done', record: 'erased' };
    const expected = [
      undefined,
      { ...erased, finalOn: FINAL },
      { result: 'done', record: 'sealed' },
      { ...erased, finalOn: FINAL },
      undefined,
      erased,
    ];
    expect(await applyRecordRequests(context, requests, 16)).toEqual(expected);
    expect(await applyRecordRequests(context, requests, 16)).toEqual(expected);
    expect(await stores.vault.count()).toBe(PEOPLE);
    expect([...(await stores.shred.generations()).values()]).toEqual([PEOPLE]);
  });

  it.each([
    ['nothing is asked', () => []],
    ['only a status is asked', ([a]: readonly Claim[]) => [by(a as Claim, 'record-status')]],
    ['an unknown record is to be erased', () => [signedBy(new Uint8Array(32).fill(9), 'erase')]],
    ['an erased one is to be erased', ([, b]: readonly Claim[]) => [by(b as Claim, 'erase')]],
    ['one is to be erased', ([a]: readonly Claim[]) => [by(a as Claim, 'erase')]],
  ] as const)('a window of the same size changes when %s', async (_, make) => {
    const { context, claims, stores } = await world();
    await applyRecordRequests(context, [by(by0(claims, 1), 'erase')], 3);
    const image = async () =>
      (await stores.shred.from(new Uint8Array(16), PEOPLE)).map(({ wrapped }) => Buffer.from(wrapped).toString('hex'));
    const before = await image();
    await applyRecordRequests(context, make(claims), 3);
    expect((await image()).filter((wrapped, i) => wrapped !== before[i])).toHaveLength(3);
  });
});
