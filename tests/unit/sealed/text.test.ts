import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRealDate } from '../../../src/sealed/birth-date.js';
import { normaliseText } from '../../../src/sealed/text.js';

describe('normaliseText', () => {
  it.each([
    ['  王小明 ', '王小明'],
    ['e\u0301', '\u00e9'],
    ['محمد', 'محمد'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['O’Brien-Ñandú', 'O’Brien-Ñandú'],
    ['\u{20000}', '\u{20000}'],
  ])('keeps people’s names: %j', (input, expected) => {
    expect(normaliseText(input, { max: 256 })).toBe(expected);
  });

  it.each([
    ['empty', ''],
    ['white space only', ' \u3000 '],
    ['lone surrogate', 'a\ud800'],
    ['NUL', 'a\u0000b'],
    ['tab', 'a\tb'],
    ['C1 control', 'a\u009bb'],
    ['terminal escape', 'a\u001b[2Jb'],
    ['line separator', 'a\u2028b'],
    ['right-to-left override', 'a\u202eb'],
    ['isolate', 'a\u2066b'],
    ['line feed where lines are not allowed', 'a\nb'],
    ['too long', 'x'.repeat(257)],
    ['huge', '\u0301'.repeat(1_000_000)],
  ])('refuses: %s', (_, input) => {
    expect(normaliseText(input, { max: 256 })).toBeUndefined();
  });

  it('allows line feeds, and nothing else, where the rule says lines', () => {
    expect(normaliseText('a\nb', { max: 10, lines: true })).toBe('a\nb');
    expect(normaliseText('a\r\nb', { max: 10, lines: true })).toBeUndefined();
  });

  it('counts code points, not code units', () => {
    expect(normaliseText('\u{20000}'.repeat(8), { max: 8 })).toBeDefined();
    expect(normaliseText('\u{20000}'.repeat(9), { max: 8 })).toBeUndefined();
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (input, lines) => {
        const once = normaliseText(input, { max: 32, lines });
        if (once !== undefined) expect(normaliseText(once, { max: 32, lines })).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isRealDate', () => {
  it.each(['1850', '2100', '1970-01', '1970-12-31', '2000-02-29', '1996-02-29'])('accepts %s', (text) => {
    expect(isRealDate(text)).toBe(true);
  });
  it.each([
    '1849',
    '2101',
    '1970-13',
    '1970-00',
    '1970-1',
    '1900-02-29',
    '1970-04-31',
    '1970-01-00',
    '70',
    '1970/01/01',
    '19700101',
    '１９７０',
    '1970-',
  ])('refuses %s', (text) => {
    expect(isRealDate(text)).toBe(false);
  });
  it('agrees with the calendar on every day of four centuries', () => {
    for (let day = Date.UTC(1850, 0, 1); day < Date.UTC(2101, 0, 1); day += 86_400_000) {
      if (!isRealDate(new Date(day).toISOString().slice(0, 10))) expect.fail('a real date was refused');
    }
  });
});
