import { toHex } from '../../../src/foundation/bytes.js';
import type { Health } from '../../../src/index.js';
import { rewrapSubmission } from '../../../src/intake.js';
import { decodeStatement, encodeStatement } from '../../../src/public/statement.js';
import type { InnerSubmission } from '../../../src/submit/inner-format.js';
import { all } from './build.js';
import { garbageLike } from './garbage.js';
import { type Attacked, forged, innerOf, made, publishedIds, publishTimes, visible } from './sender.js';

/** What a sender tries. Each gives the number of leaks it saw; on the library 0, on the leaky builds of oracle-controls.test.ts more. */

/** New, repeated, re-wrapped, sorted before, published before, noise. */
export async function askAlike(target: Attacked): Promise<{ readonly answers: number; readonly changes: number }> {
  const { registry, clock } = target;
  const keys = await registry.publicKeys();
  const [one, other] = [await made(target, 1), await made(target, 2)];
  let [answers, changes] = [0, 0];
  const send = async (bytes: Uint8Array): Promise<void> => {
    const before = await visible(registry);
    const answer: unknown = await registry.accept(bytes);
    if (answer !== undefined) answers++;
    if ((await visible(registry)) !== before) changes++;
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
  return { answers, changes };
}

/** What is wrong from outside, and the code it must get. */
function wrongOnes(bytes: Uint8Array, now: number): [code: string, submission: Uint8Array][] {
  const header = (epoch: number, expires: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(8, epoch);
    new DataView(copy.buffer).setUint32(12, expires);
    return copy;
  };
  const day = Math.floor(now / 86_400_000);
  return [
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
}

/** What is wrong from outside, before and after a victim registered, one by one and in one call with a good one. */
export async function askWrongly(
  target: Attacked,
): Promise<{ readonly unnamed: number; readonly differing: number; readonly stored: number }> {
  const { registry, clock } = target;
  const { bytes } = await made(target, 1);
  const wrong = wrongOnes(bytes, clock.now());
  const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'accepted',
      (error) => error.code,
    );
  const codes = async (): Promise<unknown[]> => Promise.all(wrong.map(async ([, submission]) => codeOf(registry.accept(submission))));
  const kept = async (): Promise<number> => {
    const { waiting, quarantined } = (await registry.health()).inbox;
    return waiting + quarantined;
  };
  const before = await codes();
  let stored = await kept();
  await registry.accept(bytes);
  await registry.publish({ now: true });
  const atRest = await kept();
  const after = await codes();
  const together = await codeOf(registry.acceptMany([(await made(target, 3)).bytes, bytes.slice(1)]));
  stored += (await kept()) - atRest;
  return {
    unnamed: before.filter((code, i) => code !== wrong[i]?.[0]).length + (together === 'SUBMISSION_INVALID' ? 0 : 1),
    differing: after.filter((code, i) => code !== before[i]).length,
    stored,
  };
}

/** Another statement under the key of a published entry: 1 if anything visible is another afterwards. */
export async function hijack(target: Attacked): Promise<number> {
  const { registry } = target;
  await registry.accept((await made(target, 1, { alias: 'wan shun' })).bytes);
  await registry.publish({ now: true });
  const before = await visible(registry);
  const [entry] = await all(registry.entries());
  const submission = await forged(target, 2, ({ statement }) => ({
    statement: encodeStatement({ ...decodeStatement(statement), entryKey: entry?.entryKey as string }),
  }));
  await registry.accept(submission);
  await registry.publish({ now: true });
  return (await visible(registry)) === before ? 0 : 1;
}

/** What a hostile device takes over from a victim's submission. */
export type Takeover = (victim: InnerSubmission) => Partial<InnerSubmission>;

export const TAKEOVERS: readonly (readonly [name: string, take: Takeover])[] = [
  ['a published statement with its salt, and a record of one’s own', ({ statement, salt }) => ({ statement, salt })],
  [
    'a known record with another statement',
    ({ recordId, identity, contact, link, shred }) => ({ recordId, identity, contact, link, shred }),
  ],
  ['a known record id with another body', ({ recordId }) => ({ recordId })],
  ['a known record and body with another shred', (victim) => ({ ...victim, shred: new Uint8Array(32) })],
  ['a known claim locator', ({ locator }) => ({ locator })],
];

interface Books {
  readonly health: Health;
  /** Problems, and stores that do not have as many as there are entries. */
  readonly unbalanced: number;
}

async function booksOf({ registry }: Attacked): Promise<Books> {
  const health = await registry.health();
  const { problems, records, entries, claims } = health;
  return { health, unbalanced: problems.length + Number(records !== entries) + Number(claims !== entries) };
}

/** After the victim was published. `changed`: 1 if anything visible is another, or the victim's record or claim row. */
export async function takeOver(target: Attacked, take: Takeover): Promise<Books & { readonly changed: number }> {
  const { registry } = target;
  const victim = await made(target, 1);
  const inner = innerOf(victim);
  const state = async (): Promise<string> => {
    const record = await registry.sealed.get(toHex(inner.recordId));
    const parts = [record?.identity, record?.contact, record?.link, record?.shred, await registry.lookUp(inner.locator)];
    return [await visible(registry), ...parts.map((part) => part && toHex(part))].join();
  };
  await registry.accept(victim.bytes);
  await registry.publish({ now: true });
  const before = await state();
  await registry.accept(await forged(target, 2, () => take(inner)));
  for (let i = 0; i < 3; i++) await registry.publish({ now: true });
  return { ...(await booksOf(target)), changed: (await state()) === before ? 0 : 1 };
}

/** Both in one sort batch. */
export async function takeOverTogether(target: Attacked, take: Takeover): Promise<Books> {
  const { registry } = target;
  const victim = await made(target, 1);
  await registry.acceptMany([victim.bytes, await forged(target, 2, () => take(innerOf(victim)))]);
  for (let i = 0; i < 3; i++) await registry.publish({ now: true });
  return booksOf(target);
}

const COUNT_AT = 42;
const FIRST_WRAP_ENDS = 43 + 1314;

/** Two wraps in place of one: whoever seizes the vault sees which records a hostile device has marked. */
function withTwoWraps(identity: Uint8Array): Uint8Array {
  const wrap = identity.slice(COUNT_AT + 1, FIRST_WRAP_ENDS);
  const second = wrap.slice();
  second.fill(0xff, 0, 16); // another key id, after the first in order
  return Uint8Array.from([...identity.slice(0, COUNT_AT), 2, ...wrap, ...second, ...identity.slice(FIRST_WRAP_ENDS)]);
}

/** The same without the second, if there is one. */
export function withOneWrap(identity: Uint8Array): Uint8Array {
  const rest = FIRST_WRAP_ENDS + (identity[COUNT_AT] === 2 ? FIRST_WRAP_ENDS - COUNT_AT - 1 : 0);
  return Uint8Array.from([...identity.slice(0, COUNT_AT), 1, ...identity.slice(COUNT_AT + 1, FIRST_WRAP_ENDS), ...identity.slice(rest)]);
}

/** A record that is larger than the others, beside one that is not: sizes in the vault besides the one. */
export async function markRecord(target: Attacked): Promise<number> {
  const { registry } = target;
  const bytes = await forged(target, 1, ({ identity }) => ({ identity: withTwoWraps(identity) }));
  await registry.acceptMany([bytes, (await made(target, 2)).bytes]);
  await registry.sort();
  const sizes = new Set<number>();
  for await (const id of registry.sealed.ids()) sizes.add((await registry.sealed.get(id))?.identity.length ?? 0);
  return sizes.size - 1;
}

/** Poison first, victims after it: statements that were not published, rows that still wait, publications that failed. */
export async function stopOthers(
  target: Attacked,
  poison: readonly Uint8Array[],
): Promise<{ readonly stopped: number; readonly quarantined: number }> {
  const { registry } = target;
  await registry.acceptMany(poison);
  const victims = [await made(target, 11), await made(target, 12), await made(target, 13)];
  await registry.acceptMany(victims.map(({ bytes }) => bytes));
  const failed = await publishTimes(registry, 4);
  const published = await publishedIds(registry);
  const lost = victims.filter(({ entryId }) => !published.has(entryId)).length;
  const { inbox, pool } = await registry.health();
  return { stopped: lost + inbox.waiting + pool.waiting + failed, quarantined: inbox.quarantined };
}
