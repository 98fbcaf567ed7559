import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRaw } from '../support/raw-sqlite.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody, openRecord } from '../../src/custodian.js';
import { type Entry, type GroupMember, makePolicy, openRegistry, type Policy } from '../../src/index.js';
import { makeGroup } from '../../src/intake.js';
import { fixedClock } from '../../src/testing.js';
import { cli } from '../support/cli-shell.js';

const CATEGORIES = ['party', 'league', 'pioneers'];
const root = mkdtempSync(join(tmpdir(), 'groups-test-'));
const clock = fixedClock(Date.UTC(2026, 10, 21, 9));
let custody: Custody;
let serial = 0;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 3 });
});
afterAll(() => rmSync(root, { recursive: true }));

async function fresh(policy: Policy = makePolicy('tiny', CATEGORIES)) {
  const dir = join(root, `r${serial++}`);
  return { dir, registry: await openRegistry({ dir, keys: custody.keys, policy }, { clock }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const member = (i: number, change: Partial<GroupMember> = {}): GroupMember => ({
  identity: { names: [`Official Number ${i}`] },
  ...change,
});
const SHARED = {
  contact: { workplace: '县政府会议室', language: 'zh' },
  statement: { categories: ['league', 'pioneers'], text: 'We leave together.' },
};

describe('nineteen officials in one conference room', () => {
  it('are one call: eight leave the party, eleven the league and the pioneers', async () => {
    const { registry } = await fresh();
    const party = { statement: { categories: ['party'] } };
    const officials = Array.from({ length: 19 }, (_, i) => member(i, i < 8 ? party : {}));
    const { accepted, rejected } = await registry.registerGroup(officials, { shared: SHARED });
    expect(rejected).toEqual([]);
    expect(accepted.map(({ member: number }) => number)).toEqual(Array.from({ length: 19 }, (_, i) => i + 1));
    expect(new Set(accepted.map(({ entryId }) => entryId)).size).toBe(19);
    expect(new Set(accepted.map(({ submissionId }) => submissionId)).size).toBe(19);
    await registry.publish({ now: true });
    expect(await registry.counts()).toMatchObject({ total: 19, byCategory: { party: 8, league: 11, pioneers: 11 } });
    const entries: Entry[] = await all(registry.entries());
    expect(new Set(entries.map(({ entryId }) => entryId))).toEqual(new Set(accepted.map(({ entryId }) => entryId)));
    expect(entries.every(({ text }) => text === 'We leave together.')).toBe(true);

    const groups = new Set<string | undefined>();
    for (const id of await all(registry.sealed.ids())) {
      const record = await registry.sealed.get(id);
      if (record === undefined) throw new Error('the record is there');
      const { link } = await openRecord(record, custody.shares.link.slice(0, 2), ['link']);
      const { contact } = await openRecord(record, custody.shares.vault.slice(0, 2), ['contact']);
      expect(contact).toEqual(SHARED.contact);
      groups.add(link?.groupId);
    }
    expect([...groups]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await registry.close();
  });

  it('draw their days apart: the pool holds them on many', async () => {
    const { dir, registry } = await fresh({ ...makePolicy('standard', CATEGORIES), sortMinimum: 1, delayDays: 14 });
    await registry.registerGroup(
      Array.from({ length: 19 }, (_, i) => member(i)),
      { shared: SHARED },
    );
    await registry.sort();
    await registry.close();
    const pool = openRaw(join(dir, 'public/public.db'), { readonly: true });
    const days = pool.prepare('SELECT due_day AS day FROM pool').all() as { day: number }[];
    pool.close();
    expect(days).toHaveLength(19);
    // Nineteen even draws of fourteen days fall on fewer than five with a chance below 10^-6.
    expect(new Set(days.map(({ day }) => day)).size).toBeGreaterThanOrEqual(5);
  });
});

describe('a call with a bad member', () => {
  const bad = member(9, { statement: { categories: ['nowhere'] } });

  it('reject-all stores nothing and names the member; skip stores the others', async () => {
    const { registry } = await fresh();
    await expect(registry.registerGroup([member(1), bad, member(2)], { shared: SHARED })).rejects.toMatchObject({
      code: 'GROUP_INVALID',
      details: { row: 2, field: 'statement.categories' },
    });
    expect((await registry.health()).inbox.waiting).toBe(0);
    const { accepted, rejected } = await registry.registerGroup([member(1), bad, member(2)], { shared: SHARED, onInvalid: 'skip' });
    expect(accepted.map(({ member: number }) => number)).toEqual([1, 3]);
    expect(rejected).toEqual([{ member: 2, code: 'CATEGORY_UNKNOWN', field: 'statement.categories' }]);
    expect((await registry.health()).inbox.waiting).toBe(2);
    await registry.close();
  });

  it.each(['reject-all', 'skip'] as const)('%s: a store that fails at the fourth of five keeps none of them', async (onInvalid) => {
    const { dir, registry } = await fresh();
    const inbox = openRaw(join(dir, 'sealed/inbox.db'));
    const waiting = () => (inbox.prepare('SELECT count(*) AS n FROM waiting').get() as { n: number }).n;
    inbox.exec(
      "CREATE TRIGGER full BEFORE INSERT ON waiting WHEN (SELECT count(*) FROM waiting) >= 3 BEGIN SELECT RAISE(FAIL, 'full'); END",
    );
    const call = () =>
      registry.registerGroup(
        [1, 2, 3, 4, 5].map((i) => member(i)),
        { shared: SHARED, onInvalid },
      );
    await expect(call()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(waiting()).toBe(0);
    // The control: three go in, so the trigger failed in the middle and not at the start.
    expect(
      (
        await registry.registerGroup(
          [1, 2, 3].map((i) => member(i)),
          { shared: SHARED },
        )
      ).accepted,
    ).toHaveLength(3);
    expect(waiting()).toBe(3);
    inbox.exec('DROP TRIGGER full');
    expect((await call()).accepted).toHaveLength(5);
    expect(waiting()).toBe(8);
    inbox.close();
    await registry.close();
  });
});

describe('the same on other ways in', () => {
  it('makeGroup on a device, acceptMany at the registry', async () => {
    const { registry } = await fresh();
    const { submissions } = makeGroup([member(1), member(2)], await registry.publicKeys(), { clock, shared: SHARED });
    await registry.acceptMany(submissions.map(({ bytes }) => bytes));
    await registry.publish({ now: true });
    const published = (await all(registry.entries())).map(({ entryId }) => entryId);
    expect(new Set(published)).toEqual(new Set(submissions.map(({ entryId }) => entryId)));
    await registry.close();
  });

  it('the command takes a list, or shared fields and members', async () => {
    const { dir, registry } = await fresh();
    await registry.close();
    const run = (call: unknown) => cli(['register', '--dir', dir], { clock, stdin: JSON.stringify(call) });
    const { code, out } = await run({ shared: SHARED, members: [member(1), member(2)] });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Registered 2 people.') });
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [{ shared: SHARED, members: [] }, /^error GROUP_INVALID: .*\(field members\)/],
      [{ shared: SHARED, members: {} }, /^error GROUP_INVALID: .*\(field members\)/],
      [{ shared: null, members: [member(1)] }, /^error GROUP_INVALID: shared has /],
      [{ shared: { statement: { alias: 'jin fu' } }, members: [member(1)] }, /^error GROUP_INVALID: shared has /],
      [{ members: [member(1)], onInvalid: 'skip' }, /^error GROUP_INVALID: /],
      [
        { shared: SHARED, members: [member(1), { identity: { names: [] } }] },
        /^error GROUP_INVALID: .*\(field identity\.names, number 2\)/,
      ],
    ];
    for (const [call, message] of refused) {
      const result = await run(call);
      expect(result).toMatchObject({ code: 1, out: '' });
      expect(result.err).toMatch(message);
    }
    const again = await openRegistry({ dir }, { clock });
    expect((await again.health()).inbox.waiting).toBe(2);
    await again.close();
  });
});
