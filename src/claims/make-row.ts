import { sealXChaCha } from '../foundation/aead.js';
import { concatBytes } from '../foundation/bytes.js';
import { pad } from '../foundation/padding.js';
import { encodeTuple } from '../foundation/tuple.js';

export const LOCATOR_LENGTH = 32;
export const ROW_NONCE_LENGTH = 24;
/** What a row holds, padded; so at most 255 bytes. */
export const ROW_BUCKET = 256;
/** nonce ‖ ciphertext ‖ tag: 296 bytes for claims, replies and dummies alike. */
export const CLAIM_ROW_LENGTH = ROW_NONCE_LENGTH + ROW_BUCKET + 16;

/** How a row is sealed. The label keeps claim and reply apart, the locator keeps a row in its place. */
export interface RowSealing {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly label: string;
  /** 32 bytes: locator or mailbox. */
  readonly locator: Uint8Array;
}

/** 296 bytes. `nonce` is 24 fresh random bytes. Throws `COMPARTMENT_TOO_LARGE` for more than 255 bytes of content. */
export function makeRow(content: Uint8Array, { key, label, locator }: RowSealing, nonce: Uint8Array): Uint8Array {
  return concatBytes(nonce, sealXChaCha(key, nonce, pad(content, ROW_BUCKET), encodeTuple(label, locator)));
}
