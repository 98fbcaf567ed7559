import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/foundation/bytes.js';
import type { ChangeLeaf } from '../../../src/public/change-leaf.js';
import { decodeLeaf, encodeLeaf, type Leaf, type StatementLeaf } from '../../../src/public/leaf.js';
import type { Tally } from '../../../src/public/tally.js';
import { dateOfDay } from '../../../src/vocabulary/period.js';
import { DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../../../src/vocabulary/words.js';
import { bytes, statement } from './arbitraries.js';

const invalid = expect.objectContaining({ code: 'FORMAT_INVALID' });
const RAISES = [
  ['stated', 'contact'],
  ['stated', 'verified'],
  ['contact', 'verified'],
] as const;
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
const entry = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const signer = fc.oneof(
  fc.constant({ by: 'registry' as const }),
  bytes(64).map((signature) => ({ by: 'holder' as const, signature: toHex(signature) })),
);
const changeLeaf: fc.Arbitrary<ChangeLeaf> = fc.oneof(
  fc
    .record({
      type: fc.constant('amendment' as const),
      batch,
      entry,
      number: entry,
      kind: fc.constantFrom('text' as const, 'name' as const),
    })
    .chain((value) => fc.tuple(signer, bytes(32)).map(([by, hash]) => ({ ...value, ...by, contentHash: toHex(hash) }))),
  fc
    .tuple(batch, entry, fc.constantFrom(...RAISES))
    .map(([number, at, [from, to]]) => ({ type: 'raise' as const, batch: number, entry: at, from, to })),
  fc
    .record({ type: fc.constantFrom('retraction' as const, 'removal' as const), batch, entry })
    .chain((value) => signer.map((by) => ({ ...value, ...by }))),
);
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  statementLeaf,
  changeLeaf,
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
        expect(encoded.length).toBeLessThanOrEqual(value.type === 'tally' ? 65_535 : 1024);
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

  it('a tally above 65,535 bytes is refused before it is parsed', () => {
    expect(() => decodeLeaf(utf8('['.repeat(65_536)))).toThrow(invalid);
    const category = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`c${i}`, 1]));
    const big: Tally = { statements: 1, retracted: 0, category, evidence: {}, display: {}, origin: {}, type: {} };
    expect(() => encodeLeaf({ type: 'tally', batch: 1, date: '2026-11-21', before: big, after: big })).toThrow(invalid);
  });

  it('a change that breaks a rule is not encoded: who signed, and which way evidence goes', () => {
    const signature = 'ab'.repeat(64);
    const retraction = { type: 'retraction', batch: 1, entry: 1 } as const;
    for (const by of [{ by: 'holder' }, { by: 'registry', signature }, { by: 'holder', signature: 'ab' }] as const)
      expect(() => encodeLeaf({ ...retraction, ...by })).toThrow(invalid);
    for (const from of EVIDENCES)
      for (const to of EVIDENCES) {
        const rises = RAISES.some(([low, high]) => low === from && high === to);
        const encode = () => encodeLeaf({ type: 'raise', batch: 1, entry: 1, from, to });
        if (rises) expect(encode).not.toThrow();
        else expect(encode).toThrow(invalid);
      }
    expect(() => encodeLeaf({ ...retraction, entry: 0, by: 'registry' })).toThrow(invalid);
    expect(() => encodeLeaf({ ...retraction, by: 'holder', signature })).not.toThrow(); // the control
  });

  it('a value that is not bytes is the caller’s bug', () => {
    for (const value of ['{}', [1], undefined, new ArrayBuffer(3)]) expect(() => decodeLeaf(value as never)).toThrow(TypeError);
  });
});
