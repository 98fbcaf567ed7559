import { compareBytes } from '../foundation/bytes.js';
import type { ClaimRow } from '../claims/ports.js';
import type { StoredTile } from '../log/append.js';
import type { BatchChanges, NewBatch, PendingChange, PoolItem } from '../public/ports.js';
import type { InboxRow, ShredRow, VaultRow } from '../sealed/ports.js';
import { seededRandom } from './seeded-random.js';

/** Rows with the real sizes and meaningless contents, different for every seed, in an order that is not the id order. */
export function inboxRows(seed: string, count: number, epoch = 20_000, arrivedDay = 20_003): readonly InboxRow[] {
  const random = seededRandom(seed);
  return rows(count, () => ({ id: random.bytes(16), epoch, arrivedDay, submission: random.bytes(24_576) }));
}

export function vaultRows(seed: string, count: number): readonly VaultRow[] {
  const random = seededRandom(seed);
  const row = (): VaultRow => ({
    id: random.bytes(16),
    period: 24_310,
    digest: random.bytes(32),
    identity: random.bytes(2429),
    contact: random.bytes(3453),
    link: random.bytes(1661),
  });
  return rows(count, row);
}

export function shredRows(seed: string, count: number, generation = 20_000): readonly ShredRow[] {
  const random = seededRandom(seed);
  return rows(count, () => ({ id: random.bytes(16), generation, wrapped: random.bytes(72) }));
}

export function claimRows(seed: string, count: number): readonly ClaimRow[] {
  const random = seededRandom(seed);
  return rows(count, () => ({ locator: random.bytes(32), row: random.bytes(296) }));
}

export function poolItems(seed: string, count: number, dueDay = 20_000, cell = 'party'): readonly PoolItem[] {
  const random = seededRandom(seed);
  return rows(count, () => ({
    id: random.bytes(16),
    dueDay,
    cell,
    digest: random.bytes(32),
    salt: random.bytes(32),
    statement: random.bytes(300),
  }));
}

/** A batch of these items as the publisher would make it; leaf and content bytes are meaningless. */
export function batchOf(items: readonly PoolItem[], expectedSize: number, batch: number, day = 20_000, extra = false): NewBatch {
  const random = seededRandom(`batch ${batch} at ${expectedSize}`);
  const sorted = byId(items);
  const leaves = rows(sorted.length + 1, () => random.bytes(200));
  return {
    summary: { batch, day, extra, statements: sorted.length, live: sorted.length, smallestCell: sorted.length },
    expectedSize,
    leaves,
    tiles: tilesOver(expectedSize, leaves.length),
    entries: sorted.map(({ id, digest, salt }) => ({ id, digest, salt, content: random.bytes(150) })),
    increments: new Map([['statements', sorted.length]]),
  };
}

/** One change of each of the entries, by the registry. */
export function pendingChanges(
  seed: string,
  ids: readonly Uint8Array[],
  kind: PendingChange['kind'] = 'text',
  dueDay = 20_001,
): readonly PendingChange[] {
  const random = seededRandom(seed);
  const number = kind === 'text' || kind === 'name' ? 1 : 0;
  return ids.map((id) => ({
    id,
    kind,
    by: 'registry',
    dueDay,
    number,
    value: kind === 'raise' ? 'contact' : '',
    salt: random.bytes(32),
    signature: new Uint8Array(64),
  }));
}

/** A batch of changes alone, as the publisher would make it; its leaves are meaningless. */
export function batchOfChanges(
  changes: BatchChanges,
  expectedSize: number,
  batch: number,
  increments: ReadonlyMap<string, number> = new Map(),
): NewBatch {
  const random = seededRandom(`changes ${batch} at ${expectedSize}`);
  const published = changes.settled.filter((change) => change.published).length;
  const leaves = rows(published + 1, () => random.bytes(200));
  return { ...batchOf([], expectedSize, batch, 20_001), leaves, tiles: tilesOver(expectedSize, leaves.length), changes, increments };
}

/** Tiles of level 0 as long as they should be, with meaningless hashes that depend on their place only. */
export function tilesOver(expectedSize: number, added: number): readonly StoredTile[] {
  const size = expectedSize + added;
  const tiles: StoredTile[] = [];
  for (let index = Math.floor(expectedSize / 256); index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256);
    tiles.push({
      level: 0,
      index,
      hashes: seededRandom(`tile ${index}`)
        .bytes(256 * 32)
        .slice(0, width * 32),
    });
  }
  return tiles;
}

export function byId<T extends { readonly id: Uint8Array }>(rowsToSort: readonly T[]): readonly T[] {
  return [...rowsToSort].sort((a, b) => compareBytes(a.id, b.id));
}

function rows<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
