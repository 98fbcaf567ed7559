import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegistryError } from '../../../src/foundation/errors.js';
import { Secret } from '../../../src/foundation/secret.js';
import { inspectShare } from '../../../src/sealed/keys/inspect-share.js';
import { armourShare, parseShare } from '../../../src/sealed/keys/share-armour.js';
import { decodeShareEnvelope, encodeShareEnvelope, SHARE_PURPOSES, type ShareEnvelope } from '../../../src/sealed/keys/share-envelope.js';
import { splitPrivateKey } from '../../../src/sealed/keys/split-key.js';
import { flip, outcomeOf } from '../../support/crypto-fixtures.js';
import { keyPair } from '../../support/sealed-fixtures.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const numbers = fc.integer({ min: 2, max: 16 }).chain((custodians) =>
  fc.record({
    custodians: fc.constant(custodians),
    quorum: fc.integer({ min: 2, max: custodians }),
    custodian: fc.integer({ min: 1, max: custodians }),
  }),
);
const envelope: fc.Arbitrary<ShareEnvelope> = numbers.chain(({ quorum, custodians, custodian }) =>
  fc.record({
    purpose: fc.constantFrom(...SHARE_PURPOSES),
    quorum: fc.constant(quorum),
    custodians: fc.constant(custodians),
    custodian: fc.constant(custodian),
    setId: bytes(16),
    keyId: bytes(16),
    commitments: fc.array(bytes(33), { minLength: quorum, maxLength: quorum }),
    seedHashes: fc.array(bytes(32), { minLength: custodians, maxLength: custodians }),
    scalarShare: bytes(32),
    seedShare: bytes(65),
  }),
);

const { privateKey } = keyPair('shared');
const [first, second] = (await splitPrivateKey({ privateKey, purpose: 'vault', quorum: 3, custodians: 5 })) as [
  ShareEnvelope,
  ShareEnvelope,
];
const text = armourShare(second);

/** Code, and the custodian that is named. */
function refusal(run: () => unknown): string {
  try {
    run();
    return 'returned';
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return `${error.code} ${error.details.custodian ?? '-'}`;
  }
}

