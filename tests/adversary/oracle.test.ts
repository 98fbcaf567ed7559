import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_CODES, makePolicy, type Registry } from '../../src/index.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { decodeStatement, encodeStatement } from '../../src/public/statement.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../src/submit/inner-format.js';
import { wrapSubmission } from '../../src/submit/wrap-submission.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { garbageLike } from './support/garbage.js';
import { printFound } from './support/report.js';

/** P5 and P8 against a sender with a device of his own making: he learns nothing, overwrites nothing, stops nothing, unbalances nothing. */
let target: Target;

afterEach(async () => target.destroy());

async function fresh(): Promise<Target> {
  target = await buildTarget(makePolicy('tiny', ['party', 'league']));
  return target;
}

async function made(i: number, change = {}) {
  const { registry, clock } = target;
  return makeSubmission(registrationOf(i, change), await registry.publicKeys(), { clock, backend: nodeBackend });
}

/** A submission as a hostile device would build it: every slot is its choice. */
async function forged(i: number, change: (inner: InnerSubmission) => Partial<InnerSubmission>): Promise<Uint8Array> {
  const inner = decodeInner((await made(i)).inner.reveal());
  return wrapped(encodeInner({ ...inner, ...change(inner) }));
}

async function wrapped(padded: Uint8Array): Promise<Uint8Array> {
  const [epoch] = (await target.registry.publicKeys()).epochs;
  if (epoch === undefined) throw new Error('there is an epoch');
  return wrapSubmission(padded, epoch, { backend: nodeBackend });
}

/** All that a sender sees. */
async function visible(registry: Registry) {
  return JSON.stringify([await registry.counts(), await all(registry.entries()), [...(await registry.publicKeys()).epochs].length]);
}

describe('accept answers everybody alike', () => {
  it('new, repeated, re-wrapped, sorted before, published before, noise: undefined, and nothing visible changes', async () => {
    const { registry, clock } = await fresh();
    const keys = await registry.publicKeys();
    const one = await made(1);
    const other = await made(2);
    const answers: unknown[] = [];
    const send = async (bytes: Uint8Array): Promise<void> => {
      const before = await visible(registry);
      answers.push(await registry.accept(bytes));
      expect(await visible(registry)).toBe(before);
    };
    await send(one.bytes);
    await send(one.bytes);
    await send(rewrapSubmission(one.inner, keys, { clock }));
    await send(garbageLike(one.bytes));
    await registry.sort();
    await send(one.bytes);
    await send(rewrapSubmission(one.inner, keys, { clock }));
    await send(other.bytes);
    await registry.publish({ now: true });
    await send(one.bytes);
    await send(rewrapSubmission(one.inner, keys, { clock }));
    await send(rewrapSubmission(other.inner, keys, { clock }));
    for (let i = 0; i < 3; i++) await registry.publish({ now: true });
    expect(answers).toEqual(answers.map(() => undefined));
    expect((await registry.counts()).total).toBe(2);
    expect(await registry.health()).toMatchObject({ problems: [], records: 2, entries: 2, inbox: { waiting: 0, quarantined: 1 } });
    printFound('answers that differ', answers.filter((answer) => answer !== undefined).length, 0);
  });

  it('what is wrong from outside has a named code, the same before and after a victim registered, and stores nothing', async () => {
    const { registry, clock } = await fresh();
    const { bytes } = await made(1);
    const header = (epoch: number, expires: number): Uint8Array => {
      const copy = bytes.slice();
      new DataView(copy.buffer).setUint32(8, epoch);
      new DataView(copy.buffer).setUint32(12, expires);
      return copy;
    };
    const day = Math.floor(clock.now() / 86_400_000);
    const wrong: [string, Uint8Array][] = [
      ['SUBMISSION_INVALID', bytes.slice(1)],
      ['SUBMISSION_INVALID', new Uint8Array(0)],
      ['SUBMISSION_INVALID', Uint8Array.from([...bytes, 0])],
      ['SUBMISSION_INVALID', new Uint8Array(bytes.length)],
      ['SUBMISSION_INVALID', header(day, day + 100)],
      ['EPOCH_EXPIRED', header(day - 8, day - 1)],
      ['EPOCH_UNKNOWN', header(day - 1, day + 6)],
      ['EPOCH_UNKNOWN', header(day + 2, day + 9)],
      ['EPOCH_UNKNOWN', header(4_000_000_000, 4_000_000_007)],
    ];
    const codes = async () =>
      Promise.all(
        wrong.map(async ([, submission]) =>
          registry.accept(submission).then(
            () => 'accepted',
            (error) => error.code,
          ),
        ),
      );
    const before = await codes();
    expect(before).toEqual(wrong.map(([code]) => code));
    expect(before.every((code) => ERROR_CODES.includes(code))).toBe(true);
    await registry.accept(bytes);
    await registry.publish({ now: true });
    expect(await codes()).toEqual(before);
    expect((await registry.health()).inbox).toEqual({ waiting: 0, quarantined: 0 });
    await expect(registry.acceptMany([(await made(3)).bytes, bytes.slice(1)])).rejects.toMatchObject({ code: 'SUBMISSION_INVALID' });
    expect((await registry.health()).inbox.waiting).toBe(0);
  });
});

