import { equalBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { Sha256 } from '../../foundation/sha256.js';
import type { Ed25519Verify } from '../../foundation/verify-primitives.js';
import { type LogTrust, type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import { leafHash } from '../../log/hashing.js';
import { decodeProofBundle } from '../../log/proof-bundle.js';
import { verifyInclusion } from '../../log/verify-inclusion.js';
import { decodeLeaf, type Leaf } from '../leaf.js';

/** Native or otherwise faster primitives; the defaults are portable. */
export interface VerifyOptions {
  readonly sha256?: Sha256;
  /** Strict Ed25519 (RFC 8032). */
  readonly ed25519Verify?: Ed25519Verify;
}

/** A record that was proven to lie in the log. */
export interface ProvenRecord {
  /** Log index; of a statement the register number. */
  readonly index: number;
  /** Records of the log that the checkpoint commits to. */
  readonly size: number;
  readonly record: Uint8Array;
  readonly checkpoint: OpenedCheckpoint;
}

export interface ProvenLeaf extends ProvenRecord {
  readonly leaf: Leaf;
}

/**
 * Verifies a proof bundle (C2SP tlog-proof) offline: the log's signature and origin, the policy's witnesses, and that the leaf lies at its
 * index in the tree of the checkpoint. `record` are the leaf's bytes; left out, they are taken from the bundle.
 *
 * Throws `PROOF_INVALID`, `NOTE_INVALID`, `WITNESSES_TOO_FEW`, `LOG_POLICY_INVALID`, or `FORMAT_INVALID` for a proven record that is no leaf.
 * It says nothing about what later leaves made of an entry; `replay` and `verifyEntry` do.
 */
export async function verifyProof(bundle: string, trust: LogTrust, record?: Uint8Array, options: VerifyOptions = {}): Promise<ProvenLeaf> {
  const proven = openProof(bundle, trust, record, options);
  return { ...proven, leaf: decodeLeaf(proven.record) };
}

/** The same for a record of any form. */
export function openProof(text: string, trust: LogTrust, given: Uint8Array | undefined, options: VerifyOptions = {}): ProvenRecord {
  const { index, proof, checkpoint: note, extra } = decodeProofBundle(text);
  const record = given ?? extra;
  // Two records in one proof: whoever shows the one and proves the other is caught here.
  if (record === undefined || (extra !== undefined && !equalBytes(record, extra)))
    throw new RegistryError('PROOF_INVALID', 'the proof is of no record, or of another one');
  const checkpoint = openCheckpoint(note, trust, options.ed25519Verify);
  const { size, root } = checkpoint;
  verifyInclusion({ index, size, leafHash: leafHash(record, options.sha256), proof, root }, options.sha256);
  return { index, size, record, checkpoint };
}
