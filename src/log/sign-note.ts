import { concatBytes, toBase64, utf8 } from '../foundation/bytes.js';
import { signMessage } from '../foundation/ed25519.js';
import { type NoteSignature, type ParsedNote, parseNote, parseSignatures } from './note.js';
import type { NoteSigner } from './signer-key.js';
import { keyIdBytes } from './verifier-key.js';

/** `— name base64(key id ‖ signature)` with its newline. */
export function signatureLine(signature: NoteSignature): string {
  return `— ${signature.name} ${toBase64(concatBytes(keyIdBytes(signature.keyId), signature.signature))}\n`;
}

/** The inverse of `parseNote`. */
export function encodeNote(note: ParsedNote): string {
  return `${note.text}\n${note.signatures.map(signatureLine).join('')}`;
}

/**
 * Signs `text`, which must end in a newline, with keys of type 1 (RangeError otherwise); cosignatures are made by `cosign`.
 * Throws `NOTE_INVALID` for a text that no note may hold.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n')) throw new RangeError('text must end in a newline');
  if (signers.some(({ type }) => type !== 1)) throw new RangeError('a note is signed with keys of type 1');
  const message = utf8(text);
  return checked(
    encodeNote({ text, signatures: signers.map(({ name, keyId, seed }) => ({ name, keyId, signature: signMessage(message, seed) })) }),
  );
}

/** Appends signature lines (each with its newline), unverified. A line that is there already is left out. Throws `NOTE_INVALID`. */
export function addSignatures(note: string, lines: readonly string[]): string {
  const { text, signatures } = parseNote(note);
  const all = new Set([...signatures, ...lines.flatMap(parseSignatures)].map(signatureLine));
  return checked(`${text}\n${[...all].join('')}`);
}

function checked(note: string): string {
  parseNote(note);
  return note;
}
