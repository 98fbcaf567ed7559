import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openReply } from '../../../src/claims/open-reply.js';
import { type Reply, sealReply } from '../../../src/claims/reply.js';
import { deriveReplyKeys } from '../../../src/claims/reply-keys.js';
import { fromHex, toHex } from '../../../src/foundation/bytes.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { Secret } from '../../../src/foundation/secret.js';
import { openOuter } from '../../../src/registry/open-submission.js';
import { decodeInside } from '../../../src/submit/inner-format.js';
import { deriveKappaKeys, entrySeedOf, recordSeedOf } from '../../../src/submit/kappa-keys.js';
import { makeRequest, type Wish } from '../../../src/submit/make-request.js';
import { decodeRequest, encodeRequest, RECORD_OPERATIONS } from '../../../src/submit/request-format.js';
import { seededRandom } from '../../../src/testing.js';

const FILE = new URL('../../vectors/request.json', import.meta.url);
const DAY = 20_000;
const KAPPA = new Uint8Array(32).fill(7);
const REPLY_SEED = new Uint8Array(32).fill(8);

interface Case {
  readonly wish: Wish;
  readonly attempt: number;
  readonly request: string;
  readonly mailbox: string;
  readonly replyKey: string;
  readonly reply: Reply;
  readonly replyRow: string;
}

/** Edits of the first request. */
interface Malformation {
  readonly name: string;
  readonly at?: number;
  readonly set?: string;
  readonly length?: number;
  readonly code: string;
}

interface Vectors {
  readonly comment: string;
  readonly kappa: string;
  readonly replySeed: string;
  readonly day: number;
  readonly cases: readonly Case[];
  readonly malformed: readonly Malformation[];
}

const STATUS = { state: 'published', registerNumber: 1207, retracted: false, removed: false, amendments: 1, nameLocked: true } as const;
const CASES: readonly { readonly wish: Wish; readonly attempt?: number; readonly reply: Reply }[] = [
  { wish: { operation: 'amend', number: 1, text: '我退出。' }, reply: { result: 'waiting', dueOn: '2024-10-09' } },
  { wish: { operation: 'status' }, reply: { result: 'done', entry: { ...STATUS, pending: ['retraction'] } } },
  { wish: { operation: 'show-name', number: 2, name: '王小明' }, reply: { result: 'refused', reason: 'evidence' } },
  { wish: { operation: 'show-name', number: 2, name: '王小明' }, attempt: 1, reply: { result: 'waiting', dueOn: '2024-10-20' } },
  { wish: { operation: 'retract' }, reply: { result: 'waiting', dueOn: '2024-10-05' } },
  { wish: { operation: 'remove-content' }, reply: { result: 'waiting', dueOn: '2024-10-05' } },
  { wish: { operation: 'veto' }, reply: { result: 'done' } },
  { wish: { operation: 'record-status' }, reply: { result: 'done', record: 'sealed' } },
  { wish: { operation: 'erase' }, reply: { result: 'done', record: 'erased', finalOn: '2024-10-20' } },
];

const random = () => seededRandom('request vectors');
const epochKey = generateHybridPrivateKey({ random: random() });
const publicKeys = { epochs: [{ epoch: DAY, expires: DAY + 7, publicKey: hybridPublicKey(epochKey) }] };
const clock = { now: () => DAY * 86_400_000 };

function requestOf(wish: Wish, attempt: number): Uint8Array {
  const { recordId, entryId } = deriveKappaKeys(KAPPA);
  const secret = new Secret({ kappa: KAPPA, replySeed: REPLY_SEED });
  const claim = { recordId: toHex(recordId), entryId: toHex(entryId), secret };
  const inside = decodeInside(openOuter(makeRequest(claim, wish, publicKeys, { clock, attempt }).bytes, epochKey, {}));
  if (!('request' in inside)) throw new Error('not a request');
  return inside.request;
}

