import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openRecord } from '../../src/custodian.js';
import { all, registrationOf } from './support/build.js';
import { printFound } from './support/report.js';
import { claimsOpened, fresh, opening, openingClaims, PARTS, PEOPLE, publishing, showing, tamper, wrongParts } from './support/swaps.js';

/**
 * Ciphertexts swapped between rows, columns or purposes decrypted fine elsewhere (missing associated data). Here every swap must fail.
 * Swaps that nothing binds, and so must be found: `swaps-controls.test.ts`.
 */
function expectOnlyBroken(outcome: Map<string, string>, broken: readonly string[], attack: string): void {
  const wrong = wrongParts(outcome, broken);
  printFound(`${attack}: parts that opened and should not, or the reverse`, wrong.length, 0);
  expect(wrong).toEqual([]);
}

const column = (database: Database.Database, part: string): { id: Buffer; value: Buffer }[] =>
  database.prepare(`SELECT id, ${part} AS value FROM records ORDER BY id`).all() as { id: Buffer; value: Buffer }[];

describe('sealed side, a full quorum', () => {
  it('control: untouched, everything opens, and the truth comes out', async () => {
    const one = await fresh();
    expectOnlyBroken(await opening(one), [], 'no swap');
    const [id] = await all(one.registry.sealed.ids());
    const sealed = await one.registry.sealed.get(id as string);
    if (sealed === undefined) throw new Error('the record is there');
    const { identity } = await openRecord(sealed, one.custody.shares.vault.slice(1), ['identity']);
    expect(Array.from({ length: PEOPLE }, (_, i) => registrationOf(i).identity.names[0])).toContain(identity?.names[0]);
  });

  it.each(PARTS)('%s swapped between two rows', async (part) => {
    const one = await fresh();
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const [a, b] = column(database, part);
      const update = database.prepare(`UPDATE records SET ${part} = ? WHERE id = ?`);
      update.run(b?.value, a?.id);
      update.run(a?.value, b?.id);
    });
    expectOnlyBroken(await opening(one), [`0 ${part}`, `1 ${part}`], `${part} swapped between rows`);
  });

  it('identity and contact swapped within a row', async () => {
    const one = await fresh();
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const [row] = column(database, 'id');
      database.prepare('UPDATE records SET identity = contact, contact = identity WHERE id = ?').run(row?.id);
    });
    expectOnlyBroken(await opening(one), ['0 identity', '0 contact'], 'columns swapped in a row');
  });

  it('two whole rows under each other’s id', async () => {
    const one = await fresh();
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const [a, b] = column(database, 'id');
      const set = database.prepare('UPDATE records SET id = ? WHERE id = ?');
      set.run(Buffer.alloc(16), a?.id);
      set.run(a?.id, b?.id);
      set.run(b?.id, Buffer.alloc(16));
    });
    expectOnlyBroken(
      await opening(one),
      PARTS.flatMap((part) => [`0 ${part}`, `1 ${part}`]),
      'rows under each other’s id',
    );
  });

  it.each([
    ['commitment', 10, 42],
    ['wraps', 43, 43 + 1314],
    ['encapsulation', 59, 59 + 1153],
    ['wrapped key', 1212, 1260],
    ['proof', 1260, 1357],
    ['nonce and body', 1357, undefined],
  ])('the %s of another record’s compartment grafted in', async (name, from, to) => {
    const one = await fresh();
    tamper(one.dir, 'sealed/vault.db', (database) => {
      const [a, b] = column(database, 'identity') as [{ id: Buffer; value: Buffer }, { id: Buffer; value: Buffer }];
      const grafted = Buffer.from(a.value);
      b.value.copy(grafted, from, from, to);
      expect(grafted.equals(a.value)).toBe(false);
      database.prepare('UPDATE records SET identity = ? WHERE id = ?').run(grafted, a.id);
    });
    expectOnlyBroken(await opening(one), ['0 identity'], `${name} grafted`);
  });

  it('shreds swapped between two rows, and one shred copied to all', async () => {
    const one = await fresh();
    const rows = (database: Database.Database) =>
      database.prepare('SELECT id, wrapped FROM shreds ORDER BY id').all() as { id: Buffer; wrapped: Buffer }[];
    tamper(one.dir, 'shred/shred.db', (database) => {
      const [a, b] = rows(database);
      const update = database.prepare('UPDATE shreds SET wrapped = ? WHERE id = ?');
      update.run(b?.wrapped, a?.id);
      update.run(a?.wrapped, b?.id);
    });
    expectOnlyBroken(
      await opening(one),
      PARTS.flatMap((part) => [`0 ${part}`, `1 ${part}`]),
      'shreds swapped',
    );
    tamper(one.dir, 'shred/shred.db', (database) => database.prepare('UPDATE shreds SET wrapped = ?').run(rows(database)[2]?.wrapped));
    expectOnlyBroken(
      await opening(one),
      PARTS.flatMap((part) => [`0 ${part}`, `1 ${part}`, `3 ${part}`]),
      'one shred for all',
    );
  });

  it('a shred moved to another generation', async () => {
    const one = await fresh();
    one.clock.advanceDays(8);
    const before: Buffer[] = [];
    tamper(one.dir, 'shred/shred.db', (database) => {
      before.push(...(database.prepare('SELECT wrapped FROM shreds ORDER BY id').pluck().all() as Buffer[]));
    });
    await one.registry.maintain();
    tamper(one.dir, 'shred/shred.db', (database) => {
      const [id] = database.prepare('SELECT id FROM shreds ORDER BY id').pluck().all() as Buffer[];
      database.prepare('UPDATE shreds SET wrapped = ? WHERE id = ?').run(before[0], id);
    });
    expectOnlyBroken(
      await opening(one),
      PARTS.map((part) => `0 ${part}`),
      'old shred under the new generation',
    );
  });
});

