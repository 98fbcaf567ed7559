import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/foundation/bytes.js';
import { contentHash, contentOf, decodeContent, encodeContent } from '../../../src/public/content.js';
import {
  assertKnownCategories,
  decodeStatement,
  encodeStatement,
  normaliseStatement,
  statementDigest,
} from '../../../src/public/statement.js';
import { normaliseText } from '../../../src/public/text.js';
import { bytes, example, statement } from './arbitraries.js';

const code = (expected: string, field?: string) =>
  expect.objectContaining(field === undefined ? { code: expected } : { code: expected, details: expect.objectContaining({ field }) });

describe('statements', () => {
  it('decode to what was encoded, and encode to what was decoded', () => {
    fc.assert(
      fc.property(statement, (value) => {
        const encoded = encodeStatement(value);
        expect(decodeStatement(encoded)).toEqual(value);
        expect(encodeStatement(decodeStatement(encoded))).toEqual(encoded);
        expect(normaliseStatement(normaliseStatement(value))).toEqual(normaliseStatement(value));
      }),
    );
  });

  it('any altered byte is refused or is another canonical statement', () => {
    fc.assert(
      fc.property(statement, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, by) => {
        const encoded = encodeStatement(value);
        const index = at % encoded.length;
        encoded[index] = (encoded[index] as number) ^ by;
        try {
          expect(encodeStatement(decodeStatement(encoded))).toEqual(encoded);
        } catch (error) {
          expect(error).toEqual(code('STATEMENT_INVALID'));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are put into canonical form', () => {
    const given = { ...example, name: '  Zoe\u0308 ', categories: ['party', 'league'], text: ' a\r\nb\r ' };
    expect(normaliseStatement(given)).toEqual({ ...example, name: 'Zo\u00eb', categories: ['league', 'party'], text: 'a\nb' });
    expect(normaliseStatement({ ...example, text: ' \n ' }).text).toBeUndefined();
    expect(new TextDecoder().decode(encodeStatement(example))).toBe(
      `{"categories":["league","party"],"display":"alias","evidence":"stated","key":"${'ab'.repeat(32)}","name":"jin fu","origin":"live","period":"2026-11","text":"I withdraw."}`,
    );
  });

  it.each([
    ['no category', { categories: [] }, 'statement.categories'],
    ['nine categories', { categories: [...'abcdefghi'] }, 'statement.categories'],
    ['a category twice', { categories: ['party', 'party'] }, 'statement.categories'],
    ['a category that is no id', { categories: ['Party'] }, 'statement.categories'],
    ['a name on hearsay', { display: 'name' }, 'statement.display'],
    ['another display', { display: 'both' }, 'statement.display'],
    ['another evidence', { evidence: 'rumour' }, 'statement.evidence'],
    ['another origin', { origin: 'dream' }, 'statement.origin'],
    ['a day as period', { period: '2026-11-21' }, 'statement.period'],
    ['month 13', { period: '2026-13' }, 'statement.period'],
    ['a short key', { entryKey: 'ab' }, 'statement.entryKey'],
    ['an upper-case key', { entryKey: 'AB'.repeat(32) }, 'statement.entryKey'],
    ['a name that is no string', { name: 5 }, 'statement.name'],
    ['a bidi override in the text', { text: 'a\u202eb' }, 'statement.text'],
    ['a tab in the text', { text: 'a\tb' }, 'statement.text'],
    ['an escape in the text', { text: 'a\u001b[2J' }, 'statement.text'],
    ['a line separator in the text', { text: 'a\u2028b' }, 'statement.text'],
    ['a hidden tag in the text', { text: 'a\u{e0041}b' }, 'statement.text'],
    ['a lone surrogate in the text', { text: 'a\ud800' }, 'statement.text'],
  ])('refused: %s', (_, change, field) => {
    expect(() => normaliseStatement({ ...example, ...change } as never)).toThrow(code('STATEMENT_INVALID', field));
  });

  it('an unknown member is refused and not named', () => {
    expect(() => normaliseStatement({ ...example, canary: 1 } as never)).toThrow(code('STATEMENT_INVALID'));
    expect(() => normaliseStatement({ ...example, canary: 1 } as never)).not.toThrow(/canary/);
  });

  it('a bad alias keeps its own code; in bytes from a device it is one more invalid statement', () => {
    expect(() => normaliseStatement({ ...example, name: '=1+1' })).toThrow(code('ALIAS_INVALID', 'statement.alias'));
    const encoded = new TextDecoder().decode(encodeStatement(example)).replace('jin fu', '=1+1');
    expect(() => decodeStatement(utf8(encoded))).toThrow(code('STATEMENT_INVALID'));
  });

  it('display `name` needs evidence', () => {
    for (const evidence of ['contact', 'verified'] as const) {
      expect(normaliseStatement({ ...example, display: 'name', evidence, name: 'Maria 王小明' }).name).toBe('Maria 王小明');
    }
  });

  it('limits: 2048 bytes of text, 4096 of statement', () => {
    expect(normaliseText('a'.repeat(2048))).toHaveLength(2048);
    expect(normaliseText('退'.repeat(682))).toHaveLength(682);
    for (const text of ['a'.repeat(2049), '退'.repeat(683), 'a'.repeat(10_000_000)]) {
      expect(() => normaliseText(text)).toThrow(code('STATEMENT_TOO_LARGE', 'statement.text'));
    }
    expect(() => encodeStatement({ ...example, text: '"'.repeat(2048) })).toThrow(code('STATEMENT_TOO_LARGE', 'statement'));
    expect(() => decodeStatement(new Uint8Array(4097))).toThrow(code('STATEMENT_TOO_LARGE'));
  });

  it('joiners that Persian and Indic spelling needs are let through', () => {
    expect(normaliseText('می\u200cروم')).toBe('می\u200cروم');
  });

  it('categories are checked against the configured ones by a function of its own', () => {
    expect(() => assertKnownCategories(example, [{ id: 'party' }, { id: 'league' }])).not.toThrow();
    expect(() => assertKnownCategories(example, [{ id: 'party' }])).toThrow(code('CATEGORY_UNKNOWN'));
  });

  it('a value that is not bytes is the caller’s bug', () => {
    for (const value of ['{}', [1], undefined, { length: 3 }, new ArrayBuffer(3)])
      expect(() => decodeStatement(value as never)).toThrow(TypeError);
  });
});

describe('the statement digest', () => {
  it('stays the same in another month, and changes with everything else', () => {
    const salt = new Uint8Array(32);
    const digest = toHex(statementDigest(example, salt));
    expect(toHex(statementDigest({ ...example, period: 'earlier' }, salt))).toBe(digest);
    const changes = [
      { name: 'wan shun' },
      { display: 'name', evidence: 'contact' },
      { categories: ['party'] },
      { text: undefined },
      { evidence: 'contact' },
      { origin: 'import' },
      { entryKey: 'cd'.repeat(32) },
    ] as const;
    for (const change of changes) expect(toHex(statementDigest({ ...example, ...change }, salt))).not.toBe(digest);
    expect(toHex(statementDigest(example, new Uint8Array(32).fill(1)))).not.toBe(digest);
    expect(() => statementDigest(example, new Uint8Array(31))).toThrow(RangeError);
  });
});

describe('contents', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(statement, fc.boolean(), (value, coarsen) => {
        const content = contentOf(value, coarsen);
        expect(content.period).toBe(coarsen ? 'earlier' : value.period);
        const encoded = encodeContent(content);
        expect(decodeContent(encoded)).toEqual(content);
        expect(encoded.length).toBeLessThan(encodeStatement(value).length);
      }),
    );
  });

  it('any altered byte is refused or canonical, and changes the hash', () => {
    fc.assert(
      fc.property(statement, bytes(32), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, salt, at, by) => {
        const encoded = encodeContent(contentOf(value, false));
        const hash = toHex(contentHash(salt, encoded));
        encoded[at % encoded.length] = (encoded[at % encoded.length] as number) ^ by;
        expect(toHex(contentHash(salt, encoded))).not.toBe(hash);
        try {
          expect(encodeContent(decodeContent(encoded))).toEqual(encoded);
        } catch (error) {
          expect(error).toEqual(code('FORMAT_INVALID'));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a content that breaks a rule is not encoded', () => {
    const content = contentOf(example, false);
    for (const change of [{ name: ' jin fu' }, { name: '' }, { period: '2026' }, { text: '' }, { text: 'a\t' }, { entryKey: 'x' }]) {
      expect(() => encodeContent({ ...content, ...change })).toThrow(code('FORMAT_INVALID'));
    }
  });
});
