import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/foundation/byte-reader.js';
import { ByteWriter } from '../../../src/foundation/byte-writer.js';
import {
  assertBytes,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  fromUtf8,
  isWellFormed,
  toBase64,
  toHex,
  utf8,
  wipe,
} from '../../../src/foundation/bytes.js';
import { dayOf, systemClock, today } from '../../../src/foundation/clock.js';
import { byteLength, pad, unpad } from '../../../src/foundation/padding.js';
import { drawBytes, randomInt, systemRandom } from '../../../src/foundation/random.js';
import { Secret } from '../../../src/foundation/secret.js';
import { encodeTuple, hashTuple, hashTupleBy, u32 } from '../../../src/foundation/tuple.js';
import { nodeBackend } from '../../../src/sqlite.js';

/** The edges of the small things that everything stands on: the last value that is taken and the first that is not. */
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const malformed = (code: string, format: string) => expect.objectContaining({ code, message: `malformed ${format}` });

describe('byte reader', () => {
  it('takes as many bytes as the format allows, and refuses one more under the format’s own code', () => {
    expect(() => new ByteReader(bytes(1, 2, 3), 'thing', 3)).not.toThrow();
    expect(() => new ByteReader(bytes(1, 2, 3), 'thing', 2)).toThrow(malformed('FORMAT_INVALID', 'thing'));
    expect(() => new ByteReader(bytes(1, 2, 3), 'thing', 2, 'SHARE_INVALID')).toThrow(malformed('SHARE_INVALID', 'thing'));
    expect(() => new ByteReader('abc' as never, 'thing', 3)).toThrow(new TypeError('thing must be a Uint8Array'));
  });

  it('reads to the last byte and not past it; what failed took nothing', () => {
    const reader = new ByteReader(bytes(1, 2, 3), 'thing', 3);
    expect(reader.u8()).toBe(1);
    expect(() => reader.fixed(3)).toThrow(malformed('FORMAT_INVALID', 'thing'));
    expect(() => reader.u32()).toThrow(malformed('FORMAT_INVALID', 'thing'));
    expect(reader.fixed(2)).toEqual(bytes(2, 3));
    expect(reader.fixed(0)).toEqual(bytes());
    expect(() => reader.end()).not.toThrow();
  });

  it('takes a prefix of the most it may say, and none that says more, even where the bytes are there', () => {
    const written = new ByteWriter().prefixed(bytes(7, 8, 9)).finish();
    expect(new ByteReader(written, 'thing', 9).prefixed(3)).toEqual(bytes(7, 8, 9));
    expect(() => new ByteReader(written, 'thing', 9).prefixed(2)).toThrow(malformed('FORMAT_INVALID', 'thing'));
    expect(() => new ByteReader(bytes(0, 0, 0, 4, 1), 'thing', 9).prefixed(4)).toThrow(malformed('FORMAT_INVALID', 'thing'));
  });

  it('expects each byte, and goes on behind them', () => {
    const reader = () => new ByteReader(bytes(5, 6, 7), 'thing', 3);
    expect(reader().expect(bytes(5, 6)).u8()).toBe(7);
    for (const wrong of [bytes(5, 7), bytes(4, 6), bytes(6), bytes(5, 6, 7, 8)])
      expect(() => reader().expect(wrong)).toThrow(malformed('FORMAT_INVALID', 'thing'));
  });
});

