import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64, toHex } from '../../../src/foundation/bytes.js';
import {
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridPrivateKey,
  hybridPublicKey,
} from '../../../src/foundation/hybrid-kem-open.js';
import { openOuter } from '../../../src/registry/open-submission.js';
import { checkInner } from '../../support/check-inner.js';
import { encodeInner } from '../../../src/submit/inner-format.js';
import { makeSubmission } from '../../../src/submit/make-submission.js';
import { decodeOuter, encodeOuter } from '../../../src/submit/outer-format.js';
import type { Registration } from '../../../src/submit/registration.js';
import { seededRandom } from '../../../src/testing.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

const FILE = new URL('../../vectors/submission.json', import.meta.url);
const DAY = 20_000;

interface Case {
  readonly name: string;
  readonly registration: Registration;
  readonly submission: string;
  readonly recordId: string;
  readonly entryId: string;
  readonly recordDigest: string;
  readonly statementDigest: string;
  readonly claim: string | null;
}

interface Malformation {
  readonly name: string;
  readonly submission:
    | { readonly of: number; readonly at: number; readonly xor: number }
    | { readonly of: number; readonly length: number };
  readonly code: string;
}

interface Vectors {
  readonly comment: string;
  readonly epochPrivateKey: string;
  readonly custody: { readonly vault: string; readonly link: string; readonly quarantine: string };
  readonly cases: readonly Case[];
  readonly malformed: readonly Malformation[];
}

const REGISTRATIONS: readonly { name: string; registration: Registration }[] = [
  {
    name: 'alias, no phrase',
    registration: { identity: { names: ['王建国'] }, statement: { alias: 'jin fu', categories: ['party', 'league'] } },
  },
  {
    name: 'real name, contact, phrase',
    registration: {
      identity: { names: ['李秀英', 'Li Xiuying'], birthDate: '1961-05-04', sex: 'female', birthplace: '河北省石家庄市', declared: 'self' },
      contact: {
        phones: ['+86 311 0000 0000'],
        address: '石家庄市长安区',
        mayContact: true,
        ifCaught: { disclose: true, to: ['relatives abroad'] },
      },
      statement: { useName: true, evidence: 'verified', categories: ['pioneers'], text: '我退出。' },
      channel: 'web',
    },
  },
  {
    name: 'Arabic alias, Chinese phrase with PIN',
    registration: {
      identity: { names: ['Mehmet'], declared: 'relayed' },
      statement: { alias: 'سلام', categories: ['party'], origin: 'import', period: '2004-11' },
      claim: { pin: '20261121', language: 'zh-Hans' },
    },
  },
];

const MALFORMED: readonly Malformation[] = [
  { name: 'magic', submission: { of: 0, at: 0, xor: 1 }, code: 'SUBMISSION_INVALID' },
  { name: 'version', submission: { of: 0, at: 7, xor: 3 }, code: 'SUBMISSION_INVALID' },
  { name: 'epoch', submission: { of: 0, at: 11, xor: 1 }, code: 'OPEN_FAILED' },
  { name: 'expires', submission: { of: 0, at: 15, xor: 1 }, code: 'OPEN_FAILED' },
  { name: 'ML-KEM ciphertext', submission: { of: 1, at: 16, xor: 1 }, code: 'OPEN_FAILED' },
  { name: 'P-256 point', submission: { of: 1, at: 1105, xor: 1 }, code: 'OPEN_FAILED' },
  { name: 'P-256 point prefix', submission: { of: 1, at: 1104, xor: 6 }, code: 'OPEN_FAILED' },
  { name: 'ciphertext', submission: { of: 2, at: 1169, xor: 0x80 }, code: 'OPEN_FAILED' },
  { name: 'authentication tag', submission: { of: 2, at: 24_575, xor: 1 }, code: 'OPEN_FAILED' },
  { name: 'one byte short', submission: { of: 0, length: 24_575 }, code: 'SUBMISSION_INVALID' },
  { name: 'empty', submission: { of: 0, length: 0 }, code: 'SUBMISSION_INVALID' },
];

