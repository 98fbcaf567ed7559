import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { openRecord } from '../../src/custodian.js';
import { makePolicy } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { drawDueDay } from '../../src/public/delay.js';
import { systemRandom } from '../../src/foundation/random.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { hex } from './support/erasure.js';
import { dueDaysOf, judgeDays, neighbours, type Pairs, scoreOf, sharing } from './support/group-attacks.js';
import { printAttack, printControl, rateOf } from './support/report.js';
import { seize } from './support/seized.js';

/** S1: who came in one call must not show in any store, and a family must not leave the pool as a bump. */
const GROUPS = 60;
const SIZE = 5;
const WINDOW = 14;
let target: Target;
let image: string;
/** Group of each record, entry and claim, by hex id. */
const groupOf = new Map<string, number>();

beforeAll(async () => {
  target = await buildTarget({ ...makePolicy('standard', ['party']), delayDays: WINDOW });
  const keys = await target.registry.publicKeys();
  for (let group = 0; group < GROUPS; group++) {
    const groupId = crypto.getRandomValues(new Uint8Array(16));
    const family = Array.from({ length: SIZE }, (_, k) => {
      const made = makeSubmission({ ...registrationOf(group * SIZE + k), claim: 'words' }, keys, {
        clock: target.clock,
        backend: nodeBackend,
        groupId,
      });
      const inner = decodeInner(made.inner.reveal());
      for (const id of [hex(inner.recordId), made.entryId, hex(inner.locator)]) groupOf.set(id, group);
      return made.bytes;
    });
    await target.registry.acceptMany(family);
  }
  await target.registry.sort();
  image = target.image('sorted');
}, 900_000);
afterAll(async () => target.destroy());

const groups = { count: GROUPS, size: SIZE, of: groupOf };

function expectHeld(attack: string, pairs: Pairs): void {
  const result = scoreOf(attack, pairs, groups);
  printAttack(result);
  expect(rateOf(result)).toBeLessThanOrEqual(result.bound);
}

function expectCaught(attack: string, pairs: Pairs): void {
  const result = scoreOf(attack, pairs, groups);
  printControl(result);
  expect(rateOf(result)).toBeGreaterThan(result.bound);
}

const TABLES = [
  ['sealed/vault.db', 'records', 'id'],
  ['shred/shred.db', 'shreds', 'id'],
  ['claims/claims.db', 'claims', 'locator'],
  ['public/public.db', 'pool', 'id'],
] as const;

describe(`${GROUPS} groups of ${SIZE}`, () => {
  it('really are groups: the sealed link says so, and nothing else', async () => {
    const shares = target.custody.shares.link.slice(0, 2);
    const found = new Map<string, Set<number>>();
    for (const id of (await all(target.registry.sealed.ids())).slice(0, 30)) {
      const sealed = await target.registry.sealed.get(id);
      if (sealed === undefined) throw new Error('the record is there');
      const { link } = await openRecord(sealed, shares, ['link']);
      found.set(link?.groupId ?? '', (found.get(link?.groupId ?? '') ?? new Set()).add(groupOf.get(id) ?? -1));
    }
    for (const groups of found.values()) expect(groups.size).toBe(1);
    expect(found.size).toBe(new Set([...found.values()].flatMap((groups) => [...groups])).size);
  });

  it.each(TABLES)('%s: neighbours in the file are strangers', (file, table) => {
    const rows = seize(image, file, table);
    expect(rows).toHaveLength(GROUPS * SIZE);
    for (const k of [0, 1, 2]) expectHeld(`${table}, neighbours by place ${k}`, neighbours(rows, k));
  });

  it.each(TABLES)('%s: members share no bytes that others do not', (file, table) => {
    expectHeld(`${table}, shared bytes`, sharing(seize(image, file, table)));
  });

  it.each(TABLES)('control: %s in the order of calls', (file, table, key) => {
    const leaky = doctored(file, (database) =>
      // As a table with row numbers lies, into which each call is written as it comes.
      database.exec(`CREATE TABLE copy AS SELECT * FROM ${table} ORDER BY call_of(${key}); DROP TABLE ${table};
        ALTER TABLE copy RENAME TO ${table}; VACUUM`),
    );
    const rows = seize(leaky, file, table);
    for (const k of [0, 1, 2]) expectCaught(`${table}, neighbours by place ${k}`, neighbours(rows, k));
  });

  it.each(TABLES)('control: %s with the mark of the call in each row', (file, table, key) => {
    const leaky = doctored(file, (database) =>
      database.exec(`ALTER TABLE ${table} ADD COLUMN mark BLOB; UPDATE ${table} SET mark = mark_of(${key})`),
    );
    expectCaught(`${table}, shared bytes`, sharing(seize(leaky, file, table)));
  });
});

/** A copy of the image with one file changed by somebody who knows the calls. */
function doctored(file: string, change: (database: Database.Database) => void): string {
  const copy = mkdtempSync(join(target.root, 'doctored-'));
  cpSync(image, copy, { recursive: true });
  const marks = Array.from({ length: GROUPS }, () => Buffer.from(systemRandom.bytes(16)));
  const call = (id: unknown): number => groupOf.get(hex(id as Buffer)) as number;
  const database = new Database(join(copy, file));
  database.function('call_of', call);
  database.function('mark_of', (id) => marks[call(id)]);
  change(database);
  database.close();
  return copy;
}

describe('due days', () => {
  const HELD = { even: true, independent: true };
  const daysIn = (directory: string): number[][] => dueDaysOf(directory, Math.floor(target.clock.now() / 86_400_000), groups);
  const drawn = (draw: () => number): number[][] => Array.from({ length: 300 }, () => Array.from({ length: SIZE }, draw));

  it('in the pool: even, and independent within a group', () => {
    expect(judgeDays('attack, pool', daysIn(image))).toEqual(HELD);
  });

  it('control: a pool with one draw for each group, and one of the first half of the window only', () => {
    const once = doctored('public/public.db', (database) =>
      database.exec(`UPDATE pool SET due_day = (SELECT min(due_day) FROM pool) + call_of(id) % ${WINDOW}`),
    );
    expect(judgeDays('control, pool with one draw a group', daysIn(once)).independent).toBe(false);
    const early = doctored('public/public.db', (database) =>
      database.exec(`UPDATE pool SET due_day = due_day - ${WINDOW / 2} WHERE due_day >= (SELECT min(due_day) FROM pool) + ${WINDOW / 2}`),
    );
    expect(judgeDays('control, pool of the first days', daysIn(early)).even).toBe(false);
  });

  it('drawn for 300 groups of 5', () => {
    const days = drawn(() => drawDueDay(0, WINDOW, systemRandom));
    expect(judgeDays('attack, drawn', days)).toEqual(HELD);
  });

  it('control: one draw for each group, and a skewed draw', () => {
    const once = Array.from({ length: 300 }, () => new Array<number>(SIZE).fill(drawDueDay(0, WINDOW, systemRandom)));
    expect(judgeDays('control, drawn once a group', once).independent).toBe(false);
    const skewed = drawn(() => Math.min(drawDueDay(0, WINDOW, systemRandom), drawDueDay(0, WINDOW, systemRandom)));
    expect(judgeDays('control, the earlier of two draws', skewed).even).toBe(false);
  });
});
