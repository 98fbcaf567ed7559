import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/testing.js';
import { batchOf, poolItems, vaultRows } from '../../../src/testing/sample-rows.js';
import { openTestStores, rawConnection, temporaryDirectory } from './support.js';

/**
 * Somebody with the raw files and no keys tries to read the order of calls from where rows lie. n = 4,096 in batches of 64.
 * Chance: the mean of 64 rank correlations of 64 pairs has σ = 1 / sqrt(63 · 64) = 0.0157; 3σ = 0.047.
 */
const BATCH = 64;
const BATCHES = 64;
const THREE_SIGMA = 3 / Math.sqrt((BATCH - 1) * BATCHES);

/** Mean over batches of the rank correlation between call order and place in the file. */
function correlation(file: Buffer, markers: readonly Uint8Array[]): number {
  const places = find(file, markers);
  expect(Math.min(...places)).toBeGreaterThan(0);
  const batchesOfPlaces = Array.from({ length: BATCHES }, (_, i) => places.slice(i * BATCH, (i + 1) * BATCH));
  return batchesOfPlaces.reduce((sum, batch) => sum + spearman(batch), 0) / BATCHES;
}

/** Last place of each 16-byte marker, in one pass over the file. */
function find(file: Buffer, markers: readonly Uint8Array[]): readonly number[] {
  const byStart = new Map(markers.map((marker, i) => [Buffer.from(marker).readUInt32LE(0), i]));
  const places = markers.map(() => -1);
  for (let at = 0; at + 16 <= file.length; at++) {
    const i = byStart.get(file.readUInt32LE(at));
    if (i !== undefined && file.compare(markers[i] as Uint8Array, 0, 16, at, at + 16) === 0) places[i] = at;
  }
  return places;
}

function spearman(places: readonly number[]): number {
  const order = places.map((_, call) => call).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  let squares = 0;
  for (const [rank, call] of order.entries()) squares += (rank - call) ** 2;
  return 1 - (6 * squares) / (places.length * (places.length ** 2 - 1));
}

function batches<T>(rows: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: BATCHES }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH));
}

describe('where rows lie tells nothing about the order of calls within a batch', { timeout: 60_000 }, () => {
  const random = seededRandom('order leak');
  // The mark at the end of the body lies on overflow pages, whose order is a second trace.
  const records = vaultRows('order', BATCH * BATCHES).map((row) => ({ ...row, mark: random.bytes(16) }));
  for (const { link, mark } of records) link.set(mark, link.length - 16);
  const items = poolItems('order', BATCH * BATCHES);

  test('vault: ids and bodies', async () => {
    const directory = temporaryDirectory();
    const { vault, close } = await openTestStores(directory);
    for (const batch of batches(records)) await vault.insert(batch);
    await close();
    const file = readFileSync(join(directory, 'sealed/vault.db'));
    expect(
      Math.abs(
        correlation(
          file,
          records.map(({ id }) => id),
        ),
      ),
    ).toBeLessThan(THREE_SIGMA);
    expect(
      Math.abs(
        correlation(
          file,
          records.map(({ mark }) => mark),
        ),
      ),
    ).toBeLessThan(THREE_SIGMA);
  });

  test('public: pool, then entries', async () => {
    const directory = temporaryDirectory();
    const { public: register, close } = await openTestStores(directory);
    for (const batch of batches(items)) await register.addToPool(batch);
    const path = join(directory, 'public/public.db');
    const ids = items.map(({ id }) => id);
    expect(Math.abs(correlation(readFileSync(path), ids))).toBeLessThan(THREE_SIGMA);
    for (const [i, batch] of batches(items).entries()) await register.appendBatch(batchOf(batch, i * (BATCH + 1), i + 1));
    await close();
    expect(Math.abs(correlation(readFileSync(path), ids))).toBeLessThan(THREE_SIGMA);
  });

  test.each([
    ['a table with row ids', 'STRICT', false],
    ['rows inserted in the order of calls', 'STRICT, WITHOUT ROWID', true],
  ])('control: %s shows it', (_, options, bodies) => {
    const directory = temporaryDirectory();
    const path = join(directory, 'control.db');
    const raw = rawConnection(path);
    raw.exec(`CREATE TABLE records (id BLOB PRIMARY KEY, link BLOB NOT NULL) ${options}`);
    const insert = raw.prepare('INSERT INTO records VALUES (?, ?)');
    // The row id table shows the order of short rows; without row ids the overflow pages of long bodies show it.
    const long = (link: Uint8Array) => (bodies ? Buffer.concat([new Uint8Array(8192), link]) : link);
    for (const batch of batches(records)) {
      raw.exec('BEGIN');
      for (const { id, link } of batch) insert.run(id, long(link));
      raw.exec('COMMIT');
    }
    raw.close();
    expect(
      Math.abs(
        correlation(
          readFileSync(path),
          records.map(({ mark }) => mark),
        ),
      ),
    ).toBeGreaterThan(0.9);
  });
});
