import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody, openQuarantined, openRecord, type QuarantinedRow } from '../../src/custodian.js';
import { type Entry, makePolicy, openRegistry, type Registration, type Registry, type RegisterProgress } from '../../src/index.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { fixedClock } from '../../src/testing.js';

const NAMES = ['王建国', '李秀英', '张伟', '刘洋', '陈静', '杨勇', '赵敏', '黄磊'];
const root = mkdtempSync(join(tmpdir(), 'registry-test-'));
const START = Date.UTC(2026, 10, 21, 9);
let custody: Custody;
let opened: Registry[] = [];
let serial = 0;

beforeAll(async () => {
  custody = await createCustody({ quorum: 3, custodians: 5 });
});
afterEach(async () => {
  for (const registry of opened) await registry.close();
  opened = [];
});
afterAll(() => rmSync(root, { recursive: true }));

async function fresh(preset: 'tiny' | 'standard' = 'tiny') {
  const dir = join(root, `r${serial++}`);
  const clock = fixedClock(START);
  const open = async () => {
    const registry = await openRegistry(
      { dir, keys: custody.keys, policy: makePolicy(preset, ['party', 'league', 'pioneers']) },
      { clock },
    );
    opened.push(registry);
    return registry;
  };
  return { dir, clock, open, registry: await open() };
}

