import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLAIM_ROW_LENGTH, ROW_BUCKET } from '../../../src/claims/make-row.js';
import { openReply } from '../../../src/claims/open-reply.js';
import { readReply } from '../../../src/claims/read-reply.js';
import { type EntryStatus, type Reply, sealReply } from '../../../src/claims/reply.js';
import { decodeReply, encodeReply } from '../../../src/claims/reply-format.js';
import { deriveReplyKeys } from '../../../src/claims/reply-keys.js';
import { claimAnswer } from '../../../src/claims/look-up.js';
import { concatBytes, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { Secret } from '../../../src/foundation/secret.js';
import { createMemoryStores, seededRandom } from '../../../src/testing.js';
import { CHANGE_KINDS } from '../../../src/vocabulary/words.js';

const entry = fc.record(
  {
    state: fc.constantFrom('waiting' as const, 'published' as const),
    registerNumber: fc.maxSafeNat(),
    retracted: fc.boolean(),
    removed: fc.boolean(),
    amendments: fc.nat(0xffffffff),
    nameLocked: fc.boolean(),
    pending: fc.shuffledSubarray([...CHANGE_KINDS]),
  },
  { requiredKeys: ['state', 'retracted', 'removed', 'amendments', 'nameLocked', 'pending'] },
) as fc.Arbitrary<EntryStatus>;
const date = fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true }).map((each) => each.toISOString().slice(0, 10));
const reply = fc.record(
  {
    result: fc.constantFrom('done' as const, 'waiting' as const, 'refused' as const),
    reason: fc.constantFrom('number' as const, 'value' as const, 'retracted' as const, 'evidence' as const),
    dueOn: date,
    finalOn: date,
    entry,
    record: fc.constantFrom('sealed' as const, 'erased' as const),
  },
  { requiredKeys: ['result'] },
) as fc.Arbitrary<Reply>;
/** About one world, as every reply of a registry is. */
const ofOneWorld = reply.map(({ finalOn, record, entry: status, ...rest }): Reply => {
  if (status !== undefined) return { ...rest, entry: status };
  return { ...rest, ...(finalOn === undefined ? {} : { finalOn }), ...(record === undefined ? {} : { record }) };
});

const failed = expect.objectContaining({ code: 'OPEN_FAILED' });
const seed = new Uint8Array(32).fill(9);
const raw = (json: string): Uint8Array => concatBytes(utf8('cn/rpl/1'), utf8(json));

