import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCanonicalJson, type JsonValue } from '../../../src/foundation/canonical-json.js';
import { RegistryError } from '../../../src/foundation/errors.js';
import { normaliseContact } from '../../../src/sealed/contact.js';
import { normaliseIdentity } from '../../../src/sealed/identity.js';

const CANARY = 'Canary-王小明';

/** The refused field; proves on the way that neither message nor details hold anything of the input. */
function refusedField(run: () => unknown, code: string): string | undefined {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    expect(error.code).toBe(code);
    expect(`${error.message}${JSON.stringify(error)}${error.stack}${String(error.cause)}`).not.toContain(CANARY);
    return error.details.field;
  }
  return expect.fail('accepted');
}

const identityField = (input: unknown, extra?: z.ZodType) => refusedField(() => normaliseIdentity(input, extra), 'IDENTITY_INVALID');
const contactField = (input: unknown, extra?: z.ZodType) => refusedField(() => normaliseContact(input, extra), 'CONTACT_INVALID');

describe('normaliseIdentity', () => {
  it('gives the canonical form', () => {
    const input = { names: [' 王小明', 'Jose\u0301'], birthDate: ' 1970-01 ', sex: 'f', birthplace: '沈阳', declared: 'relayed' };
    const identity = { names: ['王小明', 'José'], birthDate: '1970-01', sex: 'f', birthplace: '沈阳', declared: 'relayed' };
    expect(normaliseIdentity(input)).toEqual(identity);
  });

  it('leaves out what is undefined', () => {
    expect(Object.keys(normaliseIdentity({ names: ['A'], sex: undefined, extra: undefined }))).toEqual(['names']);
  });

  it.each<[string, unknown]>([
    ['identity', undefined],
    ['identity', null],
    ['identity', CANARY],
    ['identity', [CANARY]],
    ['identity', { names: ['A'], [CANARY]: 1 }],
    ['identity', { names: ['A'], name: CANARY }],
    ['identity.names', {}],
    ['identity.names', { names: CANARY }],
    ['identity.names', { names: [] }],
    ['identity.names', { names: Array(9).fill(CANARY) }],
    ['identity.names', { names: [CANARY, 7] }],
    ['identity.names', { names: [`${CANARY}\u0007`] }],
    ['identity.names', { names: [new String(CANARY)] }],
    ['identity.birthDate', { names: ['A'], birthDate: '1970-02-30' }],
    ['identity.birthDate', { names: ['A'], birthDate: 1970 }],
    ['identity.sex', { names: ['A'], sex: 'x'.repeat(33) }],
    ['identity.birthplace', { names: ['A'], birthplace: '' }],
    ['identity.declared', { names: ['A'], declared: CANARY }],
    ['identity.extra', { names: ['A'], extra: {} }],
    ['identity.extra', { names: ['A'], extra: { [CANARY]: CANARY } }],
  ])('names only our field: %s', (field, input) => {
    expect(identityField(input)).toBe(field);
  });

  it('translates a getter that throws', () => {
    const input = {
      get names(): string[] {
        throw new Error(CANARY);
      },
    };
    expect(identityField(input)).toBe('identity');
  });

  it('is idempotent on everything it accepts', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    const input = fc.record({ names: fc.array(text, { minLength: 1, maxLength: 4 }), sex: fc.option(text, { nil: undefined }) });
    fc.assert(
      fc.property(input, (value) => {
        let once: unknown;
        try {
          once = normaliseIdentity(value);
        } catch {
          return;
        }
        expect(encodeCanonicalJson(normaliseIdentity(once) as unknown as JsonValue)).toEqual(encodeCanonicalJson(once as JsonValue));
      }),
      { numRuns: 300 },
    );
  });
});

