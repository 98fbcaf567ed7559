import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/claims/claim.js';
import { deriveReplyKeys } from '../../../src/claims/reply-keys.js';
import { equalBytes, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { verifySignature } from '../../../src/foundation/ed25519.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { Secret } from '../../../src/foundation/secret.js';
import { changeMessage } from '../../../src/public/change.js';
import { openOuter } from '../../../src/registry/open-submission.js';
import { decodeInside, encodeInnerRequest } from '../../../src/submit/inner-format.js';
import { deriveKappaKeys, entrySeedOf, recordSeedOf } from '../../../src/submit/kappa-keys.js';
import { amendedSalt, makeRequest, type Wish } from '../../../src/submit/make-request.js';
import { SUBMISSION_LENGTH } from '../../../src/submit/outer-format.js';
import {
  decodeRequest,
  encodeRequest,
  ENTRY_OPERATIONS,
  MAX_REQUEST,
  RECORD_OPERATIONS,
  type Request,
  type SignedRequest,
} from '../../../src/submit/request-format.js';
import { idOfPublicKey } from '../../../src/vocabulary/ids.js';
import { anyRequest } from '../../support/request-arbitrary.js';

const DAY = 20_000;
const clock = { now: () => DAY * 86_400_000 + 1 };
const epochKey = generateHybridPrivateKey();
const publicKeys = { epochs: [{ epoch: DAY, expires: DAY + 7, publicKey: hybridPublicKey(epochKey) }] };
const kappa = new Uint8Array(32).fill(7);
const replySeed = new Uint8Array(32).fill(8);
const keys = deriveKappaKeys(kappa);
const claim: Claim = {
  recordId: toHex(keys.recordId),
  entryId: toHex(keys.entryId),
  secret: new Secret({ kappa, replySeed }),
};
const zero = (length: number): Uint8Array => new Uint8Array(length);

const WISHES: readonly Wish[] = [
  { operation: 'status' },
  { operation: 'amend', number: 3, text: ' 我退出。\r\nToday. ' },
  { operation: 'amend', number: 1, text: '' },
  { operation: 'show-name', number: 2, name: '王小明' },
  { operation: 'retract' },
  { operation: 'remove-content' },
  { operation: 'veto' },
  { operation: 'record-status' },
  { operation: 'erase' },
];

function sent(wish: Wish, options = {}): { readonly request: SignedRequest; readonly bytes: Uint8Array } {
  const { bytes } = makeRequest(claim, wish, publicKeys, { clock, ...options });
  const inside = decodeInside(openOuter(bytes, epochKey, {}));
  if (!('request' in inside)) throw new Error('not a request');
  return { request: decodeRequest(inside.request), bytes };
}

describe('a request', () => {
  it('every operation has a wish in this test', () => {
    expect(new Set(WISHES.map(({ operation }) => operation))).toEqual(new Set([...ENTRY_OPERATIONS, ...RECORD_OPERATIONS]));
  });

  it.each(WISHES)('$operation: 24 KiB, signed by one of the two keys, with the mailbox the phrase leads to', (wish) => {
    const { request, bytes } = sent(wish);
    const { place } = makeRequest(claim, wish, publicKeys, { clock });
    expect(bytes.length).toBe(SUBMISSION_LENGTH);
    const ofRecord = RECORD_OPERATIONS.some((operation) => operation === wish.operation);
    expect(toHex(idOfPublicKey(request.publicKey))).toBe(ofRecord ? claim.recordId : claim.entryId);
    const { mailbox, replyKey } = deriveReplyKeys(replySeed, place.operation, place.number, place.attempt);
    expect([toHex(request.mailbox), toHex(request.replyKey)]).toEqual([toHex(mailbox), toHex(replyKey)]);
    expect(request).toMatchObject({ operation: wish.operation, number: place.number });
  });

  it.each(WISHES)('$operation: nothing in it names the other world', (wish) => {
    const inside = decodeInside(openOuter(sent(wish).bytes, epochKey, {}));
    const bytes = 'request' in inside ? Buffer.from(inside.request) : Buffer.alloc(0);
    expect(bytes.length).toBeGreaterThan(200);
    const ofRecord = RECORD_OPERATIONS.some((operation) => operation === wish.operation);
    const others = ofRecord ? [keys.entryId, keys.entryPublicKey, keys.salt] : [keys.recordId];
    const secrets = [kappa, replySeed, entrySeedOf(kappa), recordSeedOf(kappa)];
    for (const other of [...others, ...secrets]) expect(bytes.includes(Buffer.from(other))).toBe(false);
  });

  it('carries the signature that the leaf of the change will show, over the canonical value', () => {
    const cases = [
      [{ operation: 'amend', number: 3, text: ' 我退出。\r\nToday. ' }, 'text', 3, '我退出。\nToday.'],
      [{ operation: 'amend', number: 1, text: ' \n' }, 'text', 1, ''],
      [{ operation: 'show-name', number: 2, name: ' 王 小明 ' }, 'name', 2, '王 小明'],
      [{ operation: 'retract' }, 'retraction', 0, ''],
      [{ operation: 'remove-content' }, 'removal', 0, ''],
    ] as const;
    for (const [wish, kind, number, value] of cases) {
      const { request } = sent(wish);
      const salt = number === 0 ? zero(32) : amendedSalt(kappa, number);
      expect(request).toMatchObject({ value, number });
      expect(equalBytes(request.salt, salt)).toBe(true);
      const message = changeMessage({ kind, entryPublicKey: keys.entryPublicKey, number, salt, value });
      verifySignature(request.changeSignature, message, keys.entryPublicKey);
    }
    for (const operation of ['status', 'veto', 'record-status', 'erase'] as const) {
      const { request } = sent({ operation });
      expect([toHex(request.changeSignature), toHex(request.salt), request.value]).toEqual(['00'.repeat(64), '00'.repeat(32), '']);
    }
  });

  it('the two status requests are numbered by the day, so that the phrase alone finds today’s answer', () => {
    expect(sent({ operation: 'status' }).request.number).toBe(DAY);
    expect(sent({ operation: 'record-status', number: 5 }).request.number).toBe(5);
  });

  it('made again: the same mailbox; as another attempt: another', () => {
    const mailbox = (options = {}): string => toHex(sent({ operation: 'retract' }, options).request.mailbox);
    expect(mailbox()).toBe(mailbox({ attempt: 0 }));
    expect(new Set([mailbox(), mailbox({ attempt: 1 }), mailbox({ attempt: 2 })]).size).toBe(3);
  });

  it('every amendment has a salt of its own, which follows from κ', () => {
    const salts = [1, 2, 3].map((number) => toHex(amendedSalt(kappa, number)));
    expect(new Set([...salts, toHex(keys.salt)]).size).toBe(4);
    expect(toHex(amendedSalt(kappa, 2))).toBe(salts[1]);
  });

  it('refuses a text, a name or a number that breaks the rules, and to seal without a key for today', () => {
    const make = (wish: Wish, options = {}) => makeRequest(claim, wish, publicKeys, { clock, ...options });
    const coded = (code: string) => expect.objectContaining({ code });
    expect(() => make({ operation: 'amend', number: 1, text: 'x'.repeat(2049) })).toThrow(coded('STATEMENT_TOO_LARGE'));
    expect(() => make({ operation: 'amend', number: 1, text: 'a\u202eb' })).toThrow(coded('STATEMENT_INVALID'));
    expect(() => make({ operation: 'show-name', number: 1, name: '<b>' })).toThrow(coded('ALIAS_INVALID'));
    for (const number of [0, -1, 1.5, 2 ** 32]) expect(() => make({ operation: 'amend', number, text: '' })).toThrow(RangeError);
    expect(() => make({ operation: 'retract' }, { clock: { now: () => (DAY + 7) * 86_400_000 } })).toThrow(coded('EPOCH_EXPIRED'));
    expect(make({ operation: 'amend', number: 1, text: '安'.repeat(682) }).bytes.length).toBe(SUBMISSION_LENGTH);
  });
});

describe('request format', () => {
  const seed = entrySeedOf(kappa);
  const example = encodeRequest(sent({ operation: 'amend', number: 1, text: 'new' }).request, seed);

  it('decode(encode(x)) = x, and the same bytes again (property)', () => {
    const property = fc.property(anyRequest, (request) => {
      const bytes = encodeRequest(request, seed);
      const decoded = decodeRequest(bytes);
      expect(decoded).toEqual({ ...request, publicKey: keys.entryPublicKey });
      expect(equalBytes(encodeRequest(decoded, seed), bytes)).toBe(true);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it.each<[string, Partial<Request>]>([
    ['a status with a salt', { operation: 'status', salt: zero(32).fill(1) }],
    ['a retraction with a number', { operation: 'retract', number: 1, changeSignature: zero(64).fill(1) }],
    ['a retraction without a signature for its leaf', { operation: 'retract' }],
    ['a veto with a value', { operation: 'veto', value: 'x' }],
    ['an erasure with a signature for a leaf', { operation: 'erase', changeSignature: zero(64).fill(1) }],
    ['an amendment without number', { operation: 'amend', number: 0, changeSignature: zero(64).fill(1) }],
  ])('%s has no form', (_, part) => {
    const bare = { number: 0, mailbox: zero(32), replyKey: zero(32), salt: zero(32), value: '', changeSignature: zero(64) };
    expect(() => encodeRequest({ ...bare, ...part } as Request, seed)).toThrow(RangeError);
  });

  it('any altered byte is refused: no part is outside the signature', () => {
    for (let at = 0; at < example.length; at++) {
      const altered = example.slice();
      altered[at] = (altered[at] as number) ^ 1;
      expect(() => decodeRequest(altered), `byte ${at}`).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(REQUEST_INVALID|OPEN_FAILED)$/) }),
      );
    }
  });

  it('any cut or longer one is malformed', () => {
    const malformed = expect.objectContaining({ code: 'REQUEST_INVALID', message: 'malformed request' });
    for (let length = 0; length < example.length; length += 7) expect(() => decodeRequest(example.slice(0, length))).toThrow(malformed);
    expect(() => decodeRequest(Uint8Array.from([...example, 0]))).toThrow(malformed);
    expect(() => decodeRequest(zero(MAX_REQUEST + 1))).toThrow(malformed);
    expect(() => decodeRequest('text' as never)).toThrow(TypeError);
  });

  it('has a limit, and nothing longer gets inside a submission', () => {
    const { request } = sent({ operation: 'amend', number: 1, text: '' });
    expect(encodeRequest({ ...request, value: 'x'.repeat(2048) }, seed).length).toBe(MAX_REQUEST);
    expect(() => encodeRequest({ ...request, value: 'x'.repeat(2049) }, seed)).toThrow(RangeError);
    expect(() => encodeInnerRequest(zero(MAX_REQUEST + 1))).toThrow(RangeError);
  });

  it('a signature of another message does not do, nor another key’s', () => {
    const failed = expect.objectContaining({ code: 'OPEN_FAILED' });
    const body = example.slice(0, -64);
    const other = encodeRequest({ ...sent({ operation: 'retract' }).request }, seed).slice(-64);
    expect(() => decodeRequest(Uint8Array.from([...body, ...other]))).toThrow(failed);
    const foreign = encodeRequest(sent({ operation: 'amend', number: 1, text: 'new' }).request, recordSeedOf(kappa)).slice(-64);
    expect(() => decodeRequest(Uint8Array.from([...body, ...foreign]))).toThrow(failed);
    expect(utf8('cn/req/1')).toEqual(example.slice(0, 8));
  });
});
