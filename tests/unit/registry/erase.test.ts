import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { WINDOW } from '../../../src/registry/shred-window.js';
import { unwrapShred } from '../../../src/sealed/shred.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { fixedClock } from '../../../src/testing.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { allBytes, openTestStores, rawConnection, temporaryDirectory } from '../stores/support.js';

const START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 5;
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

async function world() {
  const directory = temporaryDirectory();
  const stores = await openTestStores(directory);
  const clock = fixedClock(START);
  const policy = makePolicy('tiny', ['party']);
  const registry = await openRegistry({ stores, keys: custody.keys, policy }, { clock, backend: nodeBackend });
  const keys = await registry.publicKeys();
  const made = Array.from({ length: PEOPLE }, (_, i) => {
    const registration = { identity: { names: [`Person ${'abcde'[i]}`] }, statement: { alias: 'jin fu', categories: ['party'] } };
    return makeSubmission(registration, keys, { clock, backend: nodeBackend });
  });
  await registry.acceptMany(made.map(({ bytes }) => bytes));
  await registry.sort();
  const ids = made.map(({ inner }) => Buffer.from(decodeInner(inner.reveal()).recordId).toString('hex'));
  return { directory, stores, clock, registry, made, ids, victim: ids[0] as string };
}

const sizes = async ({ stores }: Awaited<ReturnType<typeof world>>) => [
  await stores.vault.count(),
  [...(await stores.shred.generations()).values()].reduce((sum, n) => sum + n, 0),
  (await stores.public.poolSize()) + (await stores.public.state()).logSize,
  await stores.claims.count(),
];

