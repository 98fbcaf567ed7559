import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody, openRecord } from '../../../src/custodian.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import {
  type GroupMember,
  type MadeSubmission,
  makeGroup,
  type MakeGroupOptions,
  type PublicKeys,
  type SharedFields,
} from '../../../src/intake.js';
import { decodeStatement } from '../../../src/public/statement.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { idToHex } from '../../../src/vocabulary/ids.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

const DAY = 20_000;
const clock = { now: () => DAY * 86_400_000 + 1 };
let custody: Custody;
let keys: PublicKeys;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
  const { categories } = makePolicy('tiny', ['party', 'league', 'pioneers']);
  const publicKey = hybridPublicKey(generateHybridPrivateKey());
  keys = { ...custody.keys, categories, epochs: [{ epoch: DAY, expires: DAY + 7, publicKey }] };
});

const group = (members: readonly GroupMember[], options: MakeGroupOptions = {}) => makeGroup(members, keys, { clock, ...options });

async function opened({ inner }: MadeSubmission) {
  const parts = decodeInner(inner.reveal());
  const record = { ...parts, recordId: idToHex(parts.recordId) };
  const { contact } = await openRecord(record, custody.shares.vault, ['contact']);
  const { link } = await openRecord(record, custody.shares.link, ['link']);
  return { parts, contact, link, statement: decodeStatement(parts.statement) };
}

const FAMILY: SharedFields = {
  contact: { address: '长安街 1 号', phones: ['138 0000 1111'], language: 'zh', mayContact: true },
  statement: { categories: ['league', 'party'], text: 'We leave.', evidence: 'contact', origin: 'import', period: '2024-03' },
  channel: 'web',
  claim: 'none',
};

