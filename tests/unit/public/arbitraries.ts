import fc from 'fast-check';
import { encodeStatement, type Statement, statementDigest } from '../../../src/public/statement.js';
import type { PoolItem } from '../../../src/public/ports.js';
import { cellKey } from '../../../src/vocabulary/categories.js';

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
export const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const categories = fc
  .uniqueArray(fc.constantFrom('party', 'league', 'pioneers', 'a', 'z-9'), { minLength: 1, maxLength: 5 })
  .map((ids): readonly string[] => [...ids].sort());
const period = fc.oneof(
  fc.constant('earlier'),
  fc.tuple(fc.integer({ min: 1900, max: 2099 }), fc.integer({ min: 1, max: 12 })).map(([y, m]) => `${y}-${String(m).padStart(2, '0')}`),
);
const name = fc.oneof(
  fc.constantFrom('jin fu', 'wan shun', "O'Brien", '次仁·旺姆'),
  fc.string({ unit: fc.constantFrom(...'金福万顺王李'), minLength: 1, maxLength: 64 }),
);
const text = fc.option(
  fc.string({ unit: fc.constantFrom(...'ab "\\\n。退é<&='), maxLength: 400 }).map((value) => value.trim() || undefined),
  { nil: undefined },
);

/** Statements in canonical form. */
export const statement: fc.Arbitrary<Statement> = fc
  .record({
    name,
    display: fc.constantFrom('alias' as const, 'name' as const),
    categories,
    text,
    evidence: fc.constantFrom('stated' as const, 'contact' as const, 'verified' as const),
    origin: fc.constantFrom('live' as const, 'import' as const),
    period,
    entryKey: hex(32),
  })
  .map((value) => (value.evidence === 'stated' ? { ...value, display: 'alias' as const } : value));

export const example: Statement = {
  name: 'jin fu',
  display: 'alias',
  categories: ['league', 'party'],
  text: 'I withdraw.',
  evidence: 'stated',
  origin: 'live',
  period: '2026-11',
  entryKey: 'ab'.repeat(32),
};

export function poolItem(value: Statement, id: Uint8Array, salt: Uint8Array, dueDay: number): PoolItem {
  return { id, salt, dueDay, cell: cellKey(value.categories), digest: statementDigest(value, salt), statement: encodeStatement(value) };
}

/** A public key (64 hex digits) for a number. */
export function keyOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}

/** 16 bytes that hold a number, scrambled so that insertion order and id order differ. */
export function idOf(number: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, Math.imul(number + 1, 2654435761) >>> 0);
  new DataView(id.buffer).setUint32(12, number);
  return id;
}