const person = (i: number, change: Partial<Registration> = {}): Registration => ({
  identity: { names: [NAMES[i % NAMES.length] as string], birthDate: `19${50 + (i % 50)}-03-0${1 + (i % 9)}` },
  contact: { phones: [`1380000${String(1000 + i)}`] },
  statement: { alias: 'jin fu', categories: i % 2 === 0 ? ['party', 'league'] : ['league'] },
  ...change,
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('from a call to a count', () => {
  it('registers, sorts, publishes and counts; the record opens with three of five shares and not with two', async () => {
    const { registry } = await fresh();
    await registry.register(person(0));
    const { entryId } = await registry.register(person(1));
    const result = await registry.publish({ now: true });
    expect(result).toMatchObject({ batch: 1, published: 2, held: 0 });
    expect(await registry.counts()).toMatchObject({
      total: 2,
      standing: 2,
      retracted: 0,
      byCategory: { party: 1, league: 2, pioneers: 0 },
      byEvidence: { stated: 2, contact: 0, verified: 0 },
      byDisplay: { alias: 2, name: 0 },
      byOrigin: { live: 2, import: 0 },
    });
    const entries: Entry[] = await all(registry.entries());
    expect(entries.map((entry) => entry.name)).toEqual(['jin fu', 'jin fu']);
    expect(entries.map((entry) => entry.entryId)).toContain(entryId);

    const ids = await all(registry.sealed.ids());
    expect(ids).toHaveLength(2);
    const sealed = await registry.sealed.get(ids[0] as string);
    if (sealed === undefined) throw new Error('the record is there');
    const three = custody.shares.vault.slice(0, 3);
    const { identity } = await openRecord(sealed, three, ['identity']);
    expect(NAMES).toContain(identity?.names[0]);
    await expect(openRecord(sealed, three.slice(0, 2), ['identity'])).rejects.toMatchObject({ code: 'SHARES_TOO_FEW' });
    const { link } = await openRecord(sealed, custody.shares.link.slice(1, 4), ['link']);
    expect(entries.map((entry) => entry.entryId)).toContain(link?.entryId);
    expect((await registry.health()).problems).toEqual([]);
  });

  it('counts a retry once, whatever is repeated', async () => {
    const { registry, clock } = await fresh();
    const keys = await registry.publicKeys();
    const made = makeSubmission(person(2), keys, { clock });
    await registry.accept(made.bytes);
    await registry.accept(made.bytes);
    await registry.accept(rewrapSubmission(made.inner, keys, { clock }));
    expect(await registry.sort()).toMatchObject({ ran: true, quarantined: 0, waiting: 0 });
    await registry.accept(rewrapSubmission(made.inner, keys, { clock }));
    await registry.publish({ now: true });
    await registry.accept(rewrapSubmission(made.inner, keys, { clock }));
    await registry.publish({ now: true });
    expect((await registry.counts()).total).toBe(1);
    expect(await all(registry.sealed.ids())).toHaveLength(1);
    expect(await registry.health()).toMatchObject({ ok: true, records: 1, entries: 1, claims: 1 });
  });

  it('answers a repeated id with one code and stores nothing', async () => {
    const { registry } = await fresh();
    await registry.register(person(0), { id: 'call-17' });
    await expect(registry.register(person(1), { id: 'call-17' })).rejects.toMatchObject({ code: 'REGISTRATION_DUPLICATE' });
    await registry.publish({ now: true });
    expect((await registry.counts()).total).toBe(1);
  });

  it('takes a group whole or not at all, or skips the bad', async () => {
    const { registry } = await fresh();
    const bad = person(3, { statement: { alias: 'jin fu', categories: ['nowhere'] } });
    await expect(registry.registerGroup([person(0), person(1), bad])).rejects.toMatchObject({
      code: 'GROUP_INVALID',
      details: { row: 3, field: 'statement.categories' },
    });
    expect((await registry.health()).inbox.waiting).toBe(0);
    const { accepted, rejected } = await registry.registerGroup([person(0), bad, person(1)], { onInvalid: 'skip' });
    expect(accepted.map(({ member }) => member)).toEqual([1, 3]);
    expect(rejected).toEqual([{ member: 2, code: 'CATEGORY_UNKNOWN', field: 'statement.categories' }]);
  });

  it('resumes an interrupted import exactly', async () => {
    const { registry } = await fresh();
    const source = new Uint8Array(32).fill(9);
    const rows = async function* (breakAt?: number) {
      for (let i = 0; i < 100; i++) {
        if (i === breakAt) throw new Error('power cut');
        yield i === 50 ? person(i, { statement: { alias: 'jin fu', categories: [] } }) : person(i, { group: `call ${i % 7}` });
      }
    };
    await expect(all(registry.registerMany(rows(64), { source, batchSize: 20 }))).rejects.toThrow('power cut');
    expect((await registry.health()).inbox.waiting).toBe(59);
    const progress: RegisterProgress[] = await all(registry.registerMany(rows(), { source, batchSize: 20 }));
    expect(progress.at(-1)).toMatchObject({ rows: 100, skipped: 60, accepted: 40, rejectedTotal: 0 });
    const again = await all(registry.registerMany(rows(), { source, batchSize: 20 }));
    expect(again.at(-1)).toMatchObject({ rows: 100, skipped: 100, accepted: 0 });
    await registry.publish({ now: true });
    expect((await registry.counts()).total).toBe(99);
  });
});

describe('policy standard', () => {
  it('waits for company, holds small cells, and publishes once a day', async () => {
    const { registry, clock } = await fresh('standard');
    for (let i = 0; i < 3; i++) await registry.register(person(i));
    expect(await registry.sort()).toMatchObject({ ran: false, waiting: 3 });
    clock.advanceDays(1);
    for (let i = 0; i < 80; i++) await registry.register(person(1, { statement: { alias: 'wan shun', categories: ['pioneers'] } }));
    let published = 0;
    for (let day = 0; day < 27; day++) {
      await registry.maintain();
      const result = await registry.publish();
      published += result.published;
      expect((await registry.publish()).published).toBe(0);
      if (result.published > 0) expect(result.smallestCell).toBeGreaterThanOrEqual(20);
      clock.advanceDays(1);
    }
    expect(published).toBeGreaterThanOrEqual(20);
    const before = await registry.counts();
    expect(before.byCategory).toMatchObject({ party: 0, league: 0 });
    for (let day = 0; day < 40; day++) {
      await registry.publish();
      clock.advanceDays(1);
    }
    const counts = await registry.counts();
    expect(counts).toMatchObject({ total: 83, byCategory: { party: 2, league: 3, pioneers: 80 } });
    const small = (await all(registry.entries())).filter((entry) => entry.categories.includes('league'));
    expect(small.map((entry) => entry.period)).toEqual(['earlier', 'earlier', 'earlier']);
    expect(await registry.health()).toMatchObject({ linkable: false });
  });
});

describe('keys by age', () => {
  it('replaces the shred key weekly, destroys old epochs, and still opens everything', async () => {
    const { registry, clock } = await fresh();
    await registry.register(person(0));
    await registry.publish({ now: true });
    const [id] = await all(registry.sealed.ids());
    let rewrapped = 0;
    let destroyed = 0;
    for (let day = 0; day < 60; day++) {
      clock.advanceDays(1);
      const report = await registry.maintain();
      rewrapped += report.shredsRewrapped;
      destroyed += report.epochKeysDestroyed;
    }
    expect(rewrapped).toBeGreaterThanOrEqual(8);
    expect(destroyed).toBe(24); // days 0 … 23: 60 less 7 days open and 30 days grace, and one
    const health = await registry.health();
    expect(health).toMatchObject({ ok: true, problems: [] });
    expect(health.kek.generations).toBeLessThanOrEqual(2);
    const sealed = await registry.sealed.get(id as string);
    if (sealed === undefined) throw new Error('the record is there');
    expect((await openRecord(sealed, custody.shares.vault.slice(2), ['identity'])).identity?.names).toEqual([NAMES[0]]);
  });

  it('gives an expired, an unknown and a malformed submission their codes and stores nothing', async () => {
    const { registry, clock } = await fresh();
    const keys = await registry.publicKeys();
    const { bytes } = makeSubmission(person(0), keys, { clock });
    const unknown = bytes.slice();
    unknown[9] = 1;
    await expect(registry.accept(unknown)).rejects.toMatchObject({
      code: expect.stringMatching(/EPOCH_UNKNOWN|SUBMISSION_INVALID|EPOCH_EXPIRED/),
    });
    await expect(registry.accept(bytes.slice(1))).rejects.toMatchObject({ code: 'SUBMISSION_INVALID' });
    await expect(registry.accept('x' as unknown as Uint8Array)).rejects.toThrow(TypeError);
    clock.advanceDays(7);
    await expect(registry.accept(bytes)).rejects.toMatchObject({ code: 'EPOCH_EXPIRED' });
    expect((await registry.health()).inbox.waiting).toBe(0);
  });

  it('quarantines after three failures what nobody can open', async () => {
    const { registry, clock } = await fresh();
    const { bytes } = makeSubmission(person(0), await registry.publicKeys(), { clock });
    const broken = bytes.slice();
    broken[20_000] = (broken[20_000] as number) ^ 1;
    await registry.accept(broken);
    expect(await registry.sort()).toMatchObject({ sorted: 0, quarantined: 0, waiting: 1 });
    expect(await registry.sort()).toMatchObject({ sorted: 0, quarantined: 0, waiting: 1 });
    expect(await registry.sort()).toMatchObject({ sorted: 0, quarantined: 1, waiting: 0 });
    expect((await registry.health()).inbox).toEqual({ waiting: 0, quarantined: 1 });
    const rows: QuarantinedRow[] = [];
    for await (const row of registry.sealed.quarantined()) rows.push(row);
    const [row] = rows as [QuarantinedRow];
    expect(await openQuarantined(row, custody.shares.quarantine.slice(0, 3))).toEqual(broken);
    await expect(openQuarantined(row, custody.shares.quarantine.slice(0, 2))).rejects.toMatchObject({ code: 'SHARES_TOO_FEW' });
    await expect(openQuarantined(row, custody.shares.vault)).rejects.toMatchObject({ code: 'SHARES_TOO_FEW' });
    const elsewhere = { ...row, id: '00'.repeat(16) };
    await expect(openQuarantined(elsewhere, custody.shares.quarantine)).rejects.toMatchObject({ code: 'OPEN_FAILED' });
  });
});

describe('opening a registry', () => {
  it('reopens without keys, refuses other keys and an empty directory, and says when it is closed', async () => {
    const { dir, registry, clock } = await fresh();
    await registry.register(person(0));
    await registry.close();
    await expect(registry.counts()).rejects.toMatchObject({ code: 'REGISTRY_CLOSED' });
    const again = await openRegistry({ dir }, { clock });
    opened.push(again);
    await again.publish({ now: true });
    expect((await again.counts()).total).toBe(1);
    const { keys } = await createCustody({ quorum: 2, custodians: 2 });
    await expect(openRegistry({ dir, keys, policy: makePolicy('tiny', ['party']) }, { clock })).rejects.toMatchObject({
      code: 'KEYS_INVALID',
    });
    await expect(openRegistry({ dir: join(root, 'nothing here') })).rejects.toMatchObject({ code: 'REGISTRY_NOT_INITIALISED' });
  });
});