describe('share envelope format', () => {
  it('decodes what it encodes, through the armour too', () => {
    fc.assert(
      fc.property(envelope, (value) => {
        expect(decodeShareEnvelope(encodeShareEnvelope(value))).toEqual(value);
        expect(parseShare(armourShare(value))).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });

  it('is 416 bytes for 3 of 5', () => {
    expect(encodeShareEnvelope(first).length).toBe(8 + 4 + 16 + 16 + 3 * 33 + 5 * 32 + 32 + 65 + 16);
  });

  it('names the custodian for every single flipped byte after the magic', () => {
    const encoded = encodeShareEnvelope(second);
    for (let offset = 0; offset < encoded.length; offset++) {
      const expected = offset < 8 ? 'SHARE_INVALID -' : `SHARE_BAD ${offset === 11 ? 3 : 2}`;
      expect(refusal(() => decodeShareEnvelope(flip(encoded, offset)))).toBe(expected);
    }
    expect(refusal(() => decodeShareEnvelope(flip(encoded, 11, 0x80)))).toBe('SHARE_BAD -');
  });

  it('refuses every truncation and extension', () => {
    const encoded = encodeShareEnvelope(second);
    for (let length = 0; length < encoded.length; length++) {
      expect(refusal(() => decodeShareEnvelope(encoded.slice(0, length)))).toMatch(/^SHARE_(INVALID|BAD)/);
    }
    expect(refusal(() => decodeShareEnvelope(new Uint8Array([...encoded, 0])))).toBe('SHARE_BAD 2');
    expect(refusal(() => decodeShareEnvelope(new Uint8Array(2000)))).toBe('SHARE_INVALID -');
  });

  it.each<[string, Partial<ShareEnvelope>]>([
    ['quorum of one', { quorum: 1, commitments: first.commitments.slice(0, 1) }],
    ['quorum above the number of custodians', { custodians: 2, seedHashes: first.seedHashes.slice(0, 2) }],
    ['custodian zero', { custodian: 0 }],
    ['custodian above n', { custodian: 6 }],
    ['too many custodians', { custodians: 17 }],
    ['too few commitments', { commitments: first.commitments.slice(0, 2) }],
    ['too many hashes', { seedHashes: [...first.seedHashes, new Uint8Array(32)] }],
  ])('does not encode a %s', (_, change) => {
    expect(outcomeOf(() => encodeShareEnvelope({ ...first, ...change }))).toBe('RangeError');
  });
});

describe('share armour', () => {
  it('says in plain words what it is and holds one block of 64 columns', () => {
    expect(text).toContain('custodian 2 of 5');
    expect(text).toContain(': 3 of the 5 custodians');
    expect(text).toContain('Keep it offline');
    expect(text.split('\n').every((line) => line.length <= 90)).toBe(true);
    const block = text.slice(text.indexOf('BEGIN')).split('\n').slice(1, -2);
    expect(block.slice(0, -1).every((line) => line.length === 64)).toBe(true);
  });

  it('reads nothing but the block', () => {
    expect(parseShare(text.slice(text.indexOf('-----BEGIN')))).toEqual(second);
    expect(parseShare(text.replace('custodian 2', 'custodian 4'))).toEqual(second);
    expect(parseShare(text.replaceAll('\n', '\r\n'))).toEqual(second);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no block', text.slice(0, text.indexOf('-----BEGIN'))],
    ['no end', text.slice(0, text.indexOf('-----END'))],
    ['end before begin', '-----END CRYPTONYM SHARE-----\n-----BEGIN CRYPTONYM SHARE-----\n'],
    ['an empty block', '-----BEGIN CRYPTONYM SHARE-----\n-----END CRYPTONYM SHARE-----\n'],
    ['two blocks', `${text}${armourShare(first)}`],
    ['two ends', `${text}-----END CRYPTONYM SHARE-----\n`],
    ['white space in the block', text.replace(/\n(.{64})\n(.{64})\n/, '\n$1\n\n$2\n')],
    ['a trailing space', text.replace(/\n(.{64})\n(.{64})\n-/, '\n$1 \n$2\n-').replace(/(\n.{64})\n/, '$1 \n')],
    ['a character outside base64', text.replace(/\n(.{63}).\n/, '\n$1!\n')],
    ['url-safe base64', text.replace(/\n(.{63}).\n/, '\n$1_\n')],
    ['other columns', text.replace(/\n(.{64})\n(.{64})\n/, '\n$1$2\n')],
    ['another file', '-----BEGIN CRYPTONYM SHARE-----\nAAAA\n-----END CRYPTONYM SHARE-----\n'],
    ['more than 16 Ki characters', `${'x'.repeat(16_384)}\n${text}`],
  ])('refuses %s', (_, bad) => {
    expect(bad).not.toBe(text);
    expect(refusal(() => parseShare(bad))).toBe('SHARE_INVALID -');
  });

  it('refuses what is no string', () => {
    for (const bad of [undefined, new Uint8Array(3), new Secret(text)])
      expect(outcomeOf(() => parseShare(bad as unknown as string))).toBe('TypeError');
  });

  it('names the custodian for one misread character', () => {
    const line = text.split('\n').findIndex((candidate) => candidate.startsWith('-----BEGIN')) + 3;
    const lines = text.split('\n');
    const misread = (lines[line] as string).startsWith('A') ? 'B' : 'A';
    lines[line] = misread + (lines[line] as string).slice(1);
    expect(refusal(() => parseShare(lines.join('\n')))).toBe('SHARE_BAD 2');
  });
});

describe('inspectShare', () => {
  it('verifies one share alone and shows nothing secret', () => {
    const info = inspectShare(new Secret(text));
    expect(info).toMatchObject({ purpose: 'vault', custodian: 2, quorum: 3, custodians: 5 });
    expect(Object.keys(info).sort()).toEqual(['custodian', 'custodians', 'keyId', 'purpose', 'quorum', 'setId']);
    expect(inspectShare(armourShare(first)).setId).toBe(info.setId);
  });

  it('refuses a false share with a correct checksum', () => {
    expect(refusal(() => inspectShare(armourShare({ ...second, scalarShare: first.scalarShare })))).toBe('SHARE_BAD 2');
  });
});