describe('claims', () => {
  it('rows swapped between locators open for nobody', async () => {
    const one = await fresh();
    expect(await openingClaims(one)).toEqual(Array.from({ length: PEOPLE }, () => 'opened'));
    tamper(one.dir, 'claims/claims.db', (database) => {
      const rows = database.prepare('SELECT locator, data FROM claims ORDER BY locator').all() as { locator: Buffer; data: Buffer }[];
      for (const [i, { locator }] of rows.entries())
        database.prepare('UPDATE claims SET data = ? WHERE locator = ?').run(rows[(i + 1) % PEOPLE]?.data, locator);
    });
    const after = await openingClaims(one);
    printFound('claim rows swapped: opened', claimsOpened(after), 0);
    expect(after).toEqual(Array.from({ length: PEOPLE }, () => 'OPEN_FAILED'));
  });
});

describe('public side', () => {
  it.each([
    ['content and salt', [['contents', 'salt, content']]],
    ['content', [['contents', 'content']]],
    ['register number', [['entries', 'idx']]],
    [
      'register number, content and salt',
      [
        ['entries', 'idx'],
        ['contents', 'salt, content'],
      ],
    ],
  ] as const)('published: %s swapped between two ids', async (name, swaps) => {
    const one = await fresh();
    tamper(one.dir, 'public/public.db', (database) => {
      for (const [table, columns] of swaps) swap(database, table, columns.split(', '));
    });
    const { entries, health } = await showing(one);
    // Health counts and joins nothing: what is shown must be checked when it is shown.
    process.stdout.write(`  attack published ${name} swapped: entries ${entries}, health ${health}\n`);
    printFound(`published ${name} swapped and shown`, entries === 'passed' ? 1 : 0, 0);
    expect(entries).toBe('STORE_INTEGRITY');
  });

  it.each([['statement'], ['salt'], ['digest'], ['statement, salt, digest']])(
    'waiting in the pool: %s swapped between two ids is not published',
    async (columns) => {
      const one = await fresh(false);
      tamper(one.dir, 'public/public.db', (database) => swap(database, 'pool', columns.split(', ')));
      const result = await publishing(one);
      printFound(`pool ${columns} swapped and published`, result === 'passed' ? 1 : 0, 0);
      expect(result).toBe('STORE_INTEGRITY');
      expect((await one.registry.counts()).total).toBe(0);
    },
  );
});

function swap(database: Database.Database, table: string, columns: readonly string[]): void {
  const key = table === 'contents' ? 'leaf' : 'id';
  const rows = database.prepare(`SELECT ${key}, ${columns.join(', ')} FROM ${table} ORDER BY ${key}`).all() as Record<
    string,
    Buffer | number
  >[];
  const [a, b] = rows as [Record<string, Buffer | number>, Record<string, Buffer | number>];
  const set = database.prepare(`UPDATE ${table} SET ${columns.map((name) => `${name} = ?`).join(', ')} WHERE ${key} = ?`);
  const values = (row: Record<string, Buffer | number>) => columns.map((name) => row[name]);
  if (columns.includes('idx')) set.run(999_999, a[key]);
  set.run(...values(a), b[key]);
  set.run(...values(b), a[key]);
}
