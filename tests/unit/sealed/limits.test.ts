import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RegistryError } from '../../../src/foundation/errors.js';
import { normaliseContact } from '../../../src/sealed/contact.js';
import { normaliseIdentity } from '../../../src/sealed/identity.js';
import { normaliseText } from '../../../src/sealed/text.js';

/** Every limit from both sides: what just fits is kept whole, one more is refused under the field's own name. */
function field(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof RegistryError) return error.details.field;
    throw error;
  }
  return undefined;
}

const long = (length: number): string => '\u{20000}'.repeat(length);

describe('texts', () => {
  const CONTACT_TEXTS = { address: 1024, workplace: 256, language: 64, safeHours: 256, relativesAbroad: 1024 };
  it.each(Object.entries(CONTACT_TEXTS))('contact.%s: %i code points', (name, max) => {
    expect(normaliseContact({ [name]: long(max) })).toEqual({ [name]: long(max) });
    expect(field(() => normaliseContact({ [name]: long(max + 1) }))).toBe(`contact.${name}`);
  });

  it.each([
    ['sex', 32],
    ['birthplace', 256],
  ])('identity.%s: %i code points', (name, max) => {
    expect(normaliseIdentity({ names: ['A'], [name]: long(max) })).toEqual({ names: ['A'], [name]: long(max) });
    expect(field(() => normaliseIdentity({ names: ['A'], [name]: long(max + 1) }))).toBe(`identity.${name}`);
  });

  it('only an address has lines', () => {
    for (const name of Object.keys(CONTACT_TEXTS))
      expect(field(() => normaliseContact({ [name]: 'a\nb' }))).toBe(name === 'address' ? undefined : `contact.${name}`);
  });

  it('white space at the ends is not counted, up to four times the limit in all', () => {
    expect(normaliseText(`a${' '.repeat(31)}`, { max: 8 })).toBe('a');
    expect(normaliseText(`a${' '.repeat(32)}`, { max: 8 })).toBeUndefined();
    expect(normaliseText('a', { max: 1 })).toBe('a');
    expect(normaliseText('ab', { max: 1 })).toBeUndefined();
  });

  it('every direction mark that can reorder is refused, its neighbours are not', () => {
    for (let code = 0x2028; code <= 0x202f; code++)
      expect(normaliseText(`a${String.fromCodePoint(code)}b`, { max: 9 }) === undefined, code.toString(16)).toBe(code < 0x202f);
    for (let code = 0x2065; code <= 0x206a; code++)
      expect(normaliseText(`a${String.fromCodePoint(code)}b`, { max: 9 }) === undefined, code.toString(16)).toBe(
        code > 0x2065 && code < 0x206a,
      );
  });
});

describe('a birth date', () => {
  it('is a day of the calendar: the 29th of February in leap years only', () => {
    const years = Array.from({ length: 2100 - 1850 + 1 }, (_, i) => 1850 + i);
    const withLeapDay = years.filter((year) => field(() => normaliseIdentity({ names: ['A'], birthDate: `${year}-02-29` })) === undefined);
    expect(withLeapDay).toEqual(years.filter((year) => new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29));
    expect(withLeapDay).toHaveLength(61);
  });
});

describe('a refusal', () => {
  it('says which field, in a message too', () => {
    expect(() => normaliseContact({ phones: [] })).toThrow(
      expect.objectContaining({ code: 'CONTACT_INVALID', message: 'contact.phones is not valid' }),
    );
    expect(() => normaliseIdentity({})).toThrow(
      expect.objectContaining({ code: 'IDENTITY_INVALID', message: 'identity.names is not valid' }),
    );
  });
});

