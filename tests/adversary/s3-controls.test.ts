import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedOnce } from './support/joins.js';
import { type Attempt, attackPair, judgeControl, type Pair, pairOf, placeCorrelation } from './support/linkage-attacks.js';
import { printFoundControl } from './support/report.js';
import { PLACES, type SeizedRow, seize, sizesOf, tablesWithRowid } from './support/seized.js';
import { framesOf, readRaw } from './support/sqlite-pages.js';

/** The attacks of S3 on layouts that leak, one leak each: whatever the attack found nothing with elsewhere must succeed here. */
const ROWS = 512;
const root = mkdtempSync(join(tmpdir(), 'adversary-leaky-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const random = (n: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(n)));

/** Two stores as careless builds write them: `schema`, the order of insertion and a log that is left are the leak. Returns the directory. */
function leakyStores(name: string, schema: string, ids: readonly (readonly [Buffer, Buffer])[], logStays = false): string {
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [k, file] of ['left.db', 'right.db'].entries()) {
    const database = new Database(join(directory, file));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    if (logStays) database.exec('PRAGMA wal_autocheckpoint = 0');
    database.exec(`CREATE TABLE t (id BLOB PRIMARY KEY, body BLOB) ${schema}`);
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    for (const both of ids) insert.run(both[k], random(9000));
    if (logStays) cpSync(directory, join(root, `${name}-seized`), { recursive: true });
    database.close();
  }
  return logStays ? join(root, `${name}-seized`) : directory;
}

const leakyPair = (directory: string, truth: readonly (readonly [Buffer, Buffer])[]): Pair =>
  pairOf(
    'leaky',
    seize(directory, 'left.db', 't'),
    seize(directory, 'right.db', 't'),
    new Map(truth.map(([a, b]) => [hex(a), hex(b)] as const)),
  );
const attackStores = (directory: string, truth: readonly (readonly [Buffer, Buffer])[]) => attackPair(leakyPair(directory, truth));

/** Every kind of attack that caught its leak. */
const proven = new Set<string>();

function missedKinds(stage: string, attempts: readonly Attempt[], rows: number, kinds: readonly string[]): string[] {
  const missed = judgeControl(stage, attempts, rows, kinds);
  for (const kind of kinds) if (missed.length === 0) proven.add(kind);
  return missed;
}

describe('the order of calls in the layout', () => {
  const ids = Array.from({ length: ROWS }, () => [random(16), random(16)] as const);

  it('hidden row numbers give everything away', () => {
    const directory = leakyStores('rowid', '', ids);
    for (const file of ['left.db', 'right.db']) expect(tablesWithRowid(directory, file)).toEqual(['t']);
    const kinds = ['body-end', 'page', 'overflow-page', 'overflow-end', 'row-number'];
    expect(missedKinds('S3 hidden row numbers:', attackStores(directory, ids), ROWS, kinds)).toEqual([]);
  });

  it('without row numbers, but written in the order of calls: overflow pages give it away', () => {
    const directory = leakyStores('unsorted', 'WITHOUT ROWID', ids);
    const kinds = ['body-end', 'overflow-page', 'overflow-end'];
    expect(missedKinds('S3 unsorted writes:', attackStores(directory, ids), ROWS, kinds)).toEqual([]);
    const correlation = placeCorrelation(leakyPair(directory, ids));
    printFoundControl('S3 rank correlation of places, in thousandths', Math.round(1000 * correlation));
    expect(correlation).toBeGreaterThan(5 * (4 / Math.sqrt(ROWS - 1)));
  });

  it('serial ids', () => {
    const serial = Array.from({ length: ROWS }, (_, i) => [number(i * 3), number(i * 3 + 1)] as const);
    const directory = leakyStores('serial', 'WITHOUT ROWID', serial);
    const kinds = ['first-copy', 'page', 'cell', 'id-order', 'similar-id'];
    expect(missedKinds('S3 serial ids:', attackStores(directory, serial), ROWS, kinds)).toEqual([]);
  });

  it('a log that is left: where each row was written first tells, where last only of rows that lie in the order of calls', () => {
    const serial = Array.from({ length: ROWS }, (_, i) => [number(i * 3), number(i * 3 + 1)] as const);
    const seized = [leakyStores('log', 'WITHOUT ROWID', ids, true), leakyStores('serial-log', 'WITHOUT ROWID', serial, true)] as const;
    expect(missedKinds('S3 a log that is left:', attackStores(seized[0], ids), ROWS, ['wal-first', 'wal-body-end'])).toEqual([]);
    expect(missedKinds('S3 a log that is left, serial ids:', attackStores(seized[1], serial), ROWS, ['wal-frame'])).toEqual([]);
  });
});

function number(i: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(i, 2);
  return bytes;
}

describe('what was deleted', () => {
  it('stays on free pages without secure_delete, and in a log that is not truncated', () => {
    const path = join(root, 'remnants.db');
    const database = new Database(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF; CREATE TABLE t (id BLOB PRIMARY KEY, body BLOB) WITHOUT ROWID');
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    for (let i = 0; i < 64; i++) insert.run(random(16), random(9000));
    database.exec('DELETE FROM t');
    const raw = readRaw(path);
    printFoundControl('S3 remnant bytes on free pages', raw.remnants);
    printFoundControl('S3 frames in the log', framesOf(`${path}-wal`, raw.pageSize).length);
    expect(raw.free.length).toBeGreaterThan(64);
    expect(raw.remnants).toBeGreaterThan(64 * 4000);
    expect(framesOf(`${path}-wal`, raw.pageSize).length).toBeGreaterThan(0);
    database.close();
  });
});

describe('what is in the rows', () => {
  const row = (id: Buffer, bytes: Buffer, more: (Buffer | number)[] = []): SeizedRow => ({
    id,
    bytes: Buffer.concat([id, bytes]),
    columns: [id, bytes, ...more],
    places: PLACES.map(() => random(4).readUInt32LE()),
  });
  const byId = (rows: readonly SeizedRow[]): SeizedRow[] => [...rows].sort((a, b) => a.id.compare(b.id));
  const missed = (leak: string, left: readonly SeizedRow[], right: readonly SeizedRow[], kinds: readonly string[]): string[] => {
    const truth = new Map(left.map(({ id }, i) => [hex(id), hex((right[i] as SeizedRow).id)]));
    return missedKinds(`S3 ${leak}:`, attackPair(pairOf(leak, byId(left), byId(right), truth)), left.length, kinds);
  };
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: ROWS }, (_, i) => make(i));

  it.each([
    ['the same order', 1],
    ['the other way round', -1],
  ])('any one place in the order of calls on both sides, %s', (order, sign) => {
    const placed = (from: number, step: number) =>
      many((i) => ({ ...row(random(16), random(60)), places: PLACES.map(() => from + step * i) }));
    expect(missed(`places, ${order}`, placed(1, 3), placed(9 * ROWS, sign * 7), PLACES)).toEqual([]);
  });

  it('ids in the order of calls, the other way round', () => {
    const [left, right] = [many((i) => row(number(i), random(60))), many((i) => row(number(ROWS - i), random(60)))];
    expect(missed('ids that count down', left, right, ['id-order'])).toEqual([]);
  });

  it('sizes that follow the text, in other units on either side: only their order is the same', () => {
    const [left, right] = [many((i) => row(random(16), random(i + 40))), many((i) => row(random(16), random(2 * i + 2000)))];
    expect(missed('sizes in other units', left, right, ['row-size'])).toEqual([]);
  });

  it('sizes that follow the text, among rows of others: only the sizes are the same, not their order', () => {
    const [left, right] = [many((i) => row(random(16), random(3 * i + 240))), many((i) => row(random(16), random(3 * i + 240)))];
    const others = Array.from({ length: 64 }, () => row(random(16), random(9)));
    expect(missed('sizes among others', left, [...right, ...others], ['row-size'])).toEqual([]);
  });

  it('sizes that follow the text', () => {
    const sized = () => many((i) => row(random(16), random(i * 3 + 240)));
    expect(missed('no padding', sized(), sized(), ['row-size'])).toEqual([]);
    const sizes = sizesOf(sized());
    printFoundControl('S3 sizes of rows, no padding', sizes, 1);
    expect(sizes).toBeGreaterThan(1);
  });

  it('ids that resemble each other', () => {
    const ids = many(() => random(16));
    const alike = ids.map((id) => Buffer.concat([id.subarray(0, 12), random(4)]));
    const found = missed(
      'ids derived from each other',
      ids.map((id) => row(id, random(200))),
      alike.map((id) => row(id, random(200))),
      ['id-order', 'similar-id'],
    );
    expect(found).toEqual([]);
  });

  it('eight bytes in common, anywhere', () => {
    const keys = many(() => random(8));
    const short = keys.map((key) => row(random(16), Buffer.concat([random(50), key, random(120)])));
    const long = keys.map((key) => row(random(16), Buffer.concat([random(300), key, random(9)])));
    expect(missed('a join key of 8 bytes', long, short, ['shared-bytes'])).toEqual([]);
    expect(missed('a join key of 8 bytes, longer rows on the right', short, long, ['shared-bytes'])).toEqual([]);
  });

  it('an unkeyed digest of the other side, kept on either', () => {
    const plain = many(() => row(random(16), random(200)));
    const digests = plain.map(({ id }) => row(random(16), Buffer.concat([random(40), createHash('sha256').update(id).digest()])));
    expect(missed('a digest of the record id', plain, digests, ['hash-of-column'])).toEqual([]);
    expect(missed('a digest of the entry id', digests, plain, ['hash-of-column'])).toEqual([]);
  });

  it('the size of the call one came in', () => {
    // Families of 1, 2, 3 … under a random mark on each side: the marks differ, how often each stands does not.
    const families = Array.from({ length: 31 }, (_, k) => Array.from({ length: k + 1 }, () => k)).flat();
    const marks = [3, 7919].map((factor) => families.map((k) => k * factor));
    const sides = marks.map((of) => of.map((mark) => row(random(16), random(60), [mark])));
    const [left, right] = sides as [SeizedRow[], SeizedRow[]];
    expect(missed('a group mark on both sides', left, right, ['multiplicity'])).toEqual([]);
  });

  it('remnants outside the rows', () => {
    const [left, right, both] = [random(9000), random(9000), random(16)];
    expect(sharedOnce(left, right)).toBe(0);
    const found = sharedOnce(Buffer.concat([left, both, random(50)]), Buffer.concat([random(70), both, right]));
    printFoundControl('S3 strings shared by two files', found);
    expect(found).toBeGreaterThan(0);
  });
});

it('every kind of attack has caught a leak here', () => {
  const row = (): SeizedRow => ({ id: random(16), bytes: random(40), columns: [random(40)], places: PLACES.map((_, k) => k + 1) });
  const kinds = attackPair({ name: 'any', left: [row()], right: [row()], truth: [0] }).map(({ kind }) => kind);
  expect([...proven].sort()).toEqual([...new Set(kinds)].sort());
});