describe('what a call shares', () => {
  it('is given once; what a member has of its own wins, field by field', async () => {
    const { submissions, rejected } = group(
      [
        { identity: { names: ['王建国'] }, statement: { alias: 'jin fu' } },
        {
          identity: { names: ['李秀英'] },
          contact: { phones: ['139 2222 3333'], workplace: '红星厂' },
          statement: { useName: true, categories: ['pioneers'], text: 'I leave.' },
          claim: 'words',
        },
        { identity: { names: ['王小明'] } },
      ],
      { shared: FAMILY },
    );
    expect(rejected).toEqual([]);
    expect(submissions.map(({ member }) => member)).toEqual([1, 2, 3]);
    expect(submissions.map(({ claim }) => claim !== undefined)).toEqual([false, true, false]);
    const [first, second, third] = await Promise.all(submissions.map(opened));
    expect(first?.contact).toEqual(FAMILY.contact);
    expect(first?.statement).toMatchObject({ ...FAMILY.statement, name: 'jin fu', display: 'alias' });
    expect(second?.contact).toEqual({ ...FAMILY.contact, phones: ['139 2222 3333'], workplace: '红星厂' });
    const own = { name: '李秀英', display: 'name', categories: ['pioneers'], text: 'I leave.', evidence: 'contact', period: '2024-03' };
    expect(second?.statement).toMatchObject(own);
    expect(third?.contact).toEqual(FAMILY.contact);
    expect(third?.statement).toMatchObject({ ...FAMILY.statement, display: 'alias' });
  });

  it('is not changed by the making, and neither are the members', () => {
    const shared = structuredClone(FAMILY);
    const members = [{ identity: { names: ['王建国'] }, contact: { workplace: 'x' } }];
    const before = structuredClone(members);
    group(members, { shared });
    expect({ shared, members }).toEqual({ shared: FAMILY, members: before });
  });

  it('is checked where a member meets it: a shared text that names a member is that member’s leak', () => {
    const shared = { statement: { categories: ['party'], text: 'Zhang Wei and his wife leave.' } };
    const members = [{ identity: { names: ['Li Xiuying'] } }, { identity: { names: ['Zhang Wei'] } }];
    const { submissions, rejected } = group(members, { shared, onInvalid: 'skip' });
    expect(submissions.map(({ member }) => member)).toEqual([1]);
    expect(rejected).toEqual([{ member: 2, code: 'STATEMENT_LEAKS_NAME', field: 'statement.text' }]);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ['an identity', { identity: { names: ['x'] } }],
    ['an alias', { statement: { alias: 'jin fu' } }],
    ['useName', { statement: { useName: true } }],
    ['an unknown field', { kontakt: {} }],
    ['null', null],
    ['text', 'text'],
  ];
  it.each(refused)('cannot be %s', (_, shared) => {
    const members = [{ identity: { names: ['王建国'] }, statement: { categories: ['party'] } }];
    expect(group(members, { shared: {} }).submissions).toHaveLength(1);
    const call = () => group(members, { shared: shared as SharedFields, onInvalid: 'skip' });
    expect(call).toThrow(expect.objectContaining({ code: 'GROUP_INVALID', details: { field: 'shared' } }));
  });
});

describe('members of a call', () => {
  it('have nothing in common but the group in their sealed link; another call has another', async () => {
    const members = Array.from({ length: 3 }, (_, i) => ({ identity: { names: [`Person ${i}`] } }));
    const shared = { statement: { categories: ['party'], text: 'We leave.' } };
    const calls = [group(members, { shared }), group(members, { shared })];
    const all = await Promise.all(calls.map(({ submissions }) => Promise.all(submissions.map(opened))));
    const groups = all.map((call) => new Set(call.map(({ link }) => link?.groupId)));
    expect(groups.map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set(groups.flatMap((ids) => [...ids])).size).toBe(2);
    const everybody = all.flat();
    for (const part of ['recordId', 'shred', 'salt', 'locator', 'claimRow', 'matcherEnvelope', 'counterEnvelope'] as const)
      expect(new Set(everybody.map(({ parts }) => idToHex(parts[part]))).size, part).toBe(6);
    expect(new Set(everybody.map(({ statement }) => statement.entryKey)).size).toBe(6);
  });

  const BAD: readonly (readonly [string, unknown, string, string])[] = [
    ['no name', { identity: { names: [] } }, 'IDENTITY_INVALID', 'identity.names'],
    [
      'an unknown category',
      { identity: { names: ['x'] }, statement: { categories: ['nowhere'] } },
      'CATEGORY_UNKNOWN',
      'statement.categories',
    ],
    ['a contact that is text', { identity: { names: ['x'] }, contact: 'home' }, 'CONTACT_INVALID', 'contact'],
    ['a statement that is text', { identity: { names: ['x'] }, statement: 'gone' }, 'STATEMENT_INVALID', 'statement'],
    ['null', null, 'REGISTRATION_INVALID', 'registration'],
    ['an unknown field', { identity: { names: ['x'] }, kontakt: {} }, 'REGISTRATION_INVALID', 'registration'],
  ];
  it.each(BAD)('with %s: reject-all makes nothing and names the member, skip makes the others', (_, bad, code, field) => {
    const good = { identity: { names: ['王建国'] } };
    const shared: SharedFields = { contact: { language: 'zh' }, statement: { categories: ['party'] } };
    const members = [good, bad as GroupMember, good];
    expect(() => group(members, { shared })).toThrow(
      expect.objectContaining({ code: 'GROUP_INVALID', details: { row: 2, field }, message: expect.stringContaining(code) }),
    );
    const { submissions, rejected } = group(members, { shared, onInvalid: 'skip' });
    expect(submissions.map(({ member }) => member)).toEqual([1, 3]);
    expect(rejected).toEqual([{ member: 2, code, field }]);
  });

  it('are none to blame when the keys are old: EPOCH_EXPIRED, also with skip', () => {
    const later = { now: () => (DAY + 7) * 86_400_000 };
    const members = [{ identity: { names: ['王建国'] }, statement: { categories: ['party'] } }];
    expect(() => group(members, { clock: later, onInvalid: 'skip' })).toThrow(
      expect.objectContaining({ code: 'EPOCH_EXPIRED', retryable: true }),
    );
  });

  it('are an array; a caller’s bug is no member’s fault', () => {
    expect(() => group({ length: 1 } as never)).toThrow(TypeError);
    const members = [{ identity: { names: ['王建国'] }, statement: { categories: ['party'] } }];
    expect(() => group(members, { registrarMark: new Uint8Array(3), onInvalid: 'skip' })).toThrow(RangeError);
    expect(group([])).toEqual({ submissions: [], rejected: [] });
  });
});
