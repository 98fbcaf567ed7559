import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4) as an injected function: 32 bytes, pure, and it keeps no reference to its input (callers reuse theirs). */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** The portable default. Alone in its file, so that whoever only hashes does not load a whole backend. */
export const sha256: Sha256 = (data) => nobleSha256(data);
