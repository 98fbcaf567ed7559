import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/foundation/bytes.js';
import { decodeLeaf, encodeLeaf, type Leaf, type StatementLeaf } from '../../../src/public/leaf.js';
import type { Tally } from '../../../src/public/tally.js';
import { dateOfDay } from '../../../src/vocabulary/period.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../../../src/vocabulary/words.js';
import { statement } from './arbitraries.js';

const invalid = expect.objectContaining({ code: 'FORMAT_INVALID' });
const batch = fc.integer({ min: 1, max: 100_000 });

const statementLeaf: fc.Arbitrary<StatementLeaf> = fc.tuple(statement, batch).map(([value, number]) => ({
  type: 'statement' as const,
  batch: number,
  categories: value.categories,
  display: value.display,
  evidence: value.evidence,
  origin: value.origin,
  contentHash: value.entryKey,
}));
const countsBy = (words: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...words), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { noNullPrototype: true });
const tally: fc.Arbitrary<Tally> = fc.record({
  statements: fc.nat(),
  retracted: fc.nat(),
  category: countsBy(['party', 'league', 'constructor', 'x-1']),
  evidence: countsBy(EVIDENCES),
  display: countsBy(DISPLAYS),
  origin: countsBy(ORIGINS),
  type: countsBy(LEAF_TYPES),
});
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  statementLeaf,
  fc.record({
    type: fc.constant('tally' as const),
    batch,
    date: fc.integer({ min: 0, max: 40_000 }).map(dateOfDay),
    before: tally,
    after: tally,
  }),
);

describe('leaves', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(leaf, (value) => {
        const encoded = encodeLeaf(value);
        expect(decodeLeaf(encoded)).toEqual(value);
        expect(encoded.length).toBeLessThanOrEqual(value.type === 'tally' ? 65_536 : 1024);
      }),
    );
  });

  it('any altered, added or missing byte is refused or is another canonical leaf', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('alter', 'add', 'cut'), (value, at, by, how) => {
        const encoded = encodeLeaf(value);
        const index = at % encoded.length;
        const altered =
          how === 'cut'
            ? encoded.slice(0, index)
            : how === 'add'
              ? Uint8Array.of(...encoded, by)
              : encoded.map((byte, i) => (i === index ? byte ^ by : byte));
        try {
          expect(encodeLeaf(decodeLeaf(altered))).toEqual(altered);
          expect(how).toBe('alter');
        } catch (error) {
          expect(error).toEqual(invalid);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the widest statement leaf fits its limit, the widest tally its own', () => {
    const categories = Array.from({ length: 64 }, (_, i) => `c${String(i).padStart(31, '0')}`);
    const wide: Tally = {
      statements: Number.MAX_SAFE_INTEGER,
      retracted: Number.MAX_SAFE_INTEGER,
      category: Object.fromEntries(categories.map((id) => [id, Number.MAX_SAFE_INTEGER])),
      evidence: {},
      display: {},
      origin: {},
      type: {},
    };
    const leafOf: StatementLeaf = {
      type: 'statement',
      batch: Number.MAX_SAFE_INTEGER,
      categories: categories.slice(0, 8),
      display: 'alias',
      evidence: 'verified',
      origin: 'import',
      contentHash: 'ff'.repeat(32),
    };
    expect(encodeLeaf(leafOf).length).toBeLessThan(1024);
    expect(encodeLeaf({ type: 'tally', batch: 1, date: '2026-11-21', before: wide, after: wide }).length).toBeLessThan(8192);
  });

  it('a tally above 64 KiB is refused before it is parsed', () => {
    expect(() => decodeLeaf(utf8('['.repeat(65_537)))).toThrow(invalid);
    const category = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`c${i}`, 1]));
    const big: Tally = { statements: 1, retracted: 0, category, evidence: {}, display: {}, origin: {}, type: {} };
    expect(() => encodeLeaf({ type: 'tally', batch: 1, date: '2026-11-21', before: big, after: big })).toThrow(invalid);
  });

  it('a value that is not bytes is the caller’s bug', () => {
    for (const value of ['{}', [1], undefined, new ArrayBuffer(3)]) expect(() => decodeLeaf(value as never)).toThrow(TypeError);
  });
});
