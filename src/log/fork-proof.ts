/**
 * A log that signed two histories, as a text that convinces anybody who knows the log’s key, on nobody’s word (docs/spec/fork-proof.md).
 *
 * It convicts whoever holds the key: a thief of the key can make one as well as the operator. It says nothing about which history is true.
 */
import { compareBytes, equalBytes } from '../foundation/bytes.js';
import { type Ed25519Verify, verifyEd25519 } from '../foundation/verify-primitives.js';
import { type Checkpoint, decodeCheckpoint, type LogTrust } from './checkpoint.js';
import { hashLines, LineReader } from './lines.js';
import { MAX_NOTE_BYTES, openNote, parseNote, parseVerifierKey } from './note.js';
import { verifyConsistency } from './verify-consistency.js';

const HEADER = 'cryptonym/v1/fork';
const MAX_LENGTH = 2 * MAX_NOTE_BYTES + 4096;
const read = new LineReader('PROOF_INVALID', 'fork proof');

/** What the newer tree says about the older size: its root there, and the proof of that against the newer root (RFC 6962 §2.1.2). */
export interface OtherPast {
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export interface ForkProof {
  readonly origin: string;
  /** By size; of one size, by root. Both signed by the log. */
  readonly checkpoints: readonly [Checkpoint, Checkpoint];
  readonly notes: readonly [string, string];
  /** Exactly where the sizes differ. */
  readonly past?: OtherPast;
}

/**
 * The proof as text. `past` exactly where the sizes differ (`proveFork` finds it); the notes may come in any order. It is not checked here:
 * `verifyForkProof` does that. Throws `NOTE_INVALID`, or RangeError where `past` is missing or too much.
 */
export function encodeForkProof(first: string, second: string, past?: OtherPast): string {
  const [a, b] = [first, second].map((note) => ({ note, checkpoint: decodeCheckpoint(parseNote(note).text) })) as [Side, Side];
  const [older, newer] = inOrder(a, b) ? [a, b] : [b, a];
  if ((older.checkpoint.size === newer.checkpoint.size) !== (past === undefined)) throw new RangeError('past is for different sizes');
  return `${HEADER}\n${past === undefined ? '' : hashLines([past.root, ...past.proof])}\n${older.note}\n${newer.note}`;
}

/**
 * Returns what was signed twice, or throws: `PROOF_INVALID` (not such a text, or it shows no contradiction), `NOTE_INVALID` (a note that
 * this log did not sign). Witnesses are not asked for: whoever cosigned, a log that signs two histories lies. The text is canonical:
 * reordered, padded or extended by anything but further signatures it is refused.
 */
export function verifyForkProof(text: string, trust: Pick<LogTrust, 'key'>, verify: Ed25519Verify = verifyEd25519): ForkProof {
  const log = parseVerifierKey(trust.key);
  const parts = read.text(text, MAX_LENGTH).split('\n\n');
  // A checkpoint has no empty line but the one before its signatures, so that five parts are one header and two notes.
  if (parts.length !== 5) throw read.invalid();
  const [header, oldText, oldSignatures, newText, newSignatures] = parts as [string, string, string, string, string];
  const notes = [`${oldText}\n\n${oldSignatures}\n`, `${newText}\n\n${newSignatures}`] as const;
  const [older, newer] = notes.map((note) => ({ note, checkpoint: decodeCheckpoint(openNote(note, [log], verify).text) })) as [Side, Side];
  if (older.checkpoint.origin !== log.name || newer.checkpoint.origin !== log.name) throw read.invalid();
  const [first, ...hashes] = header.split('\n');
  if (first !== HEADER || !inOrder(older, newer)) throw read.invalid();
  const [root, ...proof] = read.hashes(hashes);
  const past = root && { root, proof };
  checkContradiction(older.checkpoint, newer.checkpoint, past);
  return { origin: log.name, checkpoints: [older.checkpoint, newer.checkpoint], notes, ...(past && { past }) };
}

interface Side {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

function checkContradiction(older: Checkpoint, newer: Checkpoint, past: OtherPast | undefined): void {
  if (older.size === newer.size) {
    if (past !== undefined || equalBytes(older.root, newer.root)) throw read.invalid();
    return;
  }
  if (past === undefined || older.size === 0 || equalBytes(past.root, older.root)) throw read.invalid();
  // One tree has one root at every smaller size: proven with another one than was signed, the two notes exclude each other.
  verifyConsistency({ from: older.size, to: newer.size, fromRoot: past.root, toRoot: newer.root, proof: past.proof });
}

function inOrder({ checkpoint: a }: Side, { checkpoint: b }: Side): boolean {
  return a.size < b.size || (a.size === b.size && compareBytes(a.root, b.root) < 0);
}
