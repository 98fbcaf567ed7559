import { type Sha256, treeHasher } from './hashing.js';
import { assertCount } from './tile.js';
import { largestPowerUpTo, rangeHashes, type TileReader } from './tile-reader.js';

type Range = readonly [from: number, to: number];

/** The root of the first `size` records, from O(log size) tiles. It is as good as the tiles: compare it with a checkpoint. */
export async function rootOf(reader: TileReader, size: number, sha256?: Sha256): Promise<Uint8Array> {
  assertCount(size, 'size');
  const hasher = treeHasher(sha256);
  return size === 0 ? hasher.empty() : rangeHashes(reader, size, hasher)(0, size);
}

/** PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling up. `index` < `size` (RangeError). */
export async function proveInclusion(reader: TileReader, index: number, size: number, sha256?: Sha256): Promise<readonly Uint8Array[]> {
  assertCount(index, 'index');
  assertCount(size, 'size');
  if (index >= size) throw new RangeError('index must be below size');
  const { beside } = descend(size, index, (from, to) => to - from === 1);
  return hashAll(reader, size, beside, sha256);
}

/** PROOF(from, D[to]) of RFC 6962 §2.1.2. 1 ≤ `from` ≤ `to` (RangeError); empty when they are equal. */
export async function proveConsistency(reader: TileReader, from: number, to: number, sha256?: Sha256): Promise<readonly Uint8Array[]> {
  assertCount(from, 'from');
  assertCount(to, 'to');
  if (from < 1 || from > to) throw new RangeError('from must be 1 to the size of the tree');
  const { beside, end } = descend(to, from - 1, (_, last) => last === from);
  // A subtree that starts at 0 is the old tree itself, whose root the verifier has (SUBPROOF with b = true).
  return hashAll(reader, to, end[0] > 0 ? [...beside, end] : beside, sha256);
}

/** The way from the root down to a leaf, as far as the first subtree that `isEnd`; beside it, the subtrees not taken. */
function descend(size: number, leaf: number, isEnd: (from: number, to: number) => boolean): { beside: readonly Range[]; end: Range } {
  const beside: Range[] = [];
  let [from, to] = [0, size];
  while (!isEnd(from, to)) {
    // The largest power of two below the length (RFC 6962 §2.1: k < n ≤ 2k).
    const middle = from + largestPowerUpTo(to - from - 1);
    if (leaf < middle) {
      beside.push([middle, to]);
      to = middle;
    } else {
      beside.push([from, middle]);
      from = middle;
    }
  }
  return { beside, end: [from, to] };
}

/** The ranges were found from the root down; a proof goes from the leaf up. */
async function hashAll(reader: TileReader, size: number, ranges: readonly Range[], sha256?: Sha256): Promise<readonly Uint8Array[]> {
  const hash = rangeHashes(reader, size, treeHasher(sha256));
  return Promise.all(ranges.map(([from, to]) => hash(from, to)).reverse());
}
