import { _SHA256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4) as an injected function: 32 bytes, pure, and it keeps no reference to its input (callers reuse theirs). */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/**
 * The portable default. Alone in its file, so that whoever only hashes does not load a whole backend. By noble's class and not by its `sha256`,
 * which does the same behind a wrapper of hash options that `./verify` would carry for nothing.
 */
export const sha256: Sha256 = (data) => new _SHA256().update(data).digest();
