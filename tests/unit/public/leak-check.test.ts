import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containsAny, containsDigitRun } from '../../../src/public/leak-check.js';

describe('a public text that holds a sealed one', () => {
  it.each([
    ['我叫王小明', '王小明'],
    ['call me W a n g - Xiao.Ming', 'wang xiaoming'],
    ['ＷＡＮＧ小', 'wang'],
    ['王 小　明', '王小明'],
    ['mail xiao.ming88 please', 'xiaoming88'],
    ['Straße 5', 'STRAßE'],
  ])('%s', (text, needle) => expect(containsAny(text, ['nobody', needle])).toBe(true));

  it.each([
    ['one character only', '王府井', '王'],
    ['nothing', 'I withdraw.', '王小明'],
    ['empty needle', 'I withdraw.', ' - '],
    ['other order', '明小王', '王小明'],
  ])('passes: %s', (_, text, needle) => expect(containsAny(text, [needle])).toBe(false));

  it('finds a needle wherever it stands, however it is spaced', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abc王明金'), minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(word, fc.string(), fc.string(), fc.constantFrom('', ' ', '-', '. ', '\u3000'), (needle, before, after, gap) => {
        expect(containsAny(`${before} ${[...needle].join(gap)} ${after}`, [needle.toUpperCase()])).toBe(true);
      }),
    );
  });
});

describe('a public text that holds a piece of a number', () => {
  it.each([
    ['13800138000', '+86 138-0013-8000'],
    ['ring 0013 80 now', '13800138000'],
    ['１３８００１', '13800138000'],
    ['一三八〇〇一三八〇〇〇', '13800138000'],
    ['幺三八零零幺', '13800138000'],
    ['١٣٨٠٠١٣٨٠', '13800138000'],
    ['born 1970.01.02', '1970-01-02'],
  ])('%s', (text, number) => expect(containsDigitRun(text, [number])).toBe(true));

  it.each([
    ['five digits', '13800', '13800138000'],
    ['another number', '2468024680', '13800138000'],
    ['a letter between', '138a001', '13800138000'],
    ['a short number', '12345', '12345'],
  ])('passes: %s', (_, text, number) => expect(containsDigitRun(text, [number])).toBe(false));

  it('exactly from six digits on', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 7, maxLength: 15 });
    fc.assert(
      fc.property(digits, fc.nat(), fc.integer({ min: 6, max: 7 }), (number, start, length) => {
        const from = start % (number.length - length + 1);
        expect(
          containsDigitRun(
            `x ${number
              .slice(from, from + length)
              .split('')
              .join(' ')} y`,
            [number],
          ),
        ).toBe(true);
      }),
    );
  });
});