describe('somebody else’s entry or record', () => {
  it('a statement under a published entry’s key is quarantined and changes nothing', async () => {
    const { registry } = await fresh();
    await registry.accept((await made(1, { alias: 'wan shun' })).bytes);
    await registry.publish({ now: true });
    const before = await visible(registry);
    const [entry] = await all(registry.entries());
    const hijack = await forged(2, ({ statement }) => ({
      statement: encodeStatement({ ...decodeStatement(statement), entryKey: entry?.entryKey as string }),
    }));
    await registry.accept(hijack);
    await registry.publish({ now: true });
    printFound('entries overwritten', (await visible(registry)) === before ? 0 : 1, 0);
    expect(await visible(registry)).toBe(before);
    expect(await registry.health()).toMatchObject({ problems: [], records: 1, entries: 1, inbox: { quarantined: 1 } });
  });

  const variants: [string, (victim: InnerSubmission) => (mine: InnerSubmission) => Partial<InnerSubmission>][] = [
    [
      'a published statement with its salt, and a record of one’s own',
      (victim) => () => ({ statement: victim.statement, salt: victim.salt }),
    ],
    [
      'a known record with another statement',
      (victim) => () => ({
        recordId: victim.recordId,
        identity: victim.identity,
        contact: victim.contact,
        link: victim.link,
        shred: victim.shred,
      }),
    ],
    ['a known record id with another body', (victim) => () => ({ recordId: victim.recordId })],
    ['a known record and body with another shred', (victim) => () => ({ ...victim, shred: new Uint8Array(32) })],
    ['a known claim locator', (victim) => () => ({ locator: victim.locator })],
  ];

  it.each(variants)('%s: one record, one entry, one claim for each accepted; the books still balance', async (name, change) => {
    const { registry } = await fresh();
    const victim = await made(1);
    await registry.accept(victim.bytes);
    await registry.publish({ now: true });
    const before = await visible(registry);
    await registry.accept(await forged(2, change(decodeInner(victim.inner.reveal()))));
    for (let i = 0; i < 3; i++) await registry.publish({ now: true });
    const { problems, records, entries, claims, inbox } = await registry.health();
    printFound(
      `books out of balance after ${name} (${records} records, ${entries} entries, ${claims} claims, ${inbox.quarantined} quarantined)`,
      problems.length,
      0,
    );
    expect(problems).toEqual([]);
    expect([records, entries, claims]).toEqual([entries, entries, entries]);
    if (entries === 1) expect(await visible(registry)).toBe(before);
  });

  it.each(variants)('the same within one sort batch: %s', async (name, change) => {
    const { registry } = await fresh();
    const victim = await made(1);
    await registry.acceptMany([victim.bytes, await forged(2, change(decodeInner(victim.inner.reveal())))]);
    for (let i = 0; i < 3; i++) await registry.publish({ now: true });
    const { problems, records, entries, claims } = await registry.health();
    printFound(`books out of balance after ${name}, one batch`, problems.length, 0);
    expect(problems).toEqual([]);
    expect([records, entries, claims]).toEqual([entries, entries, entries]);
  });

  it('a record that is larger than all others is not taken in', async () => {
    const { registry } = await fresh();
    // Two wraps in place of one: whoever seizes the vault sees which records a hostile device has marked.
    const bytes = await forged(1, ({ identity }) => ({ identity: withTwoWraps(identity) }));
    await registry.acceptMany([bytes, (await made(2)).bytes]);
    await registry.sort();
    const sizes = new Set<number>();
    for await (const id of registry.sealed.ids()) sizes.add((await registry.sealed.get(id))?.identity.length ?? 0);
    printFound('sizes of records besides the one', sizes.size - 1, 0);
    expect(sizes.size).toBe(1);
  });
});

