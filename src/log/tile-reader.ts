import { assertBytes } from '../foundation/bytes.js';
import { HASH_LENGTH, type TreeHasher } from './hashing.js';
import { TILE_WIDTH, type TileRef } from './tile.js';

/** Gives the first `width` hashes (width × 32 bytes) of a tile. A store keeps each tile once and grows it. */
export interface TileReader {
  tile(ref: TileRef): Promise<Uint8Array>;
}

/** A tile as the reader gives it. Its length is checked (RangeError: the reader broke its contract), its hashes are not. */
export async function readTile(reader: TileReader, ref: TileRef): Promise<Uint8Array> {
  const hashes = await reader.tile(ref);
  assertBytes(hashes, 'tile', ref.width * HASH_LENGTH);
  return hashes;
}

/** MTH(D[from:to]) of RFC 6962 §2.1 for the ranges that its proofs name. */
export type RangeHash = (from: number, to: number) => Promise<Uint8Array>;

/**
 * Range hashes of a tree of `size` records, from its tiles; each tile is read once. `from` must be a multiple of the largest power of two
 * that is not above `to − from`, as it is for every subtree of RFC 6962.
 */
export function rangeHashes(reader: TileReader, size: number, hasher: TreeHasher): RangeHash {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const tile = (level: number, index: number): Promise<Uint8Array> => {
    const key = `${level}/${index}`;
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
    const found = tiles.get(key) ?? readTile(reader, { level, index, width });
    tiles.set(key, found);
    return found;
  };
  return async (from, to) => {
    const parts: Uint8Array[] = [];
    while (from < to) {
      const leaves = largestPowerUpTo(to - from);
      let level = 0;
      while (TILE_WIDTH ** (level + 1) <= leaves) level++;
      // This perfect subtree is `count` neighbouring hashes of one tile: both are powers of two and `from` is a multiple of `leaves`.
      const span = TILE_WIDTH ** level;
      const first = from / span;
      const count = leaves / span;
      parts.push(hasher.perfect(await tile(level, Math.floor(first / TILE_WIDTH)), first % TILE_WIDTH, count));
      from += leaves;
    }
    return parts.reduceRight((right, left) => hasher.node(left, right));
  };
}

/** Largest power of two ≤ n, for n ≥ 1 up to 2^53: no 32-bit operators. */
export function largestPowerUpTo(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}
