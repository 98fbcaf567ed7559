import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { all, buildTarget, registrationOf, resume, type Target } from './support/build.js';
import { type Fixture, PEOPLE, seizedRegistry } from './support/fixture.js';
import { boundOf, printAttack, printControl, printFound, printFoundControl } from './support/report.js';
import { seizeEntries, seize } from './support/seized.js';

/** S10: somebody sees on the line who sends what when, and reads the published register. Can he match call and entry? */
let fixture: Fixture;
const running: Omit<Target, 'custody'>[] = [];

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);
afterEach(async () => {
  for (const one of running.splice(0)) await one.destroy();
});

describe('what the line shows', () => {
  it('one size for every operation, one answer to every submission, one size for every look-up', async () => {
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
    const made = [
      makeSubmission(registrationOf(9000), keys, options),
      makeSubmission({ ...registrationOf(9001, { text: 'x'.repeat(1500) }), claim: { pin: '12345678' } }, keys, options),
      makeSubmission({ identity: { names: ['Li'] }, statement: { alias: 'jin fu', categories: ['league'] } }, keys, options),
    ];
    const sent = [...made.map(({ bytes }) => bytes), ...wishes.map((wish) => makeRequest(claim, wish, keys, options).bytes)];
    const sizes = new Set(sent.map(({ length }) => length));
    const answers = new Set<unknown>();
    for (const bytes of sent) answers.add(await registry.apply(bytes));
    const looked = new Set<number>();
    for (const { locator } of fixture.truth.slice(0, 4))
      looked.add((await registry.lookUp(new Uint8Array(Buffer.from(locator, 'hex')))).length);
    looked.add((await registry.lookUp(new Uint8Array(32).fill(7))).length);
    // The same three registrations as a client would send them that does not pad: the statement alone tells them apart.
    const unpadded = made.map(({ inner }) => decodeInner(inner.reveal()).statement.length);
    printFoundControl('S10 sizes of operations without padding', new Set(unpadded).size);
    expect(new Set(unpadded).size).toBe(made.length);
    printFound(`S10 sizes of ${sent.length} operations on the line`, sizes.size, 1);
    printFound('S10 answers to them', answers.size, 1);
    printFound('S10 sizes of an answer to a look-up', looked.size, 1);
    expect([[...sizes], [...answers], [...looked]]).toEqual([[24_576], [undefined], [296]]);
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
    const dayOfBatch = new Map(
      seize(one.dir, 'public/public.db', 'batches').map(({ id, columns }) => [
        Number(id.readBigUInt64BE()),
        (columns[1] as number) - first,
      ]),
    );
    const entries = seizeEntries(one.dir).map(({ id, columns, bytes }) => ({
      entry: id.toString('hex'),
      number: columns[1] as number,
      day: dayOfBatch.get(Number(/"batch":(\d+)/u.exec(bytes.toString('latin1'))?.[1])) as number,
    }));
    expect(entries).toHaveLength(PEOPLE);
    const byDay = new Map<number, string[]>();
    for (const { day, entry } of entries.sort((a, b) => a.number - b.number)) byDay.set(day, [...(byDay.get(day) ?? []), entry]);
    const sizes = [...byDay.values()].map(({ length }) => length);
    const k = registry.policy.k;
    process.stdout.write(`  S10 ${byDay.size} batches of ${Math.min(...sizes)} to ${Math.max(...sizes)}, k = ${k}\n`);
    // The delay is public policy, so he knows in which batches a call may be; in each he takes the place that the call had in its day.
    const dayOf = (call: number): number => Math.floor(call / perDay);
    const later = Array.from({ length: 29 }, (_, days): [string, (call: number) => string | undefined] => [
      `same place in the batch ${days} days later`,
      (call) => placed(byDay.get(dayOf(call) + days), (call % perDay) / perDay),
    ]);
    const strategies: [string, (call: number) => string | undefined][] = [
      ...later,
      ['first of the smallest batch', (call) => smallest(byDay, dayOf(call), 28)?.[0]],
      ['same rank among all', (call) => entries[call]?.entry],
    ];
    const results = strategies.map(([name, guess]) => {
      const hits = fixture.truth.filter(({ entry }, call) => guess(call) === entry).length;
      return { attack: `S10 call and entry, ${name}`, hits, trials: PEOPLE, chance: 1 / k, bound: 1 / k };
    });
    const best = results.reduce((a, b) => (b.hits > a.hits ? b : a));
    printAttack({ ...best, attack: `${best.attack} (best of ${results.length})` });
    expect(best.hits / PEOPLE).toBeLessThanOrEqual(best.bound);
  });

  it('control: published at once, the newest entry is the last call', async () => {
    const one = await buildTarget(makePolicy('tiny', ['party', 'league']));
    running.push(one);
    const keys = await one.registry.publicKeys();
    const calls = 64;
    let hits = 0;
    for (let i = 0; i < calls; i++) {
      const made = makeSubmission(registrationOf(i), keys, { clock: one.clock, backend: nodeBackend });
      await one.registry.accept(made.bytes);
      await one.registry.publish({ now: true });
      if ((await all(one.registry.entries())).at(-1)?.entryId === made.entryId) hits++;
    }
    printControl({
      attack: 'S10 call and entry, immediate publication',
      hits,
      trials: calls,
      chance: 1 / 20,
      bound: boundOf(1 / 20, calls),
    });
    expect(hits).toBe(calls);
  });
});

const placed = (batch: readonly string[] | undefined, share: number): string | undefined => batch?.[Math.floor(share * batch.length)];

function smallest(byDay: ReadonlyMap<number, readonly string[]>, day: number, window: number): readonly string[] | undefined {
  const possible = Array.from({ length: window }, (_, i) => byDay.get(day + 1 + i)).filter((batch) => batch !== undefined);
  return possible.sort((a, b) => a.length - b.length)[0];
}
