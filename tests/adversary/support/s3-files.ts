import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Truth } from './fixture.js';
import { joinBySharedBytes, sharedOnce } from './joins.js';
import { type Pair, pairOf } from './linkage-attacks.js';
import { filesBelow } from './scan.js';
import { type SeizedRow, seize, seizeContents, seizeEntries } from './seized.js';
import { readRaw } from './sqlite-pages.js';

/** What s3-files.test.ts asks of the images of the library, and s3-files-controls.test.ts of leaky ones. */

/** The public side of each stage. */
export const STAGES: [name: string, stage: 'sorted' | 'published', rows: (image: string) => SeizedRow[]][] = [
  ['sorted, the pool', 'sorted', (image) => seize(image, 'public/public.db', 'pool')],
  ['published, entries and leaves', 'published', seizeEntries],
  ['published, contents', 'published', seizeContents],
];

const mapOf = (truth: readonly Truth[], from: keyof Truth, to: keyof Truth): ReadonlyMap<string, string> =>
  new Map(truth.map((row) => [row[from] as string, row[to] as string]));

/** Everything sealed against everything public, and the sealed stores among each other where they have no id in common. */
export function openPairs(truth: readonly Truth[], image: string, open: readonly SeizedRow[]): Pair[] {
  const vault = seize(image, 'sealed/vault.db', 'records');
  const shred = seize(image, 'shred/shred.db', 'shreds');
  const claims = seize(image, 'claims/claims.db', 'claims');
  return [
    pairOf('record to entry', vault, open, mapOf(truth, 'record', 'entry')),
    pairOf('shred to entry', shred, open, mapOf(truth, 'record', 'entry')),
    pairOf('claim to entry', claims, open, mapOf(truth, 'locator', 'entry')),
    pairOf('claim to record', claims, vault, mapOf(truth, 'locator', 'record')),
  ];
}

/** What waits, one image earlier, against what the sort made of it. The place of a body is the number of its call, from 1 on. */
export function waitingPairs(truth: readonly Truth[], waiting: readonly SeizedRow[], image: string): Pair[] {
  const known = new Map(waiting.map(({ id, columns }) => [columns[5] as number, id.toString('hex')]));
  const of = (to: keyof Truth) => new Map(truth.map((row, i) => [known.get(i + 1) ?? '', row[to] as string]));
  return [
    pairOf('submission to record', waiting, seize(image, 'sealed/vault.db', 'records').map(heads), of('record')),
    pairOf('submission to pool', waiting, seize(image, 'public/public.db', 'pool'), of('entry')),
    pairOf('submission to claim', waiting, seize(image, 'claims/claims.db', 'claims'), of('locator')),
  ];
}

/** The first 512 bytes of each column: 33 MB of bodies against 100 MB of submissions would be too many windows to compare. */
function heads(row: SeizedRow): SeizedRow {
  const columns = row.columns.map((column) => (Buffer.isBuffer(column) ? column.subarray(0, 512) : column));
  return { ...row, columns, bytes: Buffer.concat(columns.filter((column) => Buffer.isBuffer(column))) };
}

/** Tables of the inbox in which nothing is left of what was sorted. */
export const DRAINED = ['waiting', 'submissions', 'quarantine', 'imports'] as const;

/** Throws where there is no such table: nothing would be found in it. */
export function rowsIn(image: string, file: string, table: string): number {
  const rows = readRaw(join(image, file)).tables.get(table);
  if (rows === undefined) throw new RangeError('no such table');
  return rows.length;
}

/** Ids of drained submissions that share bytes with one row elsewhere. */
export function idsJoined(seen: readonly SeizedRow[], image: string): { readonly name: string; readonly joined: number }[] {
  const worlds: [name: string, rows: SeizedRow[]][] = [
    ['records', seize(image, 'sealed/vault.db', 'records')],
    ['entries', seizeContents(image)],
    ['claims', seize(image, 'claims/claims.db', 'claims')],
  ];
  const bytes = (rows: readonly SeizedRow[]) => rows.map((row) => row.bytes);
  return worlds.map(([name, rows]) => ({
    name,
    joined: joinBySharedBytes(bytes(seen), bytes(rows)).filter((guess) => guess !== undefined).length,
  }));
}

/** Strings of 16 bytes that stand once in a sealed file and once in the public one. */
export function sharedWithPublic(image: string, file: string): number {
  const raw = (name: string) => readFileSync(join(image, name)).subarray(8192); // the first page is the schema
  return sharedOnce(raw(file), raw('public/public.db'));
}

/** The key of the week, and what was signed of the log: as many for one person as for all. */
export const BY_TIME: readonly string[] = ['keys/kek/N.key', 'keys/log/after-N.checkpoint'];

/** Files that one image has and the other has not, one name each; days and sizes in them as N. */
export function filesComeOrGone(before: string, after: string): string[] {
  const names = (image: string) => new Set(filesBelow(image).map(({ name }) => name.replace(/-(wal|shm)$/u, '')));
  const [was, is] = [names(before), names(after)];
  return [...new Set([...was, ...is])]
    .filter((name) => !was.has(name) || !is.has(name))
    .map((name) => name.replace(/\d+/gu, 'N'))
    .sort();
}
