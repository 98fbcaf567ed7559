import { assertString, fromBase64, toBase64, utf8 } from '../foundation/bytes.js';
import { type ErrorCode, RegistryError } from '../foundation/errors.js';
import { HASH_LENGTH } from './hashing.js';

/** A Merkle proof of a tree of at most 2^63 records (C2SP tlog-witness: "no more than 63 consistency proof lines"). */
const MAX_PROOF_LENGTH = 63;

/** What stands in the line formats of C2SP; everything malformed throws the one code the format names. */
export interface LineReader {
  invalid(): RegistryError;
  /** A text of at most `limit` bytes of UTF-8. */
  text(text: string, limit: number): string;
  /** ASCII decimal without leading zeros, up to 2^53 − 1. */
  decimal(text: string | undefined): number;
  /** Padded base64 in its one spelling (RFC 4648 §4). */
  base64(text: string | undefined): Uint8Array;
  hash(line: string | undefined): Uint8Array;
  /** One hash a line, 63 at most. */
  hashes(lines: readonly string[]): readonly Uint8Array[];
  /** What stands before the first empty line, line by line, and all that follows it. */
  head(text: string): { readonly lines: readonly string[]; readonly rest: string };
}

/** `format` is the format's public name, for the message. */
export function lineReader(code: ErrorCode, format: string): LineReader {
  const invalid = (): RegistryError => new RegistryError(code, `malformed ${format}`);
  const orInvalid = <T>(read: () => T): T => {
    try {
      return read();
    } catch {
      throw invalid();
    }
  };
  const base64 = (text: string | undefined): Uint8Array => orInvalid(() => fromBase64(text ?? '!'));
  const hash = (line: string | undefined): Uint8Array => {
    const bytes = base64(line);
    if (bytes.length !== HASH_LENGTH) throw invalid();
    return bytes;
  };
  return {
    invalid,
    text(text, limit) {
      assertString(text, format);
      // The first check is the cheap one: a character is one byte at least. `utf8` refuses lone surrogates.
      if (text.length > limit || orInvalid(() => utf8(text)).length > limit) throw invalid();
      return text;
    },
    decimal(text = '') {
      const value = Number(text);
      if (!/^(?:0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) throw invalid();
      return value;
    },
    base64,
    hash,
    hashes(lines) {
      if (lines.length > MAX_PROOF_LENGTH) throw invalid();
      return lines.map(hash);
    },
    head(text) {
      const end = text.indexOf('\n\n');
      if (end < 0) throw invalid();
      return { lines: text.slice(0, end).split('\n'), rest: text.slice(end + 2) };
    },
  };
}

/** The inverse of `hashes`, each line with its newline. Throws RangeError for more than 63. */
export function hashLines(proof: readonly Uint8Array[]): string {
  if (proof.length > MAX_PROOF_LENGTH) throw new RangeError(`a proof has at most ${MAX_PROOF_LENGTH} hashes`);
  return proof.map((hash) => `${toBase64(hash)}\n`).join('');
}
