import { assertBytes, concatBytes, toBase64, toHex } from '../foundation/bytes.js';
import { publicKeyOfSeed } from '../foundation/ed25519.js';
import { lineReader } from './lines.js';
import { isKeyName, type KeyType, keyIdBytes, keyIdOf, type NoteVerifier } from './verifier-key.js';

/** A key that signs notes. Whoever has it speaks for the log (type 1) or the witness (type 4). */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: number;
  readonly type: KeyType;
  /** Ed25519 seed, 32 bytes. Secret. */
  readonly seed: Uint8Array;
}

const PREFIX = 'PRIVATE+KEY+';
const MAX_KEY_LENGTH = 1024;

/** Throws RangeError for a name with spaces, controls or `+`. One seed is for one name and type only. */
export function makeSigner(name: string, seed: Uint8Array, type: KeyType = 1): NoteSigner {
  assertBytes(seed, 'seed', 32);
  if (typeof name !== 'string' || !isKeyName(name)) throw new RangeError('name must be without spaces and +');
  return { name, keyId: keyIdOf(name, type, publicKeyOfSeed(seed)), type, seed: seed.slice() };
}

/** The public half. */
export function verifierOf(signer: NoteSigner): NoteVerifier {
  const { name, keyId, type } = signer;
  return { name, keyId, type, publicKey: publicKeyOfSeed(signer.seed) };
}

/** `PRIVATE+KEY+name+keyid+base64(type ‖ seed)` as golang.org/x/mod/sumdb/note writes it. Secret. */
export function encodeSignerKey(signer: NoteSigner): string {
  assertBytes(signer.seed, 'seed', 32);
  const key = toBase64(concatBytes(Uint8Array.of(signer.type), signer.seed));
  return `${PREFIX}${signer.name}+${toHex(keyIdBytes(signer.keyId))}+${key}`;
}

/** Throws `LOG_KEY_INVALID`, also when the key id is not that of name and key. */
export function parseSignerKey(skey: string): NoteSigner {
  const read = lineReader('LOG_KEY_INVALID', 'signer key');
  const text = read.text(skey, MAX_KEY_LENGTH);
  const [, name = '', id = '', encoded] = /^PRIVATE\+KEY\+([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  const key = read.base64(encoded);
  const [type] = key;
  if (!isKeyName(name) || key.length !== 33 || (type !== 1 && type !== 4)) throw read.invalid();
  const signer = makeSigner(name, key.slice(1), type);
  if (id !== toHex(keyIdBytes(signer.keyId))) throw read.invalid();
  return signer;
}
