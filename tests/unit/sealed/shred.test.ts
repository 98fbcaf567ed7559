import { describe, expect, it } from 'vitest';
import { recordDigest } from '../../../src/sealed/record.js';
import { erasedShred, isErasedShred, unwrapShred, wrapShred } from '../../../src/sealed/shred.js';
import { seededRandom } from '../../support/crypto-fixtures.js';
import { id, shredOf } from '../../support/sealed-fixtures.js';

const kek = seededRandom('kek').bytes(32);

describe('the shred of an erased record', () => {
  it('is 32 zero bytes, and nothing with one bit set is', () => {
    expect(erasedShred()).toEqual(new Uint8Array(32));
    expect(isErasedShred(erasedShred())).toBe(true);
    for (let i = 0; i < 32; i++) {
      const almost = erasedShred();
      almost[i] = 1 << (i % 8);
      expect(isErasedShred(almost)).toBe(false);
    }
    expect(isErasedShred(new Uint8Array(32).fill(255))).toBe(false);
  });

  it('survives its wrapping, under which it looks like any other', () => {
    const wrapped = wrapShred(kek, id('a'), 7, erasedShred());
    expect(wrapped).toHaveLength(wrapShred(kek, id('a'), 7, shredOf('a')).length);
    expect(isErasedShred(unwrapShred(kek, id('a'), 7, wrapped))).toBe(true);
    expect(isErasedShred(unwrapShred(kek, id('a'), 7, wrapShred(kek, id('a'), 7, shredOf('a'))))).toBe(false);
  });

  it('is new each time: whoever changes one changes no other', () => {
    erasedShred().fill(1);
    expect(erasedShred()).toEqual(new Uint8Array(32));
  });
});

describe('what is no shred, id or wrapped shred', () => {
  it('is refused under its own name', () => {
    const short = new Uint8Array(31);
    expect(() => isErasedShred(short)).toThrow(new RangeError('shred must be 32 bytes'));
    expect(() => wrapShred(kek, id('a'), 7, short)).toThrow(new RangeError('shred must be 32 bytes'));
    expect(() => wrapShred(kek, short, 7, shredOf('a'))).toThrow(new RangeError('recordId must be 16 bytes'));
    expect(() => unwrapShred(kek, id('a'), 7, 'text' as never)).toThrow(new TypeError('wrapped must be a Uint8Array'));
    const random = { bytes: () => short };
    expect(() => wrapShred(kek, id('a'), 7, shredOf('a'), { random })).toThrow(new RangeError('random must be 24 bytes'));
    const compartments = { identity: short, contact: short, link: short };
    expect(() => recordDigest(compartments, short)).toThrow(new RangeError('shred must be 32 bytes'));
  });
});
