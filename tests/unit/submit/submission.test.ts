import { beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../../src/custodian.js';
import { toHex } from '../../../src/foundation/bytes.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { Secret } from '../../../src/foundation/secret.js';
import { openOuter } from '../../../src/registry/open-submission.js';
import { checkInner } from '../../support/check-inner.js';
import type { RegistrySettings } from '../../../src/registry/settings.js';
import { checkRegistration } from '../../../src/submit/check-registration.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../../src/submit/inner-format.js';
import { deriveKappaKeys } from '../../../src/submit/kappa-keys.js';
import { makeSubmission, rewrapSubmission } from '../../../src/submit/make-submission.js';
import { decodeOuter, encodeOuter, INNER_LENGTH, SUBMISSION_LENGTH } from '../../../src/submit/outer-format.js';
import type { Registration } from '../../../src/submit/registration.js';
import type { PublicKeys } from '../../../src/sealed/keys/public-keys.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

const DAY = 20_000;
const clock = { now: () => DAY * 86_400_000 + 1 };
const epochKey = generateHybridPrivateKey();
let settings: RegistrySettings;
let keys: PublicKeys;

const registration = (change: Partial<Registration> = {}): Registration => ({
  identity: { names: ['王建国'], birthDate: '1970-01-02' },
  contact: { phones: ['138 1234 5678'], address: '北京市东城区和平里七区', workplace: '红星拖拉机厂' },
  statement: { alias: 'jin fu', categories: ['party', 'league'] },
  ...change,
});
const make = (change: Partial<Registration> = {}) => makeSubmission(registration(change), keys, { clock });
const coded = (code: string, field?: string) =>
  expect.objectContaining({ code, ...(field === undefined ? {} : { details: expect.objectContaining({ field }) }) });

beforeAll(async () => {
  const { keys: custody } = await createCustody({ quorum: 2, custodians: 2 });
  const policy = makePolicy('tiny', ['party', 'league', 'pioneers']);
  settings = { custody, policy };
  keys = { ...custody, categories: policy.categories, epochs: [{ epoch: DAY, expires: DAY + 7, publicKey: hybridPublicKey(epochKey) }] };
});

describe('submission', () => {
  it('has one size whatever is in it', () => {
    const small = make();
    const large = make({
      identity: { names: Array.from({ length: 8 }, (_, i) => `${'名'.repeat(20)}${i}`) },
      statement: { alias: 'wan shun', categories: ['party', 'league', 'pioneers'], text: '安'.repeat(680) },
      claim: { pin: '20261121', language: 'zh-Hans' },
    });
    expect(small.bytes.length).toBe(SUBMISSION_LENGTH);
    expect(large.bytes.length).toBe(SUBMISSION_LENGTH);
  });

  it.each([
    ['identity', { identity: { names: Array.from({ length: 8 }, (_, i) => `${'名'.repeat(50)}${i}`) } }],
    ['contact', { contact: { address: '东'.repeat(700) } }],
  ] as const)('%s: fields that pass one by one and are too much together are refused before sealing, by the check too', (field, change) => {
    expect(() => make(change)).toThrow(coded('COMPARTMENT_TOO_LARGE', field));
    expect(() => checkRegistration(registration(change), keys, { clock })).toThrow(coded('COMPARTMENT_TOO_LARGE', field));
  });

  it('opens with the epoch key and is valid; the compartments stay sealed', () => {
    const made = make();
    const opened = checkInner(openOuter(made.bytes, epochKey, {}), settings);
    expect(toHex(opened.entryId)).toBe(made.entryId);
    expect(opened.statement).toMatchObject({
      name: 'jin fu',
      display: 'alias',
      categories: ['league', 'party'],
      evidence: 'stated',
      origin: 'live',
      period: '2024-10',
    });
    const everything = Buffer.from(opened.padded);
    for (const canary of ['王建国', '1970-01-02', '138 1234 5678', '和平里', '红星'])
      expect(everything.includes(Buffer.from(canary))).toBe(false);
    expect(everything.includes(Buffer.from('jin fu'))).toBe(true); // the positive control: the public part is readable here
  });

  it('is the same registration after a re-wrap, in other bytes', () => {
    const made = make();
    const again = rewrapSubmission(made.inner, keys, { clock });
    expect(toHex(again)).not.toBe(toHex(made.bytes));
    expect(openOuter(again, epochKey, {})).toEqual(openOuter(made.bytes, epochKey, {}));
    expect(made.inner).toBeInstanceOf(Secret);
    expect(JSON.stringify(made)).not.toContain(toHex(made.inner.reveal()).slice(0, 20));
  });

  it('refuses to seal when no epoch key is current', () => {
    for (const day of [DAY - 1, DAY + 7]) {
      expect(() => makeSubmission(registration(), keys, { clock: { now: () => day * 86_400_000 } })).toThrow(coded('EPOCH_EXPIRED'));
    }
    expect(() => makeSubmission(registration(), { ...keys, epochs: [] }, { clock })).toThrow(coded('EPOCH_EXPIRED'));
  });

  it('does not open with another key, another epoch, another expiry, or any flipped byte', () => {
    const { bytes } = make();
    const failed = coded('OPEN_FAILED');
    expect(() => openOuter(bytes, generateHybridPrivateKey(), {})).toThrow(failed);
    const outer = decodeOuter(bytes);
    expect(() => openOuter(encodeOuter({ ...outer, epoch: outer.epoch + 1 }), epochKey, {})).toThrow(failed);
    expect(() => openOuter(encodeOuter({ ...outer, expires: outer.expires + 1 }), epochKey, {})).toThrow(failed);
    for (const at of [16, 100, 1103, 1104, 1168, 1169, 5000, SUBMISSION_LENGTH - 1]) {
      const altered = bytes.slice();
      altered[at] = (altered[at] as number) ^ 0x40;
      expect(() => openOuter(altered, epochKey, {}), `byte ${at}`).toThrow(failed);
    }
  });

  it('decodes and encodes to the same bytes; refuses every other shape', () => {
    const { bytes, inner } = make();
    expect(encodeOuter(decodeOuter(bytes))).toEqual(bytes);
    const padded = inner.reveal();
    expect(encodeInner(decodeInner(padded))).toEqual(padded);
    const invalid = coded('SUBMISSION_INVALID');
    for (const bad of [bytes.slice(1), bytes.slice(0, -1), new Uint8Array(0), new Uint8Array(SUBMISSION_LENGTH)])
      expect(() => decodeOuter(bad)).toThrow(invalid);
    for (const bad of [new Uint8Array(INNER_LENGTH), padded.slice(1), new Uint8Array(0)]) expect(() => decodeInner(bad)).toThrow(invalid);
    const longer = padded.slice();
    longer[padded.lastIndexOf(0x80)] = 1;
    longer[padded.lastIndexOf(0x80) + 1] = 0x80;
    expect(() => decodeInner(longer)).toThrow(invalid);
  });

  it('is refused by the sort when a compartment is sealed to foreign keys or lies in another slot', async () => {
    const { keys: foreign } = await createCustody({ quorum: 2, custodians: 2 });
    const other = makeSubmission(registration(), { ...keys, vault: foreign.vault }, { clock });
    expect(() => checkInner(other.inner.reveal(), settings)).toThrow(coded('SUBMISSION_INVALID'));
    const inner: InnerSubmission = decodeInner(make().inner.reveal());
    expect(() => checkInner(encodeInner({ ...inner, identity: inner.link, link: inner.identity }), settings)).toThrow();
  });
});

describe('what is published', () => {
  it('shows the real name only with evidence, and never contact data', () => {
    const name = { useName: true, alias: 'an kang', categories: ['party'] };
    const shown = (evidence: 'stated' | 'contact' | 'verified') =>
      checkInner(make({ statement: { ...name, evidence } }).inner.reveal(), settings).statement;
    expect(shown('contact')).toMatchObject({ name: '王建国', display: 'name' });
    expect(shown('verified')).toMatchObject({ name: '王建国', display: 'name' });
    expect(shown('stated')).toMatchObject({ name: 'an kang', display: 'alias' });
  });

  it('suggests an alias where none is given', () => {
    const { statement } = checkInner(make({ statement: { categories: ['party'] } }).inner.reveal(), settings);
    expect(statement.display).toBe('alias');
    expect(statement.name).toMatch(/^[a-z]+ [a-z]+$/);
  });

  it('refuses what would give the sealed side away', () => {
    const text = (words: string) => () => make({ statement: { alias: 'jin fu', categories: ['party'], text: words } });
    expect(text('我声明退出。')).not.toThrow(); // the positive control
    expect(text('我，王建国，声明退出')).toThrow(coded('STATEMENT_LEAKS_NAME', 'statement.text'));
    expect(text('王 建-国')).toThrow(coded('STATEMENT_LEAKS_NAME'));
    expect(text('born 19700102')).toThrow(coded('STATEMENT_LEAKS_NAME'));
    expect(text('call 13812345678')).toThrow(coded('STATEMENT_LEAKS_CONTACT', 'statement.text'));
    expect(text('１３８-１２３４-５６７８')).toThrow(coded('STATEMENT_LEAKS_CONTACT'));
    expect(text('我在红星拖拉机厂工作')).toThrow(coded('STATEMENT_LEAKS_CONTACT'));
    expect(() => make({ statement: { alias: '王建国', categories: ['party'] } })).toThrow(coded('STATEMENT_LEAKS_NAME', 'statement.alias'));
    expect(() =>
      make({ statement: { useName: true, evidence: 'contact', categories: ['party'], text: '地址：北京市东城区和平里七区' } }),
    ).toThrow(coded('STATEMENT_LEAKS_CONTACT'));
  });

  it('names the rule for every kind of bad input', () => {
    const statement = (change: object) => () => make({ statement: { alias: 'jin fu', categories: ['party'], ...change } });
    expect(statement({ categories: ['unknown-one'] })).toThrow(coded('CATEGORY_UNKNOWN'));
    expect(statement({ categories: [] })).toThrow(coded('STATEMENT_INVALID', 'statement.categories'));
    expect(statement({ categories: ['party', 'party'] })).toThrow(coded('STATEMENT_INVALID'));
    expect(statement({ categories: 'party' })).toThrow(coded('STATEMENT_INVALID'));
    expect(statement({ text: '安'.repeat(700) })).toThrow(coded('STATEMENT_TOO_LARGE'));
    expect(statement({ text: 5 })).toThrow(coded('STATEMENT_INVALID', 'statement.text'));
    expect(statement({ period: '2026-13' })).toThrow(coded('STATEMENT_INVALID'));
    expect(statement({ evidence: 'sworn' })).toThrow(coded('STATEMENT_INVALID'));
    expect(statement({ alias: '=cmd()' })).toThrow(coded('ALIAS_INVALID'));
    expect(statement({ colour: 'red' })).toThrow(coded('STATEMENT_INVALID', 'statement'));
    expect(() => make({ identity: { names: [] } })).toThrow(coded('IDENTITY_INVALID', 'identity.names'));
    expect(() => make({ channel: 'PHONE!' })).toThrow(coded('REGISTRATION_INVALID', 'channel'));
    expect(() => make({ claim: { pin: '1' } })).toThrow(coded('PIN_INVALID'));
    expect(() => makeSubmission(null as unknown as Registration, keys, { clock })).toThrow(coded('REGISTRATION_INVALID'));
    expect(() => makeSubmission({ ...registration(), nickname: 'x' } as Registration, keys, { clock })).toThrow(
      coded('REGISTRATION_INVALID'),
    );
  });

  it('gives a phrase only where nobody taps the line', () => {
    expect(make().claim).toBeUndefined();
    expect(make({ channel: 'phone' }).claim).toBeUndefined();
    expect(make({ channel: 'web' }).claim?.reveal().split(' ')).toHaveLength(12);
    expect(make({ channel: 'phone', claim: 'words' }).claim).toBeInstanceOf(Secret);
  });
});

describe('κ', () => {
  it('gives two ids that say nothing about each other and a salt', () => {
    const one = deriveKappaKeys(new Uint8Array(32).fill(1));
    expect(deriveKappaKeys(new Uint8Array(32).fill(1))).toEqual(one);
    expect(toHex(one.recordId)).not.toBe(toHex(one.entryId));
    expect(() => deriveKappaKeys(new Uint8Array(31))).toThrow(RangeError);
    expect(() => deriveKappaKeys('x' as unknown as Uint8Array)).toThrow(TypeError);
  });
});
