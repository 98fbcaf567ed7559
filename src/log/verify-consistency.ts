import { assertBytes, equalBytes } from '../foundation/bytes.js';
import { HASH_LENGTH, type Sha256, treeHasher } from './hashing.js';
import { climb, count, proofInvalid } from './proof-checks.js';

/** What a consistency proof says: the first `from` records of the tree of `to` records are those of the older tree, in that order. */
export interface ConsistencyClaim {
  readonly from: number | bigint;
  readonly to: number | bigint;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * RFC 9162 §2.1.4.2. Throws `PROOF_INVALID`, also for `from` = 0: every tree continues the empty one, so that would prove nothing.
 * Equal sizes need equal roots and an empty proof.
 */
export function verifyConsistency(claim: ConsistencyClaim, sha256?: Sha256): void {
  const { fromRoot, toRoot, proof } = claim;
  assertBytes(fromRoot, 'fromRoot');
  assertBytes(toRoot, 'toRoot');
  const from = count(claim.from);
  const to = count(claim.to);
  if (from === 0n || from > to) throw proofInvalid();
  if (from === to) {
    if (proof.length > 0 || !equalBytes(fromRoot, toRoot)) throw proofInvalid();
    return;
  }
  let index = from - 1n;
  let last = to - 1n;
  while ((index & 1n) === 1n) {
    index >>= 1n;
    last >>= 1n;
  }
  // index is 0 now exactly if `from` is a power of two: the older root is a node of the newer tree, and the proof leaves it out.
  const [first, ...rest] = index === 0n ? [fromRoot, ...proof] : proof;
  if (proof.length === 0 || first?.length !== HASH_LENGTH) throw proofInvalid();
  let older = first;
  const { node } = treeHasher(sha256);
  const newer = climb({ index, last, hash: first }, rest, node, (sibling) => {
    older = node(sibling, older);
  });
  if (!equalBytes(older, fromRoot) || !equalBytes(newer, toRoot)) throw proofInvalid();
}
