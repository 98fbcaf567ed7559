import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { HASH_LENGTH, type Sha256, treeHasher } from './hashing.js';
import { climb, count, proofInvalid } from './proof-checks.js';

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
  const index = count(claim.index);
  if (index >= size || leafHash.length !== HASH_LENGTH) throw proofInvalid();
  if (!equalBytes(climb({ index, last: size - 1n, hash: leafHash }, proof, treeHasher(sha256).node), root)) throw proofInvalid();
}
