import { assertBytes, concatBytes, equalBytes, toBase64, toHex, utf8 } from '../foundation/bytes.js';
import { sha256 } from '../foundation/sha256.js';
import { type LineReader, lineReader } from './lines.js';

/** Signature types of C2SP signed-note: 1 is Ed25519 over the text (logs), 4 a timestamped cosignature (witnesses). */
export type KeyType = 1 | 4;

/** A key that notes are checked with. Name and key id together say which signature lines it is for. */
export interface NoteVerifier {
  readonly name: string;
  /** u32. */
  readonly keyId: number;
  readonly type: KeyType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

const MAX_KEY_LENGTH = 1024;

/** Not empty, no Unicode space, no plus (C2SP signed-note, "Format"), no control character. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cc}+]+$/u.test(name);
}

/** SHA-256(name ‖ LF ‖ type ‖ public key)[:4] (C2SP signed-note, "Signatures"). Short: it tells keys apart, it proves nothing. */
export function keyIdOf(name: string, type: KeyType, publicKey: Uint8Array): number {
  assertBytes(publicKey, 'publicKey', 32);
  return readKeyId(sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey)));
}

/** The u32 that stands first. */
export function readKeyId(bytes: Uint8Array): number {
  return bytes.subarray(0, 4).reduce((id, byte) => id * 256 + byte, 0);
}

export function keyIdBytes(keyId: number): Uint8Array {
  return Uint8Array.of(keyId >>> 24, keyId >>> 16, keyId >>> 8, keyId);
}

/** `name+keyid+base64(type ‖ public key)`, C2SP signed-note, "Verifier keys". Throws `NOTE_INVALID`, also for other types than 1 and 4. */
export function parseVerifierKey(vkey: string): NoteVerifier {
  return readVerifierKey(vkey, lineReader('NOTE_INVALID', 'verifier key'));
}

/** The same inside another format, with that format's error. */
export function readVerifierKey(vkey: string, read: LineReader): NoteVerifier {
  const [, name = '', id = '', encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(read.text(vkey, MAX_KEY_LENGTH)) ?? [];
  const key = read.base64(encoded);
  const [type] = key;
  if (!isKeyName(name) || key.length !== 33 || (type !== 1 && type !== 4)) throw read.invalid();
  const publicKey = key.slice(1);
  const keyId = keyIdOf(name, type, publicKey);
  // The id says nothing new: checking it finds a name or key that was mistyped.
  if (id !== keyId.toString(16).padStart(8, '0')) throw read.invalid();
  return { name, keyId, type, publicKey };
}

export function encodeVerifierKey(verifier: NoteVerifier): string {
  const { name, keyId, type, publicKey } = verifier;
  assertBytes(publicKey, 'publicKey', 32);
  return `${name}+${toHex(keyIdBytes(keyId))}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
}

/** The same key under the same name, for the same type of signature. */
export function sameVerifier(a: NoteVerifier, b: NoteVerifier): boolean {
  return a.name === b.name && a.type === b.type && equalBytes(a.publicKey, b.publicKey);
}
