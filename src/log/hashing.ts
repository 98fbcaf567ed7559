import { assertBytes, fromHex } from '../foundation/bytes.js';
import { type Sha256, sha256 as nobleSha256 } from '../foundation/sha256.js';

export type { Sha256 } from '../foundation/sha256.js';

/** Bytes of one hash in tiles, proofs and checkpoints. */
export const HASH_LENGTH = 32;

/** The root of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = /* @__PURE__ */ fromHex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

/** The hash of one record as a leaf: SHA-256(0x00 ‖ record), RFC 6962 §2.1. */
export function leafHash(record: Uint8Array, sha256?: Sha256): Uint8Array {
  return treeHasher(sha256).leaf(record);
}

/** The two hashes of the tree with buffers of their own, for code that makes many. */
export interface TreeHasher {
  /** The root of the tree without leaves. */
  empty(): Uint8Array;
  leaf(record: Uint8Array): Uint8Array;
  /** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. Another first byte than a leaf has: no inner node can be shown as a record. */
  node(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** The root of the `count` (a power of two) hashes that start at hash `start` of `hashes`; `hashes` is left alone. */
  perfect(hashes: Uint8Array, start: number, count: number): Uint8Array;
}

/** A hasher for one run; not to be shared between threads. Throws TypeError or RangeError for wrong types and lengths. */
export function treeHasher(sha256: Sha256 = nobleSha256): TreeHasher {
  const node = new Uint8Array(1 + 2 * HASH_LENGTH);
  node[0] = 0x01;
  let leaf = new Uint8Array(1024);
  const hasher: TreeHasher = {
    empty: () => sha256(new Uint8Array(0)),
    leaf(record) {
      assertBytes(record, 'record');
      const length = 1 + record.length;
      if (length > leaf.length) leaf = new Uint8Array(2 * length);
      leaf.set(record, 1);
      return sha256(leaf.subarray(0, length));
    },
    node(left, right) {
      assertBytes(left, 'left', HASH_LENGTH);
      assertBytes(right, 'right', HASH_LENGTH);
      node.set(left, 1);
      node.set(right, 1 + HASH_LENGTH);
      return sha256(node);
    },
    perfect(hashes, start, count) {
      // A copy, also of a Buffer.
      if (count === 1) return new Uint8Array(hashes.subarray(start * HASH_LENGTH, (start + 1) * HASH_LENGTH));
      const half = count / 2;
      return hasher.node(hasher.perfect(hashes, start, half), hasher.perfect(hashes, start + half, half));
    },
  };
  return hasher;
}