function generate(): Vectors {
  const random = seededRandom('submission vectors');
  const epochKey = generateHybridPrivateKey({ random });
  const [vault, link, quarantine] = [0, 1, 2].map(() => toBase64(hybridPublicKey(generateHybridPrivateKey({ random })))) as [
    string,
    string,
    string,
  ];
  const custody = { vault, link, quarantine };
  const frame = {
    comment: 'Frozen. Made by this library with a seeded random; docs/spec/submission.md.',
    epochPrivateKey: toHex(encodeHybridPrivateKey(epochKey)),
    custody,
  };
  const cases = REGISTRATIONS.map(({ name, registration }) => {
    const made = make(frame, registration, name);
    return { name, registration, submission: toBase64(made.bytes), ...facts(frame, made.bytes), claim: made.claim?.reveal() ?? null };
  });
  return { ...frame, cases, malformed: MALFORMED };
}

type Frame = Pick<Vectors, 'epochPrivateKey' | 'custody'>;
const policy = makePolicy('tiny', ['party', 'league', 'pioneers']);
const epochOf = (frame: Frame) => decodeHybridPrivateKey(Uint8Array.from(Buffer.from(frame.epochPrivateKey, 'hex')));
const custodyOf = ({ custody }: Frame) => ({
  vault: fromBase64(custody.vault),
  link: fromBase64(custody.link),
  quarantine: fromBase64(custody.quarantine),
});

function make(frame: Frame, registration: Registration, name: string) {
  const epochs = [{ epoch: DAY, expires: DAY + 7, publicKey: hybridPublicKey(epochOf(frame)) }];
  const options = { random: seededRandom(name), clock: { now: () => DAY * 86_400_000 } };
  return makeSubmission(registration, { ...custodyOf(frame), epochs, categories: policy.categories }, options);
}

function facts(frame: Frame, submission: Uint8Array) {
  const opened = checkInner(openOuter(submission, epochOf(frame), {}), { custody: custodyOf(frame), policy });
  return {
    recordId: toHex(opened.inner.recordId),
    entryId: toHex(opened.entryId),
    recordDigest: toHex(opened.recordDigest),
    statementDigest: toHex(opened.statementDigest),
  };
}

describe('submission vectors', () => {
  if (process.env['UPDATE_VECTORS'] === '1') writeFileSync(FILE, `${JSON.stringify(generate(), null, 1)}\n`);
  const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

  it('has exactly 3 cases and 11 malformations', () => {
    expect([vectors.cases.length, vectors.malformed.length]).toEqual([3, 11]);
  });

  it.each(vectors.cases)('is made byte for byte: $name', ({ name, registration, submission, claim }) => {
    const made = make(vectors, registration, name);
    expect(toBase64(made.bytes)).toBe(submission);
    expect(made.claim?.reveal() ?? null).toBe(claim);
  });

  it.each(vectors.cases)('opens to the frozen facts and re-encodes: $name', (one) => {
    const bytes = fromBase64(one.submission);
    const { recordId, entryId, recordDigest, statementDigest } = one;
    expect(facts(vectors, bytes)).toEqual({ recordId, entryId, recordDigest, statementDigest });
    expect(encodeOuter(decodeOuter(bytes))).toEqual(bytes);
    const padded = openOuter(bytes, epochOf(vectors), {});
    expect(encodeInner(checkInner(padded, { custody: custodyOf(vectors), policy }).inner)).toEqual(padded);
  });

  it.each(vectors.malformed)('is refused with its code: $name', ({ submission, code }) => {
    const whole = fromBase64((vectors.cases[submission.of] as Case).submission);
    const bad =
      'length' in submission
        ? whole.slice(0, submission.length)
        : whole.map((byte, i) => (i === submission.at ? byte ^ submission.xor : byte));
    expect(() => facts(vectors, bad)).toThrow(expect.objectContaining({ code }));
  });
});
