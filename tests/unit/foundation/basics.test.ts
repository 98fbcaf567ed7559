import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { runInThisContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/foundation/byte-reader.js';
import { ByteWriter } from '../../../src/foundation/byte-writer.js';
import { assertBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson } from '../../../src/foundation/canonical-json.js';
import { RegistryError } from '../../../src/foundation/errors.js';
import { LABELS } from '../../../src/foundation/labels.js';
import { pad, unpad, unpadView } from '../../../src/foundation/padding.js';
import { randomInt } from '../../../src/foundation/random.js';
import { Secret } from '../../../src/foundation/secret.js';
import { seededRandom } from '../../../src/testing.js';
import { sharedPath } from '../../support/shared.js';

const coded = (code: string) => expect.objectContaining({ code });

describe('labels', () => {
  it('are all distinct, and of this version', () => {
    const labels = Object.values(LABELS);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.length).toBeGreaterThan(25);
    expect(labels.every((label) => label.startsWith('cryptonym/v1/'))).toBe(true);
  });
});

describe('a secret', () => {
  it('prints itself nowhere, and comes out by name only', () => {
    const secret = new Secret('CANARY');
    const held = { secret, list: [secret] };
    const asText: (value: unknown) => string = (value) => `in a text: ${value as string}`;
    const prints = [String(secret), asText(secret), JSON.stringify(held), inspect(held, { depth: 9, showHidden: true })];
    for (const print of prints) {
      expect(print).not.toContain('CANARY');
      expect(print).toContain('[secret]');
    }
    expect(Object.keys(secret)).toEqual([]);
    expect(secret.reveal()).toBe('CANARY'); // the positive control
  });
});

describe('a coded error', () => {
  it('says code, retryable and details, also as JSON, and has no cause', () => {
    const error = new RegistryError('SHARE_BAD', 'a share is bad', { custodian: 3, retryable: true });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'SHARE_BAD',
      message: 'a share is bad',
      retryable: true,
      details: { custodian: 3 },
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.cause).toBeUndefined();
  });
});

describe('bytes', () => {
  it('hex and base64 have one spelling each (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        expect(fromHex(toHex(value))).toEqual(value);
        expect(fromBase64(toBase64(value))).toEqual(value);
      }),
    );
    for (const text of ['AB', 'a', 'zz', '0x00', ' 00']) expect(() => fromHex(text)).toThrow(RangeError);
    for (const text of ['AA', 'AB==', 'A===', 'AA==\n', ' AA==', '-_==']) expect(() => fromBase64(text)).toThrow(RangeError);
  });

  it('a lone surrogate is refused, and so is a detached buffer', () => {
    expect(() => utf8('\ud800')).toThrow(RangeError);
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => assertBytes(detached, 'x')).toThrow(TypeError);
    expect(() => assertBytes(new Uint8Array(0), 'x')).not.toThrow();
  });

  it('a reader reads what a writer wrote, nothing more and nothing less, and gives copies', () => {
    const written = new ByteWriter().u8(7).u16(513).u32(0xfffffffe).prefixed(utf8('name')).fixed(new Uint8Array(300), 300).finish();
    const source = Buffer.from(written);
    const reader = new ByteReader(source, 'test', 1000);
    expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([7, 513, 0xfffffffe]);
    const name = reader.prefixed(10);
    source.fill(0);
    expect(name).toEqual(utf8('name'));
    expect(() => reader.end()).toThrow(coded('FORMAT_INVALID'));
    reader.fixed(300);
    reader.end();
    expect(() => reader.u8()).toThrow(coded('FORMAT_INVALID'));
    expect(() => new ByteReader(written, 'test', 10)).toThrow(coded('FORMAT_INVALID'));
    expect(() => new ByteReader(written.slice(7), 'test', 1000).prefixed(3)).toThrow(coded('FORMAT_INVALID'));
    for (const value of [-1, 256, 1.5, Number.NaN]) expect(() => new ByteWriter().u8(value)).toThrow(RangeError);
  });

  it('a window of a reader is no copy, and has the same limits', () => {
    const source = new ByteWriter().prefixed(utf8('name')).fixed(utf8('rest'), 4).finish();
    const reader = new ByteReader(source, 'test', 1000);
    const views = [reader.prefixedView(4), reader.view(4)];
    reader.end();
    expect(views).toEqual([utf8('name'), utf8('rest')]);
    for (const view of views) expect(view.buffer).toBe(source.buffer);
    expect(() => reader.view(1)).toThrow(coded('FORMAT_INVALID'));
    expect(() => new ByteReader(source, 'test', 1000).prefixedView(3)).toThrow(coded('FORMAT_INVALID'));
  });

  it('padding hides the length and comes off again (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 63 }), (value) => {
        expect(pad(value, 64)).toHaveLength(64);
        const padded = pad(value, 64);
        expect(unpadView(padded)).toEqual(value);
        expect(unpadView(padded).buffer).toBe(padded.buffer);
        const copy = unpad(padded);
        padded.fill(9);
        expect(copy).toEqual(value);
      }),
    );
    expect(() => pad(new Uint8Array(64), 64)).toThrow(coded('COMPARTMENT_TOO_LARGE'));
    for (const bad of [new Uint8Array(0), new Uint8Array(9), Uint8Array.of(1, 0)]) expect(() => unpad(bad)).toThrow(coded('OPEN_FAILED'));
  });
});