function generate(): Vectors {
  const cases = CASES.map(({ wish, attempt = 0, reply }): Case => {
    const number = 'number' in wish ? (wish.number ?? DAY) : numberOf(wish);
    const { mailbox, replyKey } = deriveReplyKeys(REPLY_SEED, wish.operation, number, attempt);
    const options = { random: seededRandom(`reply vector ${wish.operation} ${attempt}`) };
    const replyRow = toHex(sealReply(mailbox, replyKey, reply, options));
    const request = toHex(requestOf(wish, attempt));
    return { wish, attempt, request, mailbox: toHex(mailbox), replyKey: toHex(replyKey), reply, replyRow };
  });
  return {
    comment: 'Requests as they lie inside a submission, and replies (docs/spec/request.md). Made by this project; test keys only.',
    kappa: toHex(KAPPA),
    replySeed: toHex(REPLY_SEED),
    day: DAY,
    cases,
    malformed: [
      { name: 'another magic', at: 7, set: '32', code: 'REQUEST_INVALID' },
      { name: 'an unknown operation', at: 8, set: '00', code: 'REQUEST_INVALID' },
      { name: 'an operation that uses no value', at: 8, set: '11', code: 'REQUEST_INVALID' },
      { name: 'another operation of the same form', at: 8, set: '03', code: 'OPEN_FAILED' },
      { name: 'another number', at: 12, set: '02', code: 'OPEN_FAILED' },
      { name: 'another public key', at: 13, set: '00', code: 'OPEN_FAILED' },
      { name: 'another mailbox', at: 45, set: '00', code: 'OPEN_FAILED' },
      { name: 'another reply key', at: 77, set: '00', code: 'OPEN_FAILED' },
      { name: 'another salt', at: 109, set: '00', code: 'OPEN_FAILED' },
      { name: 'a value longer than the limit', at: 141, set: '00000801', code: 'REQUEST_INVALID' },
      { name: 'a value longer than there is', at: 141, set: '00000800', code: 'REQUEST_INVALID' },
      { name: 'a value that is not UTF-8', at: 145, set: 'ff', code: 'REQUEST_INVALID' },
      { name: 'another signature of the change', at: 157, set: '00', code: 'OPEN_FAILED' },
      { name: 'another signature', at: 221, set: '00', code: 'OPEN_FAILED' },
      { name: 'cut by a byte', length: 284, code: 'REQUEST_INVALID' },
      { name: 'longer by a byte', length: 286, code: 'REQUEST_INVALID' },
      { name: 'nothing', length: 0, code: 'REQUEST_INVALID' },
    ],
  };
}

function numberOf({ operation }: Wish): number {
  return operation === 'status' || operation === 'record-status' ? DAY : 0;
}

describe('vectors: request and reply', () => {
  if (process.env['UPDATE_VECTORS'] === '1') writeFileSync(FILE, `${JSON.stringify(generate(), null, 1)}\n`);
  const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

  it('are all there and are made again byte for byte', () => {
    expect([vectors.cases.length, vectors.malformed.length]).toEqual([9, 17]);
    expect(generate()).toEqual(vectors);
  });

  it.each(vectors.cases)('$wish.operation: decodes and encodes to the same bytes', ({ wish, request, mailbox, replyKey }) => {
    const decoded = decodeRequest(fromHex(request));
    expect(decoded.operation).toBe(wish.operation);
    expect([toHex(decoded.mailbox), toHex(decoded.replyKey)]).toEqual([mailbox, replyKey]);
    const seed = RECORD_OPERATIONS.some((operation) => operation === wish.operation) ? recordSeedOf(KAPPA) : entrySeedOf(KAPPA);
    expect(toHex(encodeRequest(decoded, seed))).toBe(request);
  });

  it.each(vectors.cases)('$wish.operation: its reply opens', ({ mailbox, replyKey, reply, replyRow }) => {
    expect(openReply(fromHex(replyRow), fromHex(mailbox), fromHex(replyKey))).toEqual(reply);
  });

  it.each(vectors.malformed)('malformed request: $name', ({ at, set, length, code }) => {
    const request = fromHex(vectors.cases[0]?.request ?? '');
    const edited = new Uint8Array(length ?? request.length);
    edited.set(request.slice(0, edited.length));
    if (at !== undefined) edited.set(fromHex(set ?? ''), at);
    expect(toHex(edited)).not.toBe(toHex(request));
    expect(() => decodeRequest(edited)).toThrow(expect.objectContaining({ code }));
  });
});
