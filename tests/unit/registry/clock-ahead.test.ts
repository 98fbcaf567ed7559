import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { makePolicy, openRegistry } from '../../../src/index.js';
import type { ShredRow } from '../../../src/sealed/ports.js';
import { unwrapShred } from '../../../src/sealed/shred.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';

/** A maintenance under a clock that is years ahead makes keys dated so. When the clock is right again, everything must go on in days, not years. */
const START = Date.UTC(2026, 10, 21, 9);
const DAY = Math.floor(START / 86_400_000);
const AHEAD = 1825;
const PEOPLE = 5;
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

async function world(ahead = AHEAD) {
  const stores = createMemoryStores();
  const clock = fixedClock(START);
  const registry = await openRegistry(
    { stores, keys: custody.keys, policy: makePolicy('tiny', ['party']) },
    { clock, backend: nodeBackend },
  );
  const person = (i: number) => ({ identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } });
  const register = (i: number) => registry.register(person(i), { id: `call ${i}` });
  for (let i = 0; i < PEOPLE; i++) await register(i);
  await registry.sort();
  const ids: string[] = [];
  for await (const id of registry.sealed.ids()) ids.push(id);
  const today = (): number => Math.floor(clock.now() / 86_400_000);
  const dayAhead = async (work: () => Promise<unknown>): Promise<void> => {
    clock.advanceDays(ahead);
    await work();
    clock.advanceDays(-ahead);
  };
  const rows = (): Promise<readonly ShredRow[]> => stores.shred.from(new Uint8Array(16), 2 * PEOPLE);
  /** How many rows of a backup some key of today opens, whatever generation they name. */
  const opening = async (backup: readonly ShredRow[]): Promise<number> => {
    const generations = (await stores.keys.keks()).map(({ generation }) => generation);
    const keks = await Promise.all(generations.map((generation) => stores.keys.kek(generation)));
    return backup.filter((row) =>
      keks.some((kek) => {
        try {
          return unwrapShred(kek as Uint8Array, row.id, row.generation, row.wrapped).length > 0;
        } catch {
          return false;
        }
      }),
    ).length;
  };
  return { stores, clock, registry, register, ids, today, dayAhead, rows, opening };
}

describe('after a maintenance under a clock some days ahead', () => {
  /** Whether the day's maintenance, under the right clock, was before that one, and after the erasure. */
  const MAINTAINED = [
    { before: false, after: true },
    { before: true, after: true },
    { before: true, after: false },
  ];

  it.each([2, 3, 4, 5, 6])('%i: on the day it was said to be final, no backup opens the erased one', async (ahead) => {
    const late: string[] = [];
    for (const daysBefore of [0, 5, 6, 7]) {
      for (const { before, after } of MAINTAINED) {
        const { clock, registry, ids, today, dayAhead, rows, opening } = await world(ahead);
        for (let day = 1; day <= daysBefore; day++) {
          clock.advanceDays(1);
          if (day < daysBefore || before) await registry.maintain();
        }
        const backups = [await rows()];
        await dayAhead(() => registry.maintain());
        backups.push(await rows());
        const { finalOn } = await registry.eraseRecord(ids[0] as string);
        const last = Date.parse(finalOn) / 86_400_000;
        expect(last).toBeLessThanOrEqual(today() + 14);
        if (after) await registry.maintain();
        while (today() < last) {
          clock.advanceDays(1);
          await registry.maintain();
        }
        const ofVictim = backups.flat().filter(({ id }) => Buffer.from(id).toString('hex') === ids[0]);
        if ((await opening(ofVictim)) > 0) late.push(`${daysBefore} days before, maintained ${before} ${after}`);
      }
    }
    expect(late).toEqual([]);
  });
});

describe('after a maintenance under a clock five years ahead', () => {
  it.each([0, 1, 5, 6, 7, 13])('%i days after the start: an erasure is final within nine days, as it says', async (daysBefore) => {
    const { stores, clock, registry, ids, today, dayAhead, rows, opening } = await world();
    for (let day = 0; day < daysBefore; day++) {
      clock.advanceDays(1);
      await registry.maintain();
    }
    await dayAhead(() => registry.maintain());
    const backup = await rows();
    // Made under the wrong key: the control of what follows.
    expect(new Set(backup.map(({ generation }) => generation))).toEqual(new Set([today() + AHEAD]));
    expect(await opening(backup)).toBe(PEOPLE);

    const { finalOn } = await registry.eraseRecord(ids[0] as string);
    const last = Date.parse(finalOn) / 86_400_000;
    expect(last).toBeLessThanOrEqual(today() + 9);
    for (await registry.maintain(); today() < last; await registry.maintain()) clock.advanceDays(1);
    expect(await opening(backup)).toBe(0);
    expect((await stores.keys.keks()).filter(({ generation }) => generation > today())).toEqual([]);
    const statuses = await Promise.all(ids.map((id) => registry.recordStatus(id)));
    expect(statuses).toEqual(ids.map((_, i) => (i === 0 ? 'erased' : 'sealed')));
    expect(await registry.health()).toMatchObject({ ok: true });
  });

  it('the key dated ahead has two midnights of grace: a sort that began under it ends readable', async () => {
    const { stores, clock, registry, ids, today, dayAhead } = await world();
    for (let day = 0; day < 4; day++) {
      clock.advanceDays(1);
      await registry.maintain();
    }
    await dayAhead(() => registry.maintain());
    const ahead = today() + AHEAD;
    const kept = async (): Promise<number> => {
      const { length } = (await stores.keys.keks()).filter(({ generation }) => generation === ahead);
      return length;
    };
    const seen: number[] = [];
    for (let day = 0; day < 4; day++) {
      await registry.maintain();
      seen.push(await kept());
      clock.advanceDays(1);
    }
    expect(seen).toEqual([1, 1, 0, 0]);
    expect(await registry.recordStatus(ids[0] as string)).toBe('sealed');
  });

  it('what is registered meanwhile opens, and an id is not taken twice', async () => {
    const { registry, register, dayAhead, ids } = await world();
    await dayAhead(async () => {
      await registry.maintain();
      await register(7);
    });
    await expect(register(7)).rejects.toMatchObject({ code: 'REGISTRATION_DUPLICATE' });
    await register(8);
    await registry.sort();
    await registry.maintain();
    const all: string[] = [];
    for await (const id of registry.sealed.ids()) all.push(id);
    expect(all).toHaveLength(ids.length + 2);
    for (const id of all) expect(await registry.recordStatus(id)).toBe('sealed');
  });

  it('health says that nobody runs maintain, though keys of that year lie there', async () => {
    const { clock, registry, dayAhead } = await world();
    await dayAhead(() => registry.maintain());
    await registry.maintain();
    expect(await registry.health()).toMatchObject({ ok: true, epochs: { daysLeft: 14 } });
    clock.advanceDays(60);
    const { ok, problems, epochs } = await registry.health();
    expect({ ok, epochs }).toEqual({ ok: false, epochs: { lastDay: dateAt(DAY + 14), daysLeft: 0 } });
    expect(problems.map(({ problem }) => problem)).toEqual([
      'a shred key lives longer than erasures say: run maintain every day',
      'epoch keys live on after their grace: run maintain every day',
      'no epoch key for today: run maintain',
    ]);
  });
});

function dateAt(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
