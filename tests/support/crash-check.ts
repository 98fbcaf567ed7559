import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Health, Registry } from '../../src/index.js';
import { openStores } from '../../src/registry/open-registry.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { openRaw } from './raw-sqlite.js';

/** What a crash in making a key leaves; it goes with the key of its day (docs/operations.md). */
const UNFINISHED_KEY = 'an unfinished key file was left by a crash; destroying that key removes it';
/** Where days are played without the daily `maintain`. */
const LATE_KEY = 'a shred key lives longer than erasures say: run maintain every day';

export async function withRegistryAt<T>(dir: string, clock: FixedClock, work: (registry: Registry) => Promise<T>): Promise<T> {
  const registry = await openStores({ stores: await openSqliteStores(dir) }, { clock, backend: nodeBackend });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
}

/** Rows as another program counts them. */
export function rowsIn(dir: string) {
  const column = (file: string, sql: string): readonly string[] => {
    const database = openRaw(join(dir, file), { readonly: true });
    try {
      return (database.prepare(sql).all() as { readonly v: string | number }[]).map(({ v }) => String(v));
    } finally {
      database.close();
    }
  };
  return {
    records: column('sealed/vault.db', 'SELECT hex(id) AS v FROM records ORDER BY id'),
    shreds: column('shred/shred.db', 'SELECT hex(id) AS v FROM shreds ORDER BY id'),
    claims: column('claims/claims.db', 'SELECT hex(locator) AS v FROM claims ORDER BY locator'),
    entries: column('public/public.db', 'SELECT lower(hex(id)) AS v FROM entries ORDER BY id'),
    contents: column(
      'public/public.db',
      'SELECT lower(hex(e.id)) AS v FROM entries e LEFT JOIN changed x ON x.id = e.id JOIN contents t ON t.leaf = coalesce(x.amended_at, e.idx) WHERE x.removed_at IS NULL ORDER BY e.id',
    ),
    pool: column('public/public.db', 'SELECT hex(id) AS v FROM pool ORDER BY id'),
    changes: column('public/public.db', 'SELECT hex(id) AS v FROM changes').length,
    leaves: column('public/public.db', "SELECT json_extract(CAST(bytes AS TEXT), '$.type') AS v FROM leaves ORDER BY idx"),
    waiting: column('sealed/inbox.db', 'SELECT 1 AS v FROM waiting').length,
    submissions: column('sealed/inbox.db', 'SELECT 1 AS v FROM submissions').length,
    quarantine: column('sealed/inbox.db', 'SELECT hex(id) AS v FROM quarantine').length,
  };
}

export interface Expected {
  /** Entry ids of all the people, in hex. */
  readonly people: readonly string[];
  /** Claim rows and replies. */
  readonly claims: number;
  /** Leaves by type; left out: not looked at. A tally leaf more or less is a matter of days. */
  readonly leaves?: Readonly<Record<string, number>> | undefined;
}

/** One record, one shred, one claim row, one entry for each person; nothing waits, nothing is left beside the files. Throws what is wrong. */
export async function assertOnce(dir: string, clock: FixedClock, { people, claims, leaves }: Expected): Promise<void> {
  const rows = rowsIn(dir);
  const wrong: string[] = [];
  const expect = (right: boolean, what: string): void => {
    if (!right) wrong.push(what);
  };
  const n = people.length;
  expect(rows.records.length === n, `${rows.records.length} records`);
  expect(rows.records.join() === rows.shreds.join(), 'shreds are not those of the records');
  expect(rows.claims.length === claims, `${rows.claims.length} claim rows`);
  expect(rows.entries.join() === [...people].sort().join(), `${rows.entries.length} entries`);
  const left = [rows.pool.length, rows.waiting, rows.submissions, rows.quarantine, rows.changes];
  expect(
    left.every((count) => count === 0),
    `left over: ${left.join(' ')}`,
  );
  for (const [type, n] of Object.entries(leaves ?? { statement: people.length }))
    expect(rows.leaves.filter((each) => each === type).length === n, `not ${n} leaves of ${type}`);
  const { health, counts } = await withRegistryAt(dir, clock, async (registry) => ({
    health: await registry.health(),
    counts: await registry.counts(),
  }));
  expect(problemsOf(health).length === 0, problemsOf(health).join('; '));
  expect(health.records === n && health.entries === n && health.claims === claims, 'health counts otherwise');
  expect(counts.total === n, `${counts.total} counted`);
  const remnants = filesBelow(dir).filter((path) => /-(wal|shm|journal)$/.test(path) && statSync(path).size > 0);
  expect(remnants.length === 0, 'a write-ahead log is left');
  if (wrong.length > 0) throw new Error(wrong.join('; '));
}

/** Problems but for an unfinished key, which is no loss and goes later, and a day's maintenance that nobody ran. */
export function problemsOf({ problems }: Health): readonly string[] {
  return problems.map(({ problem }) => problem).filter((problem) => problem !== UNFINISHED_KEY && problem !== LATE_KEY);
}

export function clockAt(start: number, days: number): FixedClock {
  const clock = fixedClock(start);
  clock.advanceDays(days);
  return clock;
}

export function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}
