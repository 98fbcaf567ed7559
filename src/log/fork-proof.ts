/**
 * A log that signed two histories, as a text that convinces anybody who knows the log’s key, on nobody’s word (docs/spec/fork-proof.md).
 *
 * It convicts whoever holds the key: a thief of the key can make one as well as the operator. It says nothing about which history is true.
 */
import { equalBytes, toHex } from '../foundation/bytes.js';
import type { Sha256 } from '../foundation/sha256.js';
import type { Ed25519Verify } from '../foundation/verify-primitives.js';
import { type Checkpoint, decodeCheckpoint, type LogTrust } from './checkpoint.js';
import { hashLines, lineReader } from './lines.js';
import { MAX_NOTE_BYTES, openNote, parseNote, parseVerifierKey } from './note.js';
import { verifyConsistency } from './verify-consistency.js';

const HEADER = 'cryptonym/v1/fork';
const MAX_LENGTH = 2 * MAX_NOTE_BYTES + 4096;
const read = /* @__PURE__ */ lineReader('PROOF_INVALID', 'fork proof');

/** What the newer tree says about the older size: its root there, and the proof of that against the newer root (RFC 6962 §2.1.2). */
export interface OtherPast {
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** A checkpoint as the log signed it. */
export interface SignedTree extends Checkpoint {
  readonly note: string;
}

/** `first` has the smaller size; of one size, the smaller root. No log can have both. */
export interface ForkProof {
  readonly first: SignedTree;
  readonly second: SignedTree;
  /** Exactly where the sizes differ. */
  readonly past?: OtherPast;
}

export interface ForkOptions {
  readonly sha256?: Sha256;
  /** Strict Ed25519 (RFC 8032). */
  readonly ed25519Verify?: Ed25519Verify;
}

/**
 * The proof as text. `past` exactly where the sizes differ (`proveFork` finds it); the notes may come in any order. It is not checked here:
 * `verifyForkProof` does that. Throws `NOTE_INVALID`, or RangeError where `past` is missing or too much.
 */
export function encodeForkProof(one: string, other: string, past?: OtherPast): string {
  const [a, b] = [one, other].map((note) => ({ ...decodeCheckpoint(parseNote(note).text), note })) as [SignedTree, SignedTree];
  const [first, second] = inOrder(a, b) ? [a, b] : [b, a];
  if ((first.size === second.size) !== (past === undefined)) throw new RangeError('past is for different sizes');
  return `${HEADER}\n${past === undefined ? '' : hashLines([past.root, ...past.proof])}\n${first.note}\n${second.note}`;
}

/**
 * Returns what was signed twice, or throws: `PROOF_INVALID` (not such a text, or it shows no contradiction), `NOTE_INVALID` (a note that
 * this log did not sign). Witnesses are not asked for: whoever cosigned, a log that signs two histories lies. The text is canonical:
 * reordered, padded or extended by anything but further signatures it is refused.
 */
export function verifyForkProof(text: string, trust: Pick<LogTrust, 'key'>, options: ForkOptions = {}): ForkProof {
  const log = parseVerifierKey(trust.key);
  const parts = read.text(text, MAX_LENGTH).split('\n\n');
  // A checkpoint has no empty line but the one before its signatures, so that five parts are one header and two notes.
  if (parts.length !== 5) throw read.invalid();
  const [header, text1, lines1, text2, lines2] = parts as [string, string, string, string, string];
  const opened = (note: string): SignedTree => ({ ...decodeCheckpoint(openNote(note, [log], options.ed25519Verify).text), note });
  const [first, second] = [opened(`${text1}\n\n${lines1}\n`), opened(`${text2}\n\n${lines2}`)];
  const [format, ...hashes] = header.split('\n');
  if (format !== HEADER || first.origin !== log.name || second.origin !== log.name || !inOrder(first, second)) throw read.invalid();
  const [root, ...proof] = read.hashes(hashes);
  const past = root && { root, proof };
  checkContradiction(first, second, past, options.sha256);
  return { first, second, ...(past && { past }) };
}

function checkContradiction(first: SignedTree, second: SignedTree, past: OtherPast | undefined, sha256: Sha256 | undefined): void {
  if (first.size === second.size) {
    if (past !== undefined || equalBytes(first.root, second.root)) throw read.invalid();
    return;
  }
  if (past === undefined || first.size === 0 || equalBytes(past.root, first.root)) throw read.invalid();
  // One tree has one root at every smaller size: proven with another one than was signed, the two notes exclude each other.
  verifyConsistency({ from: first.size, to: second.size, fromRoot: past.root, toRoot: second.root, proof: past.proof }, sha256);
}

/** The order of the form: a pair has one spelling. */
function inOrder(a: Checkpoint, b: Checkpoint): boolean {
  return a.size < b.size || (a.size === b.size && toHex(a.root) < toHex(b.root));
}
