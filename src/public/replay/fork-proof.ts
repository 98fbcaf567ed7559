import { equalBytes, fromHex, fromUtf8, toHex, utf8 } from '../../foundation/bytes.js';
import { decodeByEncoding, printCanonicalJson } from '../../foundation/canonical-json.js';
import { RegistryError } from '../../foundation/errors.js';
import { type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import { verifyConsistency } from '../../log/verify-consistency.js';
import { isHex } from '../shape.js';
import type { VerifyOptions } from './verify-proof.js';

/**
 * Two checkpoints of one log that contradict each other. Whoever has the log's key, and nothing else, can check it: it convicts the
 * operator, or whoever has the operator's key, before everybody.
 */
export interface ForkProof {
  /** Note of the checkpoint with the smaller size (or the same). */
  readonly first: string;
  readonly second: string;
  /** 32 bytes: the root that the second log has at the size of the first one. */
  readonly prefix: Uint8Array;
  /** Consistency proof from `prefix` to the root of `second`; empty for equal sizes. */
  readonly proof: readonly Uint8Array[];
}

const FORMAT = 'cryptonym/v1/fork';
const MAX_FORK_PROOF_BYTES = 262_144;
const MAX_HASHES = 63;

interface ForkFile {
  readonly first: string;
  readonly prefix: string;
  readonly proof: readonly string[];
  readonly second: string;
}

/** Canonical JSON {first, format, prefix, proof, second}: one file to hand around. */
export function encodeForkProof({ first, second, prefix, proof }: ForkProof): string {
  return forkText({ first, second, prefix: toHex(prefix), proof: proof.map(toHex) });
}

/**
 * Returns the two checkpoints of a proof that is one: both signed by the log's key, and no log can have both. Throws `PROOF_INVALID` or
 * `NOTE_INVALID`. Witnesses are not asked for: a log that signs two histories lies, whoever cosigned.
 */
export function verifyForkProof(
  text: string,
  trust: { readonly key: string },
  options: VerifyOptions = {},
): { readonly first: OpenedCheckpoint; readonly second: OpenedCheckpoint } {
  const file = decodeByEncoding(utf8(text), MAX_FORK_PROOF_BYTES, (members) => members as unknown as ForkFile, forkText);
  if (file === undefined) throw invalid();
  const first = openCheckpoint(file.first, { key: trust.key }, options.ed25519Verify);
  const second = openCheckpoint(file.second, { key: trust.key }, options.ed25519Verify);
  const fromRoot = fromHex(file.prefix);
  const claim = { from: first.size, to: second.size, fromRoot, toRoot: second.root, proof: file.proof.map((hash) => fromHex(hash)) };
  verifyConsistency(claim, options.sha256);
  if (equalBytes(fromRoot, first.root)) throw invalid();
  return { first, second };
}

function forkText({ first, prefix, proof, second }: ForkFile): string {
  if (typeof first !== 'string' || typeof second !== 'string' || !isHex(prefix, 32)) throw invalid();
  if (!Array.isArray(proof) || proof.length > MAX_HASHES || !proof.every((hash) => isHex(hash, 32))) throw invalid();
  return printCanonicalJson({ first, format: FORMAT, prefix, proof, second });
}

function invalid(): RegistryError {
  return new RegistryError('PROOF_INVALID', 'not a proof of a fork');
}
