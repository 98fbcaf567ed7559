import { RegistryError } from '../foundation/errors.js';
import { HASH_LENGTH, type TreeHasher } from './hashing.js';

/** One code and one text, whatever was wrong with a Merkle proof. */
export function proofInvalid(): RegistryError {
  return new RegistryError('PROOF_INVALID', 'the proof does not hold');
}

/** Sizes and indexes of other logs go beyond 2^53. Throws RangeError for what is no whole number. */
export function count(value: number | bigint): bigint {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) throw new RangeError('not a whole number');
  return BigInt(value);
}

/** A node of a tree, by its place on its level and that of the level's last node. */
export interface Place {
  readonly index: bigint;
  readonly last: bigint;
  readonly hash: Uint8Array;
}

/**
 * The root that the siblings make of a node (RFC 9162 §2.1.3.2 and §2.1.4.2). `onLeft` gets the siblings that stand left of the path: only
 * they are in the older tree of a consistency proof. Throws `PROOF_INVALID` for too few or too many.
 */
export function climb(
  { index, last, hash }: Place,
  siblings: readonly Uint8Array[],
  node: TreeHasher['node'],
  onLeft?: (sibling: Uint8Array) => void,
): Uint8Array {
  for (const sibling of siblings) {
    if (last === 0n || sibling.length !== HASH_LENGTH) throw proofInvalid();
    if ((index & 1n) === 1n || index === last) {
      onLeft?.(sibling);
      hash = node(sibling, hash);
      // The rightmost node of an incomplete tree has no sibling on these levels.
      while ((index & 1n) === 0n && index !== 0n) {
        index >>= 1n;
        last >>= 1n;
      }
    } else hash = node(hash, sibling);
    index >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw proofInvalid();
  return hash;
}