describe('reply format', () => {
  it('decode(encode(x)) = x (property)', () => {
    const property = fc.property(ofOneWorld, (value) => {
      expect(decodeReply(encodeReply(value))).toEqual(value);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('the fullest reply there can be fits a row', () => {
    const fullest: Reply = {
      result: 'refused',
      reason: 'retracted',
      dueOn: '2026-11-21',
      entry: {
        state: 'published',
        registerNumber: Number.MAX_SAFE_INTEGER,
        retracted: true,
        removed: true,
        amendments: 0xffffffff,
        nameLocked: true,
        pending: [...CHANGE_KINDS],
      },
    };
    expect(encodeReply(fullest).length).toBeLessThan(ROW_BUCKET);
  });

  it.each([
    ['another magic', utf8('cn/rpl/2{"result":"done"}')],
    ['no JSON', raw('')],
    ['a list', raw('[]')],
    ['no result', raw('{}')],
    ['an unknown result', raw('{"result":"maybe"}')],
    ['an unknown member', raw('{"other":1,"result":"done"}')],
    ['an unknown reason', raw('{"result":"refused","why":"he said so"}')],
    ['another order', raw('{"why":"value","result":"refused"}')],
    ['white space', raw('{"result": "done"}')],
    ['a date that is none', raw('{"due":"tomorrow","result":"waiting"}')],
    ['a number for a date', raw('{"due":20261121,"result":"waiting"}')],
    ['a flag that is false', raw('{"entry":{"amendments":0,"pending":[],"removed":false,"state":"waiting"},"result":"done"}')],
    ['an entry without amendments', raw('{"entry":{"pending":[],"state":"waiting"},"result":"done"}')],
    ['a negative number', raw('{"entry":{"amendments":-1,"pending":[],"state":"waiting"},"result":"done"}')],
    ['an unknown kind', raw('{"entry":{"amendments":0,"pending":["all"],"state":"waiting"},"result":"done"}')],
    ['a kind twice', raw('{"entry":{"amendments":0,"pending":["text","text"],"state":"waiting"},"result":"done"}')],
    ['a member of an entry too many', raw('{"entry":{"amendments":0,"pending":[],"state":"waiting","x":1},"result":"done"}')],
    ['an entry that is a list', raw('{"entry":[],"result":"done"}')],
    ['a record in another state', raw('{"record":"lost","result":"done"}')],
    ['an inherited name', raw('{"__proto__":{},"result":"done"}')],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeReply(bytes)).toThrow(failed);
  });

  it('refuses to seal what it would not open', () => {
    const keys = deriveReplyKeys(seed, 'status', 1);
    for (const wrong of [{ result: 'maybe' }, { result: 'done', dueOn: '21.11.2026' }, { result: 'done', record: 'x'.repeat(300) }])
      expect(() => sealReply(keys.mailbox, keys.replyKey, wrong as Reply)).toThrow(RangeError);
  });
});

describe('reply row', () => {
  it('has the length of every claim row, whatever it says, and opens with its own keys only', () => {
    const { mailbox, replyKey } = deriveReplyKeys(seed, 'retract', 0);
    const rows = [{ result: 'done' } as const, { result: 'waiting', dueOn: '2026-12-01' } as const].map((value) => {
      const row = sealReply(mailbox, replyKey, value);
      expect(openReply(row, mailbox, replyKey)).toEqual(value);
      return row;
    });
    expect(rows.map((row) => row.length)).toEqual([CLAIM_ROW_LENGTH, CLAIM_ROW_LENGTH]);
    const [row] = rows as [Uint8Array];
    const other = deriveReplyKeys(seed, 'retract', 0, 1);
    expect(() => openReply(row, other.mailbox, replyKey)).toThrow(failed);
    expect(() => openReply(row, mailbox, other.replyKey)).toThrow(failed);
    expect(() => openReply(row.slice(1), mailbox, replyKey)).toThrow(failed);
    const altered = row.slice();
    altered[100] = (altered[100] as number) ^ 1;
    expect(() => openReply(altered, mailbox, replyKey)).toThrow(failed);
  });

  it('never seals two replies with one nonce', () => {
    const { mailbox, replyKey } = deriveReplyKeys(seed, 'retract', 0);
    const options = { random: seededRandom('replies') };
    const nonces = Array.from({ length: 50 }, () => toHex(sealReply(mailbox, replyKey, { result: 'done' }, options).slice(0, 24)));
    expect(new Set(nonces).size).toBe(50);
  });

  it('keys differ for every seed, operation, number and attempt, and come back the same', () => {
    const all = [
      deriveReplyKeys(seed, 'amend', 1),
      deriveReplyKeys(seed, 'amend', 2),
      deriveReplyKeys(seed, 'amend', 1, 1),
      deriveReplyKeys(seed, 'show-name', 1),
      deriveReplyKeys(new Uint8Array(32), 'amend', 1),
    ].flatMap(({ mailbox, replyKey }) => [toHex(mailbox), toHex(replyKey)]);
    expect(new Set(all).size).toBe(10);
    expect(deriveReplyKeys(seed, 'amend', 1, 0)).toEqual(deriveReplyKeys(seed, 'amend', 1));
    for (const wrong of [-1, 0.5, 2 ** 32]) expect(() => deriveReplyKeys(seed, 'amend', wrong)).toThrow(RangeError);
  });

  it('is read with the claim alone, and is undefined until it is there', async () => {
    const { claims } = createMemoryStores();
    const claim = { recordId: '', entryId: '', secret: new Secret({ kappa: new Uint8Array(32), replySeed: seed }) };
    const lookUp = (locator: Uint8Array) => claimAnswer(claims, locator);
    const place = { operation: 'erase', number: 0 };
    expect(await readReply(claim, place, lookUp)).toBeUndefined();
    const { mailbox, replyKey } = deriveReplyKeys(seed, 'erase', 0);
    await claims.insert([{ locator: mailbox, row: sealReply(mailbox, replyKey, { result: 'done', finalOn: '2026-12-31' }) }]);
    expect(await readReply(claim, place, lookUp)).toEqual({ result: 'done', finalOn: '2026-12-31' });
    expect(await readReply(claim, { ...place, attempt: 1 }, lookUp)).toBeUndefined();
  });
});
