import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { buildTarget, registrationOf, resume, type Target } from './support/build.js';
import { batchesOf, type Calls, GUESSES, matchByTime, type Published, publishedIn } from './support/call-times.js';
import { type Fixture, PEOPLE, seizedRegistry } from './support/fixture.js';
import { lineOf } from './support/line.js';
import { type AttackResult, printAttack, printControl, printFound, printFoundControl } from './support/report.js';

/** S10: somebody sees on the line who sends what when, and reads the published register. Can he match call and entry? */
let fixture: Fixture;
const running: Omit<Target, 'custody'>[] = [];

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);
afterEach(async () => {
  for (const one of running.splice(0)) await one.destroy();
});

/** A registry with published entries, every operation there is, and locators of which the last is nobody's. */
async function operations() {
  const one = await resume(fixture.image('published'));
  running.push(one);
  const { registry, clock, stores } = one;
  const keys = await registry.publicKeys();
  const options = { clock, backend: nodeBackend };
  const phrase = fixture.truth.find((row) => row.phrase !== undefined)?.phrase as string;
  const claim = await findClaim(phrase, async (locator) => (await stores.claims.get(locator)) as Uint8Array);
  const wishes: Wish[] = [
    { operation: 'status' },
    { operation: 'amend', number: 1, text: 'x'.repeat(2000) },
    { operation: 'amend', number: 1, text: '' },
    { operation: 'show-name', number: 1, name: 'Wang Lei' },
    { operation: 'retract' },
    { operation: 'remove-content' },
    { operation: 'veto' },
    { operation: 'record-status' },
    { operation: 'erase' },
  ];
  const registrations = [
    makeSubmission(registrationOf(9000), keys, options),
    makeSubmission({ ...registrationOf(9001, { text: 'x'.repeat(1500) }), claim: { pin: '12345678' } }, keys, options),
    makeSubmission({ identity: { names: ['Li'] }, statement: { alias: 'jin fu', categories: ['league'] } }, keys, options),
  ];
  const requests = wishes.map((wish) => makeRequest(claim, wish, keys, options).bytes);
  const known = fixture.truth.slice(0, 4).map(({ locator }) => new Uint8Array(Buffer.from(locator, 'hex')));
  return { registry, stores, registrations, requests, locators: [...known, new Uint8Array(32).fill(7)] };
}

describe('what the line shows', () => {
  it('one size for every operation, one answer to every submission, one size for every look-up', async () => {
    const { registry, registrations, requests, locators } = await operations();
    const sent = [...registrations.map(({ bytes }) => bytes), ...requests];
    const { sizes, answers, looked } = await lineOf(registry, sent, locators);
    printFound(`S10 sizes of ${sent.length} operations on the line`, sizes.length, 1);
    printFound('S10 answers to them', answers.length, 1);
    printFound('S10 sizes of an answer to a look-up', looked.length, 1);
    expect([sizes, answers, looked]).toEqual([[24_576], [undefined], [296]]);
  });

  it('control: a client that does not pad, an intake that says what it took, a look-up that is empty where there is nothing', async () => {
    const { stores, registrations, requests, locators } = await operations();
    // The same three registrations without padding: the statement alone tells them apart.
    const unpadded = registrations.map(({ inner }) => decodeInner(inner.reveal()).statement);
    const telling = {
      apply: async (bytes: Uint8Array) => (requests.includes(bytes) ? 'noted' : 'registered'),
      lookUp: async (locator: Uint8Array) => (await stores.claims.get(locator)) ?? new Uint8Array(0),
    };
    const { sizes, answers, looked } = await lineOf(telling, [...unpadded, ...requests], locators);
    printFoundControl('S10 sizes of operations on the line, three without padding', sizes.length, 1);
    printFoundControl('S10 answers to them, from an intake that says what it took', answers.length, 1);
    printFoundControl('S10 sizes of an answer to a look-up, empty where there is nothing', looked.length, 1);
    expect([sizes.length, answers.length, looked.length]).toEqual([unpadded.length + 1, 2, 2]);
  });
});

describe('matching calls and entries by time', () => {
  const DAYS = 7;

  it(`standard: ${PEOPLE} calls over ${DAYS} days, published daily: the best guess is within 1/k`, async () => {
    const one = await resume(fixture.image('empty'));
    running.push(one);
    const { registry, clock } = one;
    const perDay = Math.ceil(PEOPLE / DAYS);
    const first = Math.floor(clock.now() / 86_400_000);
    for (let day = 0; day < 80 && (day < DAYS || (await registry.health()).pool.waiting > 0); day++) {
      for (let at = day * perDay; at < Math.min(PEOPLE, (day + 1) * perDay); at += 256)
        await registry.acceptMany(
          Array.from({ length: Math.min(256, Math.min(PEOPLE, (day + 1) * perDay) - at) }, (_, i) => fixture.submission(at + i)),
        );
      await registry.publish();
      await registry.maintain();
      clock.advanceDays(1);
    }
    const published = publishedIn(one.dir, first);
    expect(published).toHaveLength(PEOPLE);
    const sizes = [...batchesOf(published).values()].map(({ length }) => length);
    const { k } = registry.policy;
    process.stdout.write(`  S10 ${sizes.length} batches of ${Math.min(...sizes)} to ${Math.max(...sizes)}, k = ${k}\n`);
    const results = matchByTime(published, { entries: fixture.truth.map(({ entry }) => entry), perDay }, k);
    const best = results.reduce((a, b) => (b.hits > a.hits ? b : a));
    printAttack({ ...best, attack: `${best.attack} (best of ${results.length})` });
    expect(best.hits / PEOPLE).toBeLessThanOrEqual(best.bound);
  });

  it('control: published at once, in the order of the calls; the same with every delay that all have alike', async () => {
    const one = await buildTarget(makePolicy('tiny', ['party', 'league']));
    running.push(one);
    const keys = await one.registry.publicKeys();
    const entries: string[] = [];
    for (let i = 0; i < 64; i++) {
      const made = makeSubmission(registrationOf(i), keys, { clock: one.clock, backend: nodeBackend });
      await one.registry.accept(made.bytes);
      await one.registry.publish({ now: true });
      entries.push(made.entryId);
    }
    const atOnce = publishedIn(one.dir, Math.floor(one.clock.now() / 86_400_000));
    const calls = { entries, perDay: entries.length };
    const caught = (name: string, published: readonly Published[], how: Calls): AttackResult =>
      matchByTime(published, how, 20).find(({ attack }) => attack === name) as AttackResult;

    const delayed = GUESSES.samePlace.map((name, days) =>
      caught(
        name,
        atOnce.map((entry) => ({ ...entry, day: entry.day + days })),
        calls,
      ),
    );
    const worst = delayed.reduce((a, b) => (b.hits < a.hits ? b : a));
    printControl({ ...worst, attack: `S10 call and entry, same place in the batch, all after one delay (worst of ${delayed.length})` });
    // One call and one batch a day.
    const daily = atOnce.map((entry, i) => ({ ...entry, day: i + 1 }));
    const smallest = caught(GUESSES.smallestBatch, daily, { entries, perDay: 1 });
    const rank = caught(GUESSES.sameRank, atOnce, calls);
    printControl({ ...smallest, attack: `${smallest.attack}, batches of one` });
    printControl({ ...rank, attack: `${rank.attack}, immediate publication` });
    for (const { hits } of [...delayed, smallest, rank]) expect(hits).toBe(entries.length);
  });
});
