import { EMPTY_ROOT, HASH_LENGTH, type Sha256, treeHasher } from '../../log/hashing.js';
import { TILE_WIDTH } from '../../log/tile.js';

/** A tile above the leaf hashes, as far as it is filled. */
export interface GrownTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** The height of a tile's subtrees. */
const TILE_HEIGHT = 8;

/**
 * The tree of RFC 6962 §2.1 hash by hash, in memory of O(log n): for whoever reads a log from its beginning. Its root can be had after each
 * hash, and each tile above level 0 once, when it is full; the rest with `edge`.
 */
export class GrowingTree {
  size = 0;
  /** Tiles that became full since somebody emptied this list. */
  readonly full: GrownTile[] = [];
  /** By height: the root of the last perfect subtree; those of the bits of `size` make up the tree. */
  readonly #subtrees: Uint8Array[] = [];
  /** By level, from 1. */
  readonly #edge: { index: number; width: number; hashes: Uint8Array }[] = [];
  readonly #node: (left: Uint8Array, right: Uint8Array) => Uint8Array;

  constructor(sha256?: Sha256) {
    this.#node = treeHasher(sha256).node;
  }

  add(leaf: Uint8Array): void {
    let hash = leaf;
    let height = 0;
    for (let left = this.size; left % 2 === 1; left = (left - 1) / 2) {
      hash = this.#node(this.#subtrees[height] as Uint8Array, hash);
      if (++height % TILE_HEIGHT === 0) this.#keep(height / TILE_HEIGHT - 1, hash);
    }
    this.#subtrees[height] = hash;
    this.size++;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (let rest = this.size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++) {
      const subtree = this.#subtrees[height] as Uint8Array;
      if (rest % 2 === 1) root = root === undefined ? subtree : this.#node(subtree, root);
    }
    return root ?? EMPTY_ROOT;
  }

  /** The tiles that are not full yet. */
  edge(): readonly GrownTile[] {
    return this.#edge.flatMap(({ index, width, hashes }, i) =>
      width === 0 ? [] : [{ level: i + 1, index, hashes: hashes.subarray(0, width * HASH_LENGTH) }],
    );
  }

  #keep(i: number, hash: Uint8Array): void {
    const tile = this.#edge[i] ?? { index: 0, width: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_LENGTH) };
    this.#edge[i] = tile;
    tile.hashes.set(hash, tile.width * HASH_LENGTH);
    if (++tile.width < TILE_WIDTH) return;
    this.full.push({ level: i + 1, index: tile.index, hashes: tile.hashes.slice() });
    tile.index++;
    tile.width = 0;
  }
}