describe('extra', () => {
  const schema = z.strictObject({ caseNumber: z.string(), tags: z.array(z.string()).optional() });

  it('takes the parsed output of the service’s schema', () => {
    const identity = normaliseIdentity({ names: ['A'], extra: { caseNumber: '7', tags: ['x'] } }, schema);
    expect(identity.extra).toEqual({ caseNumber: '7', tags: ['x'] });
  });

  it('lets the schema decide whether it may be missing', () => {
    expect(identityField({ names: ['A'] }, schema)).toBe('identity.extra');
    expect(normaliseIdentity({ names: ['A'] }, schema.optional()).extra).toBeUndefined();
    expect(normaliseIdentity({ names: ['A'] }, schema.default({ caseNumber: 'none' })).extra).toEqual({ caseNumber: 'none' });
  });

  it.each<[string, z.ZodType]>([
    ['their ZodError', schema],
    [
      'their thrown error',
      z.unknown().transform(() => {
        throw new Error(CANARY);
      }),
    ],
    ['an async schema', z.unknown().refine(async () => true)],
    ['a float', z.unknown().transform(() => ({ x: 0.5 }))],
    ['a Date', z.unknown().transform(() => ({ x: new Date(0) }))],
    ['a Map', z.unknown().transform(() => ({ x: new Map([[CANARY, 1]]) }))],
    ['bytes', z.unknown().transform(() => ({ x: new Uint8Array(3) }))],
    ['a bigint', z.unknown().transform(() => ({ x: 1n }))],
    ['a function', z.unknown().transform(() => ({ x: () => CANARY }))],
    ['an array', z.unknown().transform(() => [CANARY])],
    ['a string', z.unknown().transform(() => CANARY)],
    ['null', z.unknown().transform(() => null)],
    ['a lone surrogate', z.unknown().transform(() => ({ x: '\ud800' }))],
    ['a __proto__ member', z.unknown().transform(() => JSON.parse('{"__proto__":{"a":1}}') as unknown)],
    [
      'a cycle',
      z.unknown().transform(() => {
        const o: Record<string, unknown> = {};
        o['o'] = o;
        return o;
      }),
    ],
  ])('refuses %s', (_, extra) => {
    expect(identityField({ names: ['A'], extra: { [CANARY]: CANARY } }, extra)).toBe('identity.extra');
    expect(contactField({ extra: { [CANARY]: CANARY } }, extra)).toBe('contact.extra');
  });
});

describe('normaliseContact', () => {
  it('accepts nothing known and everything known', () => {
    expect(normaliseContact({})).toEqual({});
    const contact = {
      phones: ['+86 24 1234 5678', '٠١٢٣٤٥'],
      emails: ['a@example.org'],
      address: '1 Street\nTown',
      workplace: 'Works',
      language: 'zh-Hans',
      safeHours: 'after nine',
      mayContact: true,
      relativesAbroad: 'a cousin in Lyon',
      ifCaught: { disclose: true, to: ['media'] },
      attachments: [{ hash: 'ab'.repeat(32), pointer: 'box 4' }],
    };
    expect(normaliseContact(contact)).toEqual(contact);
    expect(normaliseContact(normaliseContact(contact))).toEqual(contact);
  });

  it.each<[string, unknown]>([
    ['contact', undefined],
    ['contact', { [CANARY]: 1 }],
    ['contact.phones', { phones: [] }],
    ['contact.phones', { phones: ['12'] }],
    ['contact.phones', { phones: ['1'.repeat(33)] }],
    ['contact.phones', { phones: Array(9).fill('12345') }],
    ['contact.phones', { phones: 12345 }],
    ['contact.emails', { emails: [CANARY] }],
    ['contact.emails', { emails: ['a@b@c'] }],
    ['contact.emails', { emails: ['@b'] }],
    ['contact.emails', { emails: ['a@'] }],
    ['contact.emails', { emails: ['a b@c'] }],
    ['contact.address', { address: 'a\tb' }],
    ['contact.workplace', { workplace: 'a\nb' }],
    ['contact.mayContact', { mayContact: 'true' }],
    ['contact.ifCaught', { ifCaught: { disclose: true } }],
    ['contact.ifCaught', { ifCaught: { disclose: true, to: [], [CANARY]: 1 } }],
    ['contact.attachments', { attachments: [{ hash: 'AB'.repeat(32), pointer: 'x' }] }],
    ['contact.extra', { extra: { a: 1 } }],
  ])('names only our field: %s', (field, input) => {
    expect(contactField(input)).toBe(field);
  });
});
