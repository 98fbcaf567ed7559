import { EMPTY_ROOT, HASH_LENGTH, type Sha256, type TreeHasher, treeHasher } from './hashing.js';
import { assertCount, MAX_RECORD_LENGTH, TILE_WIDTH } from './tile.js';
import { readTile, type TileReader } from './tile-reader.js';

/** A tile to write: all its hashes so far (1 to 256, 32 bytes each), in place of what was there. */
export interface StoredTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** The tree after an append. `tiles` are those that changed, each once. */
export interface Appended {
  readonly size: number;
  readonly root: Uint8Array;
  readonly tiles: readonly StoredTile[];
}

/** The rightmost tile of one level: `width` hashes of the tile `index`; 0 when the next one starts there. */
interface Edge {
  index: number;
  width: number;
  readonly hashes: Uint8Array;
  changed: boolean;
}

/**
 * Computes the tree of `size + records.length` records; writes nothing. Reads one tile a level at most, so memory and work depend on the
 * number of records and not on the size of the log. The hashes the reader gives are believed: compare the root with the last checkpoint
 * first (`rootOf`). Throws TypeError or RangeError, also for a record of more than 65,535 bytes.
 */
export async function appendRecords(reader: TileReader, size: number, records: readonly Uint8Array[], sha256?: Sha256): Promise<Appended> {
  assertCount(size, 'size');
  assertCount(size + records.length, 'size');
  const hasher = treeHasher(sha256);
  const edges = await readEdges(reader, size);
  const tiles: StoredTile[] = [];
  for (const record of records) {
    if (record.length > MAX_RECORD_LENGTH) throw new RangeError(`a record is at most ${MAX_RECORD_LENGTH} bytes`);
    push(edges, 0, hasher.leaf(record), tiles, hasher);
  }
  edges.forEach(({ index, width, hashes, changed }, level) => {
    if (changed && width > 0) tiles.push({ level, index, hashes: hashes.slice(0, width * HASH_LENGTH) });
  });
  return { size: size + records.length, root: rootOfEdges(edges, hasher), tiles };
}

async function readEdges(reader: TileReader, size: number): Promise<Edge[]> {
  const edges: Edge[] = [];
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const edge = newEdge(Math.floor(hashes / TILE_WIDTH), hashes % TILE_WIDTH);
    if (edge.width > 0) edge.hashes.set(await readTile(reader, { level, index: edge.index, width: edge.width }));
    edges.push(edge);
  }
  return edges;
}

function newEdge(index: number, width: number): Edge {
  return { index, width, hashes: new Uint8Array(TILE_WIDTH * HASH_LENGTH), changed: false };
}

function push(edges: Edge[], level: number, hash: Uint8Array, tiles: StoredTile[], hasher: TreeHasher): void {
  let edge = edges[level];
  if (edge === undefined) {
    edge = newEdge(0, 0);
    edges.push(edge);
  }
  edge.hashes.set(hash, edge.width * HASH_LENGTH);
  edge.width++;
  edge.changed = true;
  if (edge.width < TILE_WIDTH) return;
  tiles.push({ level, index: edge.index, hashes: edge.hashes.slice() });
  push(edges, level + 1, hasher.perfect(edge.hashes, 0, TILE_WIDTH), tiles, hasher);
  edge.index++;
  edge.width = 0;
}

/** RFC 6962 §2.1: the perfect subtrees of the right edge, folded from the smallest, which is the rightmost. */
function rootOfEdges(edges: readonly Edge[], hasher: TreeHasher): Uint8Array {
  let root: Uint8Array | undefined;
  for (const { hashes, width } of edges) {
    for (let count = 1, end = width; end > 0; count *= 2) {
      if (end % (2 * count) === 0) continue;
      end -= count;
      const subtree = hasher.perfect(hashes, end, count);
      root = root === undefined ? subtree : hasher.node(subtree, root);
    }
  }
  return new Uint8Array(root ?? EMPTY_ROOT);
}