describe('canonical JSON', () => {
  it('decodes what it encodes (property)', () => {
    const value = fc
      .jsonValue({ maxDepth: 5, noUnicodeString: false })
      .filter((one) => !JSON.stringify(one).match(/\d[.e]|__proto__|-0(?!\d)/));
    fc.assert(
      fc.property(value, (one) => {
        let bytes: Uint8Array;
        try {
          bytes = encodeCanonicalJson(one);
        } catch {
          return; // outside the profile: a float or an unsafe integer
        }
        expect(encodeCanonicalJson(decodeCanonicalJson(bytes, 1e6))).toEqual(bytes);
      }),
    );
  });

  it('refuses a million brackets before it parses them', () => {
    expect(() => decodeCanonicalJson(utf8('['.repeat(1_000_000)), 2_000_000)).toThrow(coded('JSON_INVALID'));
    expect(() => decodeCanonicalJson(utf8('[1]'), 2)).toThrow(coded('JSON_INVALID'));
  });

  const suite = sharedPath('vectors/json/test_parsing');
  it.skipIf(suite === undefined)('refuses all 188 texts that are not JSON; what it takes of the others is canonical', () => {
    const files = readdirSync(suite ?? '');
    const refused = files.filter((name) => name.startsWith('n_'));
    expect(refused).toHaveLength(188);
    for (const name of refused)
      expect(() => decodeCanonicalJson(readFileSync(join(suite ?? '', name)), 1e6), name).toThrow(coded('JSON_INVALID'));
    let taken = 0;
    for (const name of files.filter((one) => !one.startsWith('n_'))) {
      const bytes = new Uint8Array(readFileSync(join(suite ?? '', name)));
      try {
        const value = decodeCanonicalJson(bytes, 1e6);
        taken++;
        expect(encodeCanonicalJson(value), name).toEqual(bytes);
      } catch (error) {
        expect(error, name).toEqual(coded('JSON_INVALID'));
      }
    }
    expect(taken).toBeGreaterThan(20); // the positive control: it does take JSON
  });
});

describe('randomness', () => {
  it('numbers come from the bytes given, also when those lie in a larger buffer', () => {
    const source = seededRandom('pooled');
    const pooled = { bytes: (length: number) => Buffer.concat([Buffer.alloc(64), source.bytes(length)]).subarray(64) };
    const drawn = Array.from({ length: 64 }, () => randomInt(pooled, 28));
    expect(new Set(drawn).size).toBeGreaterThan(10);
    expect(drawn).toEqual(((again) => drawn.map(() => randomInt(again, 28)))(seededRandom('pooled')));
  });

  it('control: Math.random called by code of ours throws, and by a test does not', () => {
    const weak = runInThisContext('(() => Math.random())', { filename: '/checkout/src/weak.js' }) as () => number;
    expect(weak).toThrow('secure source');
    expect(Math.random()).toBeLessThan(1);
  });
});