describe('byte writer', () => {
  it('writes each width big-endian up to its greatest number', () => {
    expect(new ByteWriter().u8(0).u8(255).u16(0).u16(65_535).u32(0).u32(0xffffffff).u16(258).u32(0x01020304).finish()).toEqual(
      bytes(0, 255, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 1, 2, 1, 2, 3, 4),
    );
    expect(() => new ByteWriter().u8(256)).toThrow(new RangeError('not a u8'));
    expect(() => new ByteWriter().u16(65_536)).toThrow(new RangeError('not a u16'));
    expect(() => new ByteWriter().u32(2 ** 32)).toThrow(new RangeError('not a u32'));
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1'])
      for (const width of ['u8', 'u16', 'u32'] as const) expect(() => new ByteWriter()[width](bad as number)).toThrow(RangeError);
  });

  it('loses nothing when it grows, wherever the border falls (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (parts) => {
        const writer = new ByteWriter();
        for (const part of parts) writer.fixed(part, part.length).u8(1).u16(2).u32(3);
        expect(writer.finish()).toEqual(concatBytes(...parts.flatMap((part) => [part, bytes(1, 0, 2, 0, 0, 0, 3)])));
      }),
    );
    for (const length of [255, 256, 257, 512, 513, 5000]) {
      const value = systemRandom.bytes(length);
      expect(new ByteWriter().fixed(value, length).u8(9).finish()).toEqual(concatBytes(value, bytes(9)));
    }
  });

  it('refuses another length than the format fixes, and what is no bytes', () => {
    expect(() => new ByteWriter().fixed(bytes(1), 2)).toThrow(new RangeError('value must be 2 bytes'));
    expect(() => new ByteWriter().fixed([1, 2] as never, 2)).toThrow(TypeError);
    expect(() => new ByteWriter().prefixed('ab' as never)).toThrow(new TypeError('value must be a Uint8Array'));
    expect(new ByteWriter().prefixed(bytes(4)).finish()).toEqual(bytes(0, 0, 0, 1, 4));
  });

  it('gives a copy: writing on does not change what was finished', () => {
    const writer = new ByteWriter().u8(1);
    const first = writer.finish();
    expect(writer.u8(2).finish()).toEqual(bytes(1, 2));
    expect(first).toEqual(bytes(1));
  });
});

describe('bytes', () => {
  it('are a Uint8Array, of another realm too, and nothing that only looks like one', () => {
    const foreign: unknown = runInNewContext('new Uint8Array(4)');
    expect(foreign instanceof Uint8Array).toBe(false);
    for (const good of [bytes(), bytes(1), Buffer.from('x'), foreign, new Uint8Array(8).subarray(8)])
      expect(() => assertBytes(good, 'it')).not.toThrow();
    class Uint8ArrayLike extends Uint16Array {}
    Object.defineProperty(Uint8ArrayLike, 'name', { value: 'Uint8Array' });
    const named = new DataView(new ArrayBuffer(4));
    Object.defineProperty(named, 'constructor', { value: { name: 'Uint8Array' } });
    const fakes = [
      null,
      undefined,
      1,
      '',
      [],
      {},
      { length: 4 },
      new ArrayBuffer(4),
      new DataView(new ArrayBuffer(4)),
      new Int8Array(4),
      new Uint8ClampedArray(4),
      new Uint16Array(4),
      new Uint8ArrayLike(4),
      named,
    ];
    for (const fake of fakes) expect(() => assertBytes(fake, 'it')).toThrow(new TypeError('it must be a Uint8Array'));
    expect(() => assertBytes(foreign, 'it', 4)).not.toThrow();
    expect(() => assertBytes(foreign, 'it', 5)).toThrow(new RangeError('it must be 5 bytes'));
    expect(() => assertBytes(bytes(), 'it', 1)).toThrow(new RangeError('it must be 1 bytes'));
  });

  it('of a detached buffer are refused by name', () => {
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => assertBytes(detached, 'it')).toThrow(new TypeError('it must not be detached'));
  });

  it('are equal in all or not at all; what is no bytes is never equal', () => {
    expect(equalBytes(bytes(1, 2, 3), bytes(1, 2, 3))).toBe(true);
    expect(equalBytes(bytes(), bytes())).toBe(true);
    for (const other of [bytes(1, 2, 4), bytes(0, 2, 3), bytes(1, 2), bytes(1, 2, 3, 0), bytes(), bytes(2, 1, 3)]) {
      expect(equalBytes(bytes(1, 2, 3), other)).toBe(false);
      expect(equalBytes(other, bytes(1, 2, 3))).toBe(false);
    }
    // Differences that cancel in a sum or in an exclusive or must not.
    expect(equalBytes(bytes(1, 1), bytes(2, 2))).toBe(false);
    expect(equalBytes(bytes(1, 3), bytes(3, 1))).toBe(false);
    expect(() => equalBytes('a' as never, bytes(97))).toThrow(new TypeError('a must be a Uint8Array'));
    expect(() => equalBytes(bytes(97), 'a' as never)).toThrow(new TypeError('b must be a Uint8Array'));
  });

  it('are ordered by their first difference, and a prefix comes first', () => {
    const ordered = [bytes(), bytes(0), bytes(0, 255), bytes(1), bytes(1, 0), bytes(1, 1), bytes(2), bytes(255)];
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareBytes(a, b)), `${i} ${j}`).toBe(Math.sign(i - j));
  });

  it('are put one behind the other, and all wiped', () => {
    expect(concatBytes(bytes(1), bytes(), bytes(2, 3))).toEqual(bytes(1, 2, 3));
    expect(concatBytes()).toEqual(bytes());
    const [a, b] = [bytes(1, 2), bytes(3)];
    wipe(a, b);
    expect([a, b]).toEqual([bytes(0, 0), bytes(0)]);
  });
});