describe('an erased record', () => {
  it('stays shut: erased twice, sent again, maintained; no store loses a row', async () => {
    const one = await world();
    const { registry, clock, victim, ids, made } = one;
    const before = await sizes(one);
    expect(await registry.recordStatus(victim)).toBe('sealed');
    expect(await registry.sealed.get(victim)).toBeDefined();
    const first = await registry.eraseRecord(victim);
    expect(await registry.eraseRecord(victim)).toEqual(first);
    expect(await sizes(one)).toEqual(before);
    await registry.accept(made[0]?.bytes as Uint8Array);
    await registry.sort();
    for (let day = 0; day < 20; day++) {
      expect([await registry.recordStatus(victim), await registry.sealed.get(victim)]).toEqual(['erased', undefined]);
      clock.advanceDays(1);
      expect((await registry.maintain()).shredsUnreadable).toBe(0);
    }
    expect((await sizes(one)).slice(0, 2)).toEqual(before.slice(0, 2));
    for (const id of ids.slice(1)) expect(await registry.recordStatus(id)).toBe('sealed');
  });

  it('is unknown if there never was one, and an id is checked', async () => {
    const { registry } = await world();
    const none = '00'.repeat(16);
    expect(await registry.recordStatus(none)).toBeUndefined();
    await expect(registry.eraseRecord(none)).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' });
    await expect(registry.eraseRecord('x')).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  it.each([0, 3, 6])('erased %i days after the key was made: on finalOn that key is gone, the day before it is there', async (age) => {
    const { registry, clock, stores, victim } = await world();
    const [kek] = await stores.keys.keks();
    for (let day = 0; day < age; day++) {
      clock.advanceDays(1);
      await registry.maintain();
    }
    const { finalOn } = await registry.eraseRecord(victim);
    const there: boolean[] = [];
    while (new Date(clock.now()).toISOString().slice(0, 10) < finalOn) {
      there.push((await stores.keys.kek(kek?.generation as number)) !== undefined);
      clock.advanceDays(1);
      await registry.maintain();
    }
    expect(there).toEqual(Array.from({ length: 9 - age }, () => true));
    expect(await stores.keys.kek(kek?.generation as number)).toBeUndefined();
  });
});

describe('the files after an erasure', () => {
  it('a reader in the way makes it loud; repeated, no old byte is left', async () => {
    const { directory, registry, stores, victim } = await world();
    const old = Buffer.from((await stores.shred.get(Buffer.from(victim, 'hex')))?.wrapped as Uint8Array);
    const reader = rawConnection(join(directory, 'shred/shred.db'));
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM shreds').get();
    await expect(registry.eraseRecord(victim)).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    expect(allBytes(join(directory, 'shred')).includes(old)).toBe(true);
    await expect(registry.eraseRecord(victim)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    reader.exec('COMMIT');
    await registry.eraseRecord(victim);
    expect(existsSync(join(directory, 'shred/shred.db'))).toBe(true);
    expect(allBytes(directory).includes(old)).toBe(false);
  });

  it('every row of a small store changed, and all still have one length', async () => {
    const { registry, stores, victim } = await world();
    const start = new Uint8Array(16);
    const before = await stores.shred.from(start, WINDOW);
    await registry.eraseRecord(victim);
    const after = await stores.shred.from(start, WINDOW);
    expect(after).toHaveLength(PEOPLE);
    for (const [i, row] of after.entries()) {
      expect(row.id).toEqual(before[i]?.id);
      expect(row.wrapped).not.toEqual(before[i]?.wrapped);
    }
  });
});

describe('a shred that does not open', () => {
  it('does not stop the rotation, is reported, keeps its key, and can still be erased', async () => {
    const { directory, registry, clock, stores, victim } = await world();
    const [kek] = await stores.keys.keks();
    const raw = rawConnection(join(directory, 'shred/shred.db'));
    raw.prepare('UPDATE shreds SET wrapped = zeroblob(72) WHERE id = ?').run(Buffer.from(victim, 'hex'));
    await expect(registry.sealed.get(victim)).rejects.toMatchObject({ code: 'OPEN_FAILED' });
    clock.advanceDays(7);
    expect(await registry.maintain()).toMatchObject({ shredsRewrapped: PEOPLE - 1, shredsUnreadable: 1 });
    for (let day = 0; day < 3; day++) {
      clock.advanceDays(1);
      expect(await registry.maintain()).toMatchObject({ shredsRewrapped: 0, shredsUnreadable: 1, keksDestroyed: 0 });
    }
    expect((await registry.health()).problems).toContainEqual({
      store: 'shred',
      problem: expect.stringContaining('1 rows under another key'),
    });
    await registry.eraseRecord(victim);
    expect(await registry.recordStatus(victim)).toBe('erased');
    expect(await registry.maintain()).toMatchObject({ shredsUnreadable: 0, keksDestroyed: 1 });
    expect(await stores.keys.kek(kek?.generation as number)).toBeUndefined();
  });
});

describe('finalOn while another shred does not open', () => {
  it('is kept only once that row is erased too: until then the key stays, and every day says so', async () => {
    const { directory, registry, clock, stores, ids, victim } = await world();
    const [kek] = await stores.keys.keks();
    const old = (await stores.shred.get(Buffer.from(victim, 'hex')))?.wrapped as Uint8Array;
    const damaged = ids[1] as string;
    rawConnection(join(directory, 'shred/shred.db'))
      .prepare('UPDATE shreds SET wrapped = zeroblob(72) WHERE id = ?')
      .run(Buffer.from(damaged, 'hex'));
    const generation = kek?.generation as number;
    const backupOpens = async (): Promise<boolean> => {
      const key = await stores.keys.kek(generation);
      return key !== undefined && unwrapShred(key, Buffer.from(victim, 'hex'), generation, old).length === 32;
    };
    const { finalOn } = await registry.eraseRecord(victim);
    expect(await registry.recordStatus(victim)).toBe('erased');
    for (let day = 1; day <= 12; day++) {
      clock.advanceDays(1);
      const report = await registry.maintain();
      expect([report.shredsUnreadable, report.keksDestroyed]).toEqual([day < 7 ? 0 : 1, 0]);
      expect(await backupOpens(), `day ${day}`).toBe(true);
    }
    expect(new Date(clock.now()).toISOString().slice(0, 10) > finalOn).toBe(true);
    expect((await registry.health()).ok).toBe(false);
    await registry.eraseRecord(damaged);
    expect(await registry.maintain()).toMatchObject({ shredsUnreadable: 0, keksDestroyed: 1 });
    expect(await backupOpens()).toBe(false);
    expect((await registry.health()).problems).toEqual([]);
  });

  it('a record erased days after its shred was re-encrypted counts from the key that wraps it then', async () => {
    const { registry, clock, stores, victim } = await world();
    const days: string[] = [];
    const keys: number[] = [];
    for (let day = 0; day <= 16; day++) {
      days.push((await registry.eraseRecord(victim)).finalOn);
      keys.push((await stores.keys.keks()).length);
      clock.advanceDays(1);
      await registry.maintain();
    }
    const [first, second, third] = ['2026-11-30', '2026-12-07', '2026-12-14'];
    expect(days).toEqual([...Array(7).fill(first), ...Array(7).fill(second), ...Array(3).fill(third)]);
    // A new key on days 7 and 14; the one before it goes two midnights later.
    expect(keys).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 1, 2, 2, 1]);
  });
});