function withTwoWraps(identity: Uint8Array): Uint8Array {
  const wrap = identity.slice(43, 43 + 1314);
  const second = wrap.slice();
  second.fill(0xff, 0, 16); // another key id, after the first in order
  return Uint8Array.from([...identity.slice(0, 42), 2, ...wrap, ...second, ...identity.slice(43 + 1314)]);
}

describe('poison', () => {
  it('nothing a stranger can send stops the sort or the publication of the others', async () => {
    const { registry } = await fresh();
    const good = await made(1);
    const inner = decodeInner(good.inner.reveal());
    const padded = encodeInner(inner);
    const statement = Buffer.from(inner.statement).toString();
    const text = (json: string) => encodeInner({ ...inner, statement: new TextEncoder().encode(json) });
    const insides: Uint8Array[] = [
      '{}',
      'null',
      '[]',
      '""',
      '0',
      '',
      ' ',
      '\ufeff{}',
      '{'.repeat(2000),
      '['.repeat(4000),
      `{"key":`.repeat(500),
      statement.replace('"jin fu"', 'null'),
      statement.replace('"jin fu"', '["jin fu"]'),
      statement.replace('"jin fu"', '{"__proto__":1}'),
      statement.replace('"jin fu"', '"\\ud800"'),
      statement.replace('"jin fu"', '"\\u0000"'),
      statement.replace('"jin fu"', '"=1+1"'),
      statement.replace('["party"]', '["nowhere"]'),
      statement.replace('["party"]', '[{}]'),
      statement.replace('["party"]', '[]'),
      statement.replace('["party"]', '"party"'),
      statement.replace('["party"]', '["party","party"]'),
      statement.replace('["party"]', '["__proto__"]'),
      statement.replace('["party"]', '["constructor"]'),
      statement.replace('"alias"', '"name"'),
      statement.replace('"stated"', '"toString"'),
      statement.replace('"live"', '"__proto__"'),
      statement.replace(/"period":"[^"]*"/u, '"period":"9999-99"'),
      statement.replace(/"key":"[^"]*"/u, '"key":""'),
      statement.replace('{', '{"__proto__":{},'),
      statement.replace(/"key":"[^"]*"/u, `"key":"${'0'.repeat(64)}"`),
      statement.replace('{', '{"a":1,'),
      `${statement} `,
      statement.replace('"jin fu"', '1e309'),
    ].map(text);
    for (const slot of ['recordId', 'shred', 'salt', 'locator', 'claimRow'] as const)
      insides.push(encodeInner({ ...inner, [slot]: new Uint8Array(inner[slot].length) }));
    for (const part of ['identity', 'contact', 'link'] as const)
      for (const bytes of [new Uint8Array(0), new Uint8Array(9000), inner[part].slice(1), inner.contact.slice(0, 42)])
        insides.push(encodeInner({ ...inner, [part]: bytes }));
    insides.push(new Uint8Array(padded.length), new Uint8Array(padded.length).fill(0x80), new Uint8Array(padded.length).fill(255));
    for (let i = 0; i < 24; i++) {
      const flipped = padded.slice();
      flipped[(i * 977) % 9600] = (flipped[(i * 977) % 9600] as number) ^ (1 << (i % 8));
      insides.push(flipped);
    }
    const sent = await Promise.all(insides.map(wrapped));
    for (const point of [
      new Uint8Array(65),
      Uint8Array.from([4, ...new Uint8Array(64)]),
      new Uint8Array(65).fill(4),
      new Uint8Array(65).fill(255),
    ]) {
      const copy = good.bytes.slice();
      copy.set(point, 16 + 1088);
      sent.push(copy);
    }
    sent.push(garbageLike(good.bytes));
    await registry.acceptMany(sent);
    const victims = [await made(11), await made(12), await made(13)];
    await registry.acceptMany(victims.map(({ bytes }) => bytes));
    for (let i = 0; i < 4; i++) await registry.publish({ now: true });
    const published = new Set((await all(registry.entries())).map(({ entryId }) => entryId));
    const lost = victims.filter(({ entryId }) => !published.has(entryId)).length;
    const { inbox, pool } = await registry.health();
    printFound(
      `statements stopped by ${sent.length} poisoned submissions (${inbox.quarantined} quarantined)`,
      lost + inbox.waiting + pool.waiting,
      0,
    );
    expect(lost).toBe(0);
    expect([inbox.waiting, pool.waiting]).toEqual([0, 0]);
  });
});