describe('texts of bytes', () => {
  it('hex: lower case, whole bytes, of the length asked for', () => {
    expect(toHex(bytes(0, 1, 15, 16, 171, 255))).toBe('00010f10abff');
    expect(fromHex('00010f10abff')).toEqual(bytes(0, 1, 15, 16, 171, 255));
    expect(fromHex('', 0)).toEqual(bytes());
    expect(fromHex('abcd', 2)).toEqual(bytes(171, 205));
    expect(() => fromHex('abcd', 3)).toThrow(new RangeError('hex must be 3 bytes'));
    expect(() => fromHex('abcd', 1)).toThrow(new RangeError('hex must be 1 bytes'));
    for (const bad of ['abc', 'AB', 'ag', 'ga', 'ab\n', '\nab', 'ab cd '])
      expect(() => fromHex(bad)).toThrow(new RangeError('not lower-case hex'));
    expect(() => fromHex(7 as never)).toThrow(new TypeError('hex must be a string'));
    expect(() => toHex('ab' as never)).toThrow(new TypeError('bytes must be a Uint8Array'));
  });

  it('base64: padded and canonical', () => {
    expect(toBase64(bytes(0, 255, 254, 1))).toBe('AP/+AQ==');
    expect(fromBase64('AP/+AQ==')).toEqual(bytes(0, 255, 254, 1));
    expect(fromBase64('')).toEqual(bytes());
    expect(() => fromBase64('!')).toThrow(new RangeError('not canonical base64'));
    expect(() => fromBase64('AP/+AR==')).toThrow(new RangeError('not canonical base64'));
    expect(() => fromBase64(1 as never)).toThrow(new TypeError('base64 must be a string'));
    expect(() => toBase64([1] as never)).toThrow(new TypeError('bytes must be a Uint8Array'));
  });

  it('UTF-8: strict both ways, and a byte order mark is kept', () => {
    expect(utf8('aé金\u{20000}')).toEqual(bytes(0x61, 0xc3, 0xa9, 0xe9, 0x87, 0x91, 0xf0, 0xa0, 0x80, 0x80));
    expect(fromUtf8(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    for (const bad of [bytes(0xff), bytes(0xc0, 0x80), bytes(0xed, 0xa0, 0x80), bytes(0xe9, 0x87)])
      expect(() => fromUtf8(bad)).toThrow(new RangeError('not UTF-8'));
    expect(() => utf8('a\udc00')).toThrow(new RangeError('text has a lone surrogate'));
    expect(() => utf8(bytes(1) as never)).toThrow(new TypeError('text must be a string'));
    expect(() => fromUtf8('a' as never)).toThrow(new TypeError('bytes must be a Uint8Array'));
    expect([isWellFormed('a'), isWellFormed('\ud800')]).toEqual([true, false]);
    expect(byteLength('a金')).toBe(4);
  });
});

describe('padding', () => {
  it('takes a bucket less one byte, and names the limit', () => {
    expect(pad(bytes(1, 2, 3), 4)).toEqual(bytes(1, 2, 3, 0x80));
    expect(pad(bytes(), 4)).toEqual(bytes(0x80, 0, 0, 0));
    const tooLarge = expect.objectContaining({ code: 'COMPARTMENT_TOO_LARGE', message: 'more than 3 bytes', details: { limit: 3 } });
    for (const length of [4, 5]) expect(() => pad(new Uint8Array(length), 4)).toThrow(tooLarge);
    expect(() => pad('abc' as never, 4)).toThrow(new TypeError('plaintext must be a Uint8Array'));
  });

  it('comes off at the last marker only', () => {
    expect(unpad(bytes(0x80))).toEqual(bytes());
    expect(unpad(bytes(0x80, 0x80, 0))).toEqual(bytes(0x80));
    expect(unpad(bytes(0, 0x80, 0, 0))).toEqual(bytes(0));
    for (const bad of [bytes(), bytes(0), bytes(0x81, 0), bytes(0x80, 1), bytes(0x80, 0, 1, 0)])
      expect(() => unpad(bad)).toThrow(expect.objectContaining({ code: 'OPEN_FAILED' }));
    expect(() => unpad([0x80] as never)).toThrow(new TypeError('padded must be a Uint8Array'));
  });
});

describe('tuples', () => {
  it('are each item behind its length', () => {
    expect(encodeTuple('ab', bytes(7))).toEqual(bytes(0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 1, 7));
    expect(encodeTuple('', bytes())).toEqual(new Uint8Array(8));
    expect(encodeTuple()).toEqual(bytes());
    expect(() => encodeTuple('a', [1] as never)).toThrow(new TypeError('tuple item must be a Uint8Array'));
    expect(u32(0)).toEqual(bytes(0, 0, 0, 0));
    expect(u32(0xffffffff)).toEqual(bytes(255, 255, 255, 255));
    expect(u32(258)).toEqual(bytes(0, 0, 1, 2));
    for (const bad of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => u32(bad)).toThrow(new RangeError('not a u32'));
  });

  it('have one hash, whoever computes SHA-256', () => {
    expect(toHex(hashTuple('label', 'a', bytes(1)))).toBe(toHex(nodeBackend.sha256(encodeTuple('label', 'a', bytes(1)))));
    expect(hashTupleBy(nodeBackend.sha256, 'label', 'a', bytes(1))).toEqual(hashTuple('label', 'a', bytes(1)));
    expect(toHex(hashTuple('label'))).toHaveLength(64);
  });
});

describe('a secret', () => {
  it('hides in each of its four ways by itself', () => {
    const secret = new Secret('CANARY');
    const custom = Reflect.get(secret, Symbol.for('nodejs.util.inspect.custom')) as () => string;
    expect([secret.toString(), secret.toJSON(), secret[Symbol.toPrimitive](), custom.call(secret), inspect(secret)]).toEqual(
      Array(5).fill('[secret]'),
    );
  });
});

describe('randomness', () => {
  const answering = (...answers: Uint8Array[]) => ({ bytes: () => answers.shift() ?? expect.fail('asked too often') });

  it('is a copy of exactly what was asked for', () => {
    const given = bytes(1, 2);
    const drawn = drawBytes(answering(given), 2);
    given.fill(0);
    expect(drawn).toEqual(bytes(1, 2));
    for (const wrong of [bytes(1), bytes(1, 2, 3), bytes()])
      expect(() => drawBytes(answering(wrong), 2)).toThrow(new TypeError('random source gave a wrong number of bytes'));
    expect(() => drawBytes(answering('ab' as never), 2)).toThrow(new TypeError('random must be a Uint8Array'));
    expect(systemRandom.bytes(5)).toHaveLength(5);
  });

  it('draws again where the rest would make some numbers likelier', () => {
    // 2^32 = 3 × 1431655765 + 1: the one number left over is thrown away.
    expect(randomInt(answering(u32(0xffffffff), u32(0xfffffffe)), 3)).toBe(2);
    expect(randomInt(answering(u32(0xfffffffe)), 3)).toBe(2);
    expect(randomInt(answering(u32(5)), 3)).toBe(2);
    expect(randomInt(answering(u32(0xffffffff)), 2 ** 32)).toBe(0xffffffff);
    expect(randomInt(answering(u32(0xffffffff)), 1)).toBe(0);
    for (const bad of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
      expect(() => randomInt(systemRandom, bad)).toThrow(new RangeError('bound must be 1 to 2^32'));
  });
});

describe('the day', () => {
  it('begins with its first millisecond', () => {
    expect([0, 86_399_999, 86_400_000, 86_400_000 * 20_000 + 5].map(dayOf)).toEqual([0, 0, 1, 20_000]);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => dayOf(bad)).toThrow(new RangeError('not a time'));
    expect(today({ now: () => 86_400_000 * 7 })).toBe(7);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
  });
});
