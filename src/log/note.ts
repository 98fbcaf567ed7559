import { concatBytes, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { type Ed25519Verify, verifyEd25519 } from '../foundation/verify-primitives.js';
import { lineReader } from './lines.js';
import { assertCount } from './tile.js';
import { isKeyName, type NoteVerifier, readKeyId } from './verifier-key.js';

export { encodeVerifierKey, type NoteVerifier, parseVerifierKey } from './verifier-key.js';

/** A longer note is refused before it is read. */
export const MAX_NOTE_BYTES = 64 * 1024;
/** As golang.org/x/mod/sumdb/note; C2SP asks for 16 at least. */
export const MAX_SIGNATURES = 100;

/** One signature line, not verified. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id: 64 bytes for type 1, u64 time ‖ 64 bytes for type 4; of unknown keys anything. */
  readonly signature: Uint8Array;
}

/** A note as it stands: nothing about it is verified. */
export interface ParsedNote {
  /** With its last newline, without the empty line behind it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifiedSignature {
  readonly verifier: NoteVerifier;
  readonly name: string;
  readonly keyId: number;
  /** Seconds since 1970, for cosignatures (type 4). */
  readonly timestamp?: number;
}

/** A note at least one known key signed. Signature lines of other keys were not looked at. */
export interface OpenedNote {
  readonly text: string;
  readonly verified: readonly VerifiedSignature[];
}

const read = /* @__PURE__ */ lineReader('NOTE_INVALID', 'note');

/** C2SP signed-note, "Format". Throws `NOTE_INVALID`; TypeError for what is no string. */
export function parseNote(note: string): ParsedNote {
  read.text(note, MAX_NOTE_BYTES);
  const end = note.lastIndexOf('\n\n');
  // Only newlines of the characters below U+0020.
  if (end < 0 || !note.endsWith('\n') || /[^\n\u0020-\uffff]/.test(note)) throw read.invalid();
  return { text: note.slice(0, end + 1), signatures: parseSignatures(note.slice(end + 2)) };
}

/** Signature lines, each with its newline; one at least. Throws `NOTE_INVALID`. */
export function parseSignatures(lines: string): readonly NoteSignature[] {
  const each = lines.split('\n');
  if (each.pop() !== '' || each.length < 1 || each.length > MAX_SIGNATURES) throw read.invalid();
  return each.map(parseSignature);
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded, ...more] = line.split(' ');
  const bytes = read.base64(encoded);
  if (dash !== '—' || !isKeyName(name) || more.length > 0 || bytes.length < 5) throw read.invalid();
  return { name, keyId: readKeyId(bytes), signature: bytes.slice(4) };
}

/**
 * Opens a note with the keys one trusts (C2SP signed-note, "Signatures"). Throws `NOTE_INVALID` when no known key signed, when a known key's
 * signature is bad (whoever can make others refuse a note by adding such a line can as well withhold it), or when two of `verifiers` have
 * one name and id. Of several lines of one key the first counts.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[], verify: Ed25519Verify = verifyEd25519): OpenedNote {
  const { text, signatures } = parseNote(note);
  const known = new Map(verifiers.map((verifier) => [keyOf(verifier), verifier]));
  if (known.size < verifiers.length) throw new RegistryError('NOTE_INVALID', 'two keys of one name and id');
  const verified: VerifiedSignature[] = [];
  for (const signature of signatures) {
    const verifier = known.get(keyOf(signature));
    if (verifier === undefined || verified.some((before) => before.verifier === verifier)) continue;
    verified.push({ verifier, name: verifier.name, keyId: verifier.keyId, ...verifyLine(text, signature.signature, verifier, verify) });
  }
  if (verified.length === 0) throw new RegistryError('NOTE_INVALID', 'signed by no known key');
  return { text, verified };
}

/** A name has no space in it. */
function keyOf(key: { readonly name: string; readonly keyId: number }): string {
  return `${key.name} ${key.keyId}`;
}

function verifyLine(text: string, bytes: Uint8Array, verifier: NoteVerifier, verify: Ed25519Verify): { timestamp?: number } {
  const timed = verifier.type === 4;
  const signature = bytes.subarray(timed ? 8 : 0);
  const seconds = timed ? readTime(bytes) : undefined;
  const message = seconds === undefined ? utf8(text) : cosignatureMessage(text, seconds);
  if (signature.length !== 64 || !verify(signature, message, verifier.publicKey))
    throw new RegistryError('NOTE_INVALID', 'the signature of a known key is bad');
  return seconds === undefined ? {} : { timestamp: seconds };
}

/** u64 seconds; this library takes them up to 2^53 − 1. */
function readTime(bytes: Uint8Array): number {
  const seconds = bytes.subarray(0, 8).reduce((value, byte) => value * 256 + byte, 0);
  if (!Number.isSafeInteger(seconds)) throw read.invalid();
  return seconds;
}

/** What a witness signs: `cosignature/v1`, the time, and the note's text (C2SP tlog-cosignature, "Ed25519 signed message"). */
export function cosignatureMessage(text: string, seconds: number): Uint8Array {
  assertCount(seconds, 'seconds');
  return concatBytes(utf8(`cosignature/v1\ntime ${seconds}\n`), utf8(text));
}