describe('lists', () => {
  const file = { hash: '0123456789abcdef'.repeat(4), pointer: long(512) };
  const LISTS: readonly (readonly [string, string, unknown, (list: readonly unknown[]) => unknown])[] = [
    ['identity.names', 'names', long(256), (names) => normaliseIdentity({ names })],
    ['contact.phones', 'phones', `123${'-'.repeat(29)}`, (phones) => normaliseContact({ phones })],
    ['contact.emails', 'emails', `${'a'.repeat(252)}@b`, (emails) => normaliseContact({ emails })],
    ['contact.attachments', 'attachments', file, (attachments) => normaliseContact({ attachments })],
  ];
  it.each(LISTS)('%s: one to eight', (name, member, value, normalise) => {
    for (const length of [1, 8]) expect(normalise(Array(length).fill(value))).toEqual({ [member]: Array(length).fill(value) });
    for (const length of [0, 9]) expect(field(() => normalise(Array(length).fill(value)))).toBe(name);
  });

  it('contact.ifCaught.to: none to eight; disclose is said', () => {
    const told = (length: number, disclose: unknown = false) => ({ ifCaught: { disclose, to: Array(length).fill(long(256)) } });
    for (const length of [0, 8]) expect(normaliseContact(told(length))).toEqual(told(length));
    for (const bad of [told(9), told(1, 'yes'), { ifCaught: { to: [] } }, { ifCaught: { disclose: true, to: [long(257)] } }])
      expect(field(() => normaliseContact(bad))).toBe('contact.ifCaught');
  });

  it.each([
    ['names', long(257)],
    ['phones', `123${'-'.repeat(30)}`],
    ['phones', '12'],
    ['phones', 'one two three'],
    ['emails', `${'a'.repeat(253)}@b`],
    ['emails', '@'],
    ['emails', 'ab@'],
    ['emails', 'a@b@'],
    ['emails', 'a@b c'],
  ])('one bad member of %s refuses the list', (name, bad) => {
    const good = { names: 'A', phones: '123', emails: 'a@b' }[name];
    const normalise =
      name === 'names' ? (names: unknown) => normaliseIdentity({ names }) : (list: unknown) => normaliseContact({ [name]: list });
    expect(normalise([good])).toEqual({ [name]: [good] });
    expect(field(() => normalise([good, bad]))).toBe(name === 'names' ? 'identity.names' : `contact.${name}`);
  });

  it.each([
    ['short', '0'.repeat(63)],
    ['long', '0'.repeat(65)],
    ['upper case', 'A'.repeat(64)],
    ['not hex', `${'0'.repeat(63)}g`],
    ['with text before', `x${'0'.repeat(64)}`],
  ])('an attachment’s hash that is %s is refused, and a pointer too long', (_, hash) => {
    expect(field(() => normaliseContact({ attachments: [{ ...file, hash }] }))).toBe('contact.attachments');
    expect(field(() => normaliseContact({ attachments: [{ ...file, pointer: long(513) }] }))).toBe('contact.attachments');
    expect(field(() => normaliseContact({ attachments: [{ ...file, name: 'x' }] }))).toBe('contact.attachments');
  });
});

function endless(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe('extra of a service', () => {
  const anything = z.unknown();
  const kept = (extra: unknown) => normaliseIdentity({ names: ['A'], extra }, anything).extra;
  const refused = (extra: unknown) => field(() => normaliseIdentity({ names: ['A'], extra }, anything));
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

  it('may hold all that canonical JSON can: null inside, booleans, whole numbers, lists of lists, objects without prototype', () => {
    const bare: Record<string, unknown> = Object.assign(Object.create(null) as Record<string, unknown>, { z: true });
    expect(kept({ a: null, b: false, c: -7, d: [['x'], { e: [] }], f: bare })).toEqual({
      a: null,
      b: false,
      c: -7,
      d: [['x'], { e: [] }],
      f: { z: true },
    });
  });

  it('leaves out members that are undefined, but no items of a list', () => {
    expect(kept({ a: undefined, b: 1 })).toEqual({ b: 1 });
    expect(refused({ a: [1, undefined] })).toBe('identity.extra');
  });

  it.each([
    ['a Date in a list', { a: [new Date(0)] }],
    ['a Map in a list in an object', { a: { b: [new Map()] } }],
    ['an object with a prototype of its own', { a: Object.create({ inherited: 1 }) as unknown }],
    ['a symbol', { a: Symbol('x') }],
    ['a Date behind a good item', { a: [1, new Date(0)] }],
    ['a Date behind a good member', { a: 1, b: new Date(0) }],
    ['a list that holds itself', { a: endless() }],
    ['a boxed text', { a: new String('x') }],
    ['a number', 7],
    ['true', true],
    ['an empty list', []],
  ])('refuses %s', (_, extra) => {
    expect(refused(extra)).toBe('identity.extra');
  });

  it('may be so deep and no deeper; what is refused is so before the stack ends', () => {
    const depths = Array.from({ length: 24 }, (_, depth) => depth + 1).filter((depth) => refused(nested(depth)) === undefined);
    expect(depths).toEqual(Array.from({ length: depths.length }, (_, i) => i + 1));
    expect(depths.length).toBeGreaterThanOrEqual(14);
    expect(depths.length).toBeLessThanOrEqual(16);
    expect(refused(nested(5000))).toBe('identity.extra');
  });
});
