import { concatBytes } from '../../foundation/bytes.js';
import { type Sha256, treeHasher } from '../../log/hashing.js';
import { TILE_WIDTH } from '../../log/tile.js';

/** A tile above the leaf hashes, as far as it is filled. */
export interface GrownTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** The height of a tile's subtrees. */
const TILE_HEIGHT = 8;

/** The tree of RFC 6962 §2.1 hash by hash, in memory of O(log n): for whoever reads a log from its beginning. */
export interface GrowingTree {
  add(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** Tiles above level 0 that became full since somebody emptied this list. */
  readonly full: GrownTile[];
  /** The tiles that are not full yet. */
  edge(): readonly GrownTile[];
}

export function growingTree(sha256?: Sha256): GrowingTree {
  const { node, empty } = treeHasher(sha256);
  const full: GrownTile[] = [];
  let size = 0;
  /** By height: the root of the last perfect subtree; those of the bits of `size` make up the tree. */
  const subtrees: Uint8Array[] = [];
  /** By level, the hashes of the tile that is not full yet. */
  const pending: Uint8Array[][] = [];
  const tileOf = (hashes: readonly Uint8Array[], level: number): GrownTile => ({
    level,
    index: Math.floor(size / TILE_WIDTH ** (level + 1)),
    hashes: concatBytes(...hashes),
  });

  return {
    full,
    add(leaf) {
      let hash = leaf;
      let height = 0;
      for (let left = size; left % 2 === 1; left = (left - 1) / 2) {
        hash = node(subtrees[height] as Uint8Array, hash);
        if (++height % TILE_HEIGHT > 0) continue;
        const level = height / TILE_HEIGHT;
        const hashes = pending[level] ?? [];
        pending[level] = hashes;
        hashes.push(hash);
        if (hashes.length === TILE_WIDTH) full.push(tileOf(hashes.splice(0), level));
      }
      subtrees[height] = hash;
      size++;
    },
    root() {
      let root: Uint8Array | undefined;
      for (let rest = size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++) {
        const subtree = subtrees[height] as Uint8Array;
        if (rest % 2 === 1) root = root === undefined ? subtree : node(subtree, root);
      }
      return root ?? empty();
    },
    edge: () => pending.map(tileOf).filter(({ hashes }) => hashes.length > 0),
  };
}
