import { assertBytes, fromHex, toHex } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { nobleBackend } from '../foundation/noble-backend.js';

/** Ids are 16 bytes; in programs and files they are 32 lower-case hex digits. `RecordId` is sealed-side, `EntryId` public; they never meet. */
export type RecordId = string;
export type EntryId = string;

export const ID_LENGTH = 16;

/** Id of whoever holds the private half of an Ed25519 public key (32 bytes): the first 16 bytes of its SHA-256. */
export function idOfPublicKey(publicKey: Uint8Array): Uint8Array {
  assertBytes(publicKey, 'publicKey', 32);
  return nobleBackend.sha256(publicKey).slice(0, ID_LENGTH);
}

export function idToHex(id: Uint8Array): string {
  return toHex(id);
}

/** Throws `FORMAT_INVALID`. */
export function idFromHex(id: string): Uint8Array {
  try {
    return fromHex(id, ID_LENGTH);
  } catch {
    throw new RegistryError('FORMAT_INVALID', 'an id is 32 lower-case hex digits');
  }
}
