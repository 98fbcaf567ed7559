import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { HASH_LENGTH, type Sha256, treeHasher } from './hashing.js';
import { count, proofInvalid } from './proof-checks.js';

/** What an inclusion proof says: the leaf is at `index` of the tree of `size` records that has this root. */
export interface InclusionClaim {
  readonly index: number | bigint;
  readonly size: number | bigint;
  readonly leafHash: Uint8Array;
  /** From the leaf's sibling up. */
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/**
 * RFC 9162 §2.1.3.2. Throws `PROOF_INVALID`; for wrong types TypeError or RangeError.
 * The root must come from a checkpoint that was opened: a proof against a root of the prover's own says nothing.
 */
export function verifyInclusion(claim: InclusionClaim, sha256?: Sha256): void {
  const { leafHash, proof, root } = claim;
  assertBytes(leafHash, 'leafHash');
  assertBytes(root, 'root');
  const size = count(claim.size);
  let index = count(claim.index);
  if (index >= size || leafHash.length !== HASH_LENGTH) throw proofInvalid();
  let last = size - 1n;
  let hash = leafHash;
  const { node } = treeHasher(sha256);
  for (const sibling of proof) {
    if (last === 0n || sibling.length !== HASH_LENGTH) throw proofInvalid();
    if ((index & 1n) === 1n || index === last) {
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
  if (last !== 0n || !equalBytes(hash, root)) throw proofInvalid();
}
