import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entry, makePolicy } from '../../src/index.js';
import { recordFact } from '../support/fact.js';
import { all } from './support/build.js';
import { buildGroupWorld, calls, type GroupWorld } from './support/group-world.js';
import { contentsById } from './support/leaky.js';
import { aucsOf, type Seen, seenIn, telling, WHAT_THE_LIBRARY_ADDS } from './support/same-call.js';

/**
 * The features of group-auc.test.ts on a register in which everything is by call: stored files and entries are doctored, and each feature must
 * tell. A file is doctored where the attack reads one.
 */
let world: GroupWorld;
let seen: Seen[];
const callOfSeen = new Map<Seen, number>();

beforeAll(async () => {
  world = await buildGroupWorld(makePolicy('tiny', ['league', 'party']));
  const { target, callOf } = world;
  for (const call of calls(60, 30)) await world.call(call);
  await target.registry.sort();
  const pool = target.image('pool');
  await target.registry.publish({ now: true });
  const published = target.image('published');
  inOrderOfCalls(pool, ['pool'], 'UPDATE pool SET due_day = (SELECT call FROM calls WHERE calls.id = pool.id)');
  inOrderOfCalls(
    published,
    ['entries', 'contents'],
    'UPDATE contents SET salt = (SELECT CAST(mark || substr(salt, 17) AS BLOB) FROM calls WHERE calls.id = contents.id)',
  );
  for (const one of seenIn(published, await all(target.registry.entries()), pool)) {
    const call = callOf.get(one.entry.entryId) as number;
    callOfSeen.set({ ...one, entry: entryByCall(one.entry, call) }, call);
  }
  seen = [...callOfSeen.keys()];
});
afterAll(async () => world.target.destroy());

/** What all of one call have in common, 16 bytes. */
const markOf = (call: number): Buffer => createHash('sha256').update(String(call)).digest().subarray(0, 16);

/** Writes tables anew with hidden row numbers and the rows call by call, after `change` gave a column away. */
function inOrderOfCalls(image: string, tables: readonly string[], change: string): void {
  const database = new Database(join(image, 'public/public.db'));
  database.exec('PRAGMA foreign_keys = OFF; CREATE TEMP TABLE calls (id BLOB PRIMARY KEY, call INTEGER, mark BLOB)');
  const insert = database.prepare('INSERT INTO calls VALUES (?, ?, ?)');
  for (const [id, call] of world.callOf) insert.run(Buffer.from(id, 'hex'), call, markOf(call));
  if (tables.includes('contents')) contentsById(database);
  database.exec(change);
  for (const table of tables)
    database.exec(`CREATE TABLE leaky AS SELECT ${table}.* FROM ${table} JOIN calls USING (id) ORDER BY call;
      DROP TABLE ${table}; ALTER TABLE leaky RENAME TO ${table}`);
  // Or the old rows would still lie in the file.
  database.exec('VACUUM');
  database.close();
}

/** Everything that the entry itself says, by call. */
function entryByCall(entry: Entry, call: number): Entry {
  const alike = (hex: string): string =>
    markOf(call)
      .toString('hex')
      .slice(0, hex.length / 2) + hex.slice(hex.length / 2);
  return {
    ...entry,
    registerNumber: 10 * call,
    batch: call,
    entryId: alike(entry.entryId),
    entryKey: alike(entry.entryKey as string),
    contentHash: alike(entry.contentHash),
    name: `alias ${call}`,
    period: `period ${call}`,
  };
}

describe('a register in which everything is by call', () => {
  const measured = (features: typeof WHAT_THE_LIBRARY_ADDS): Readonly<Record<string, number>> => {
    const { pairs, aucs } = aucsOf(seen, (one) => callOfSeen.get(one) as number, features);
    for (const [name, value] of Object.entries(aucs))
      process.stdout.write(`  control same call by ${name}: AUC ${value.toFixed(4)} over ${pairs} pairs\n`);
    return aucs;
  };

  it('tells in each feature who came in one call', () => {
    const aucs = measured(WHAT_THE_LIBRARY_ADDS);
    const [weakest, value] = Object.entries(aucs).reduce((a, b) => (b[1] < a[1] ? b : a));
    const name = 'same call, from everything public (control, everything by call: the weakest of them)';
    recordFact({ kind: 'groups', name, values: { feature: weakest, AUC: value.toFixed(4), bound: '≥ 0.9' } });
    expect(telling(aucs)).toEqual(Object.keys(WHAT_THE_LIBRARY_ADDS));
    expect(value).toBeGreaterThan(0.9);
  });
});
