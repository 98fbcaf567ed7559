import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseAlias, normaliseShownName } from '../../../src/public/alias.js';
import { sharedPath } from '../../support/shared.js';

const names = sharedPath('data/chinese-names-ancient.txt');
const payloads = sharedPath('vectors/strings/csv-payload.txt');

const refused = (run: () => unknown): void => expect(run).toThrow(expect.objectContaining({ code: 'ALIAS_INVALID' }));

describe('aliases that people choose', () => {
  it.each([
    ['jin fu', 'jin fu'],
    ['  wan \u3000 shun ', 'wan shun'],
    ['金福', '金福'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ["O'Brien-Smith Jr.", "O'Brien-Smith Jr."],
    ['次仁·旺姆', '次仁·旺姆'],
    ['ཚེ་རིང', 'ཚེ་རིང'],
    ['བསོད་ནམས', 'བསོད་ནམས'],
    ['佐藤ひかり', '佐藤ひかり'],
    ['金민수', '金민수'],
    ['น้ำ', 'น้ำ'],
    ['二〇〇八', '二〇〇八'],
    ['فاطمة', 'فاطمة'],
    ['jin fu 8', 'jin fu 8'],
    ['ᠮᠣᠩᠭᠣᠯ', 'ᠮᠣᠩᠭᠣᠯ'],
    ['Đặng Thị Hà', 'Đặng Thị Hà'],
  ])('%s', (given, canonical) => {
    expect(normaliseAlias(given)).toBe(canonical);
  });
});

describe('names that would attack a page, a table, a log or an eye', () => {
  it.each([
    ['markup', '<script>alert(1)</script>'],
    ['attribute', 'x" onmouseover="alert(1)'],
    ['entity', 'a&lt;b'],
    ['single quote first', "' onclick=alert(1)"],
    ['backtick', '`id`'],
    ['template', '{{7*7}}'],
    ['formula =', '=1+1'],
    ['formula +', '+1'],
    ['formula -', '-1'],
    ['formula @', '@SUM'],
    ['formula full-width', '\uff1dcmd'],
    ['formula full-width +', '\uff0bcmd'],
    ['formula after a space', ' =1+1'],
    ['tab', 'a\tb'],
    ['line feed', 'jin\nfu'],
    ['null', 'jin\0fu'],
    ['escape', '\u001b[31mred'],
    ['bidi override', 'jin\u202efu'],
    ['bidi isolate', '\u2066jin\u2069'],
    ['right-to-left mark', 'jin\u200f'],
    ['zero-width space', 'jin\u200bfu'],
    ['zero-width joiner', 'jin\u200dfu'],
    ['byte order mark', '\ufeffjin'],
    ['soft hyphen', 'jin\u00adfu'],
    ['Hangul filler', '\u3164'],
    ['variation selector', '金\ufe00福'],
    ['ideographic variation', '葛\u{e0100}'],
    ['private use', 'jin\ue000'],
    ['unassigned', 'jin\u0378'],
    ['unassigned and ignorable', 'jin\u{e0080}'],
    ['noncharacter', 'jin\uffff'],
    ['lone surrogate', 'jin\ud800'],
    ['emoji', '金福🐉'],
    ['mathematical letters', '𝐣𝐢𝐧 𝐟𝐮'],
    ['full-width letters', 'ｊｉｎ'],
    ['ligature', 'ﬁfi'],
    ['superscript', 'jin²'],
    ['Kangxi radical', '⾦福'],
    ['stacked marks', `a${'\u0335'.repeat(5)}`],
    ['leading mark', '\u0301a'],
    ['mark on a space', 'a \u0301b'],
    ['empty', ''],
    ['only spaces', ' \u3000 '],
    ['65 characters', 'a'.repeat(65)],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('%s', (_, given) => {
    refused(() => normaliseAlias(given));
    refused(() => normaliseShownName(given));
  });

  it.each([
    ['Cyrillic а in Latin', 'M\u0430ria'],
    ['Greek Γ after Han', '崔君Γ'],
    ['Latin and Han', '金fu'],
    ['Hangul and Hiragana', '민ひ'],
    ['Bopomofo and Katakana', 'ㄅカ'],
    ['Arabic digit in Latin', 'jin\u0664'],
  ])('mixed scripts inside a word: %s', (_, given) => {
    refused(() => normaliseAlias(given));
    refused(() => normaliseShownName(given));
  });

  it('an alias is one script, a shown name may be one script a part', () => {
    refused(() => normaliseAlias('Maria 王小明'));
    expect(normaliseShownName('Maria 王小明')).toBe('Maria 王小明');
    expect(normaliseShownName('Ли-Smith')).toBe('Ли-Smith');
    refused(() => normaliseShownName('123 456'));
    refused(() => normaliseAlias('123'));
  });

  it('64 astral characters fit', () => {
    expect([...normaliseAlias('𠮷'.repeat(64))].length).toBe(64);
  });

  it('says nothing of the value', () => {
    try {
      normaliseAlias('<canary>');
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('canary');
      expect(String((error as Error).stack)).not.toContain('<canary>');
    }
  });

  it('a value that is no string is the caller’s bug', () => {
    for (const value of [undefined, null, 5, ['jin fu']]) expect(() => normaliseAlias(value as never)).toThrow(TypeError);
  });
});

describe('normalisation', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        'é',
        'e\u0301',
        ' ',
        '\u3000',
        '\u2000',
        '金',
        '万',
        '·',
        '-',
        "'",
        '\u0f71\u0f72',
        '가',
        '\u1100',
        '\u1161',
        '8',
        'и\u0306',
      ),
      maxLength: 20,
    }),
  );

  it('is idempotent, and what it accepts an alias for it accepts as a shown name', () => {
    let accepted = 0;
    fc.assert(
      fc.property(text, (given) => {
        const shown = attempt(() => normaliseShownName(given));
        if (shown !== undefined) expect(normaliseShownName(shown)).toBe(shown);
        const alias = attempt(() => normaliseAlias(given));
        if (alias === undefined) return;
        accepted++;
        expect(normaliseAlias(alias)).toBe(alias);
        expect(shown).toBe(alias);
        expect(alias).not.toMatch(/^[=+\-@]|[<>&"\p{C}]/u);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe.skipIf(names === undefined)('real names (skipped where ../shared is missing)', () => {
  it('all of 255,352 pass, but three that were mangled before they came to us', () => {
    const lines = readFileSync(names as string, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .slice(2)
      .filter((line) => line !== '');
    expect(lines.length).toBe(255_352);
    const bad = lines.filter((name) => attempt(() => normaliseShownName(name)) === undefined);
    expect(bad).toEqual(['崔君Γ', '梁Γ', '王Γ']);
    expect(lines.filter((name) => attempt(() => normaliseAlias(name)) === undefined)).toEqual(bad);
  });

  it('administrative divisions pass as well', () => {
    const counts = ['provinces', 'cities', 'areas'].map((file) => {
      const rows = readFileSync(sharedPath(`data/${file}.csv`) as string, 'utf8')
        .split('\n')
        .slice(1)
        .filter(Boolean);
      for (const row of rows) normaliseAlias((row.split('"')[1] as string).trim());
      return rows.length;
    });
    expect(counts).toEqual([31, 342, 2978]);
  });
});

describe.skipIf(payloads === undefined)('formula payloads (skipped where ../shared is missing)', () => {
  it('all six are refused', () => {
    const lines = readFileSync(payloads as string, 'utf8')
      .split('\n')
      .filter(Boolean);
    expect(lines.length).toBe(6);
    for (const line of lines) refused(() => normaliseShownName(line));
  });
});

function attempt(run: () => string): string | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
