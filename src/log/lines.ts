import { fromBase64, toBase64, utf8 } from '../foundation/bytes.js';
import { type ErrorCode, RegistryError } from '../foundation/errors.js';
import { HASH_LENGTH } from './hashing.js';

/** A Merkle proof of a tree of at most 2^63 records (C2SP tlog-witness: "no more than 63 consistency proof lines"). */
const MAX_PROOF_LENGTH = 63;

/** What stands in the line formats of C2SP; everything malformed throws the one code the format names. */
export class LineReader {
  readonly #code: ErrorCode;
  readonly #format: string;

  /** `format` is the format's public name, for the message. */
  constructor(code: ErrorCode, format: string) {
    this.#code = code;
    this.#format = format;
  }

  invalid(): RegistryError {
    return new RegistryError(this.#code, `malformed ${this.#format}`);
  }

  /** A text of at most `limit` bytes of UTF-8. */
  text(text: string, limit: number): string {
    if (typeof text !== 'string') throw new TypeError(`${this.#format} must be a string`);
    // The first check is the cheap one: a character is one byte at least. `utf8` refuses lone surrogates.
    if (text.length > limit || this.#or(() => utf8(text)).length > limit) throw this.invalid();
    return text;
  }

  /** ASCII decimal without leading zeros, up to 2^53 − 1. */
  decimal(text: string | undefined): number {
    const value = Number(text);
    if (text === undefined || !/^(?:0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) throw this.invalid();
    return value;
  }

  /** Padded base64 in its one spelling (RFC 4648 §4). */
  base64(text: string | undefined): Uint8Array {
    return this.#or(() => fromBase64(text ?? '!'));
  }

  hash(line: string | undefined): Uint8Array {
    const hash = this.base64(line);
    if (hash.length !== HASH_LENGTH) throw this.invalid();
    return hash;
  }

  /** One hash a line, 63 at most. */
  hashes(lines: readonly string[]): readonly Uint8Array[] {
    if (lines.length > MAX_PROOF_LENGTH) throw this.invalid();
    return lines.map((line) => this.hash(line));
  }

  /** What stands before the first empty line, line by line, and all that follows it. */
  head(text: string): { readonly lines: readonly string[]; readonly rest: string } {
    const end = text.indexOf('\n\n');
    if (end < 0) throw this.invalid();
    return { lines: text.slice(0, end).split('\n'), rest: text.slice(end + 2) };
  }

  #or<T>(read: () => T): T {
    try {
      return read();
    } catch {
      throw this.invalid();
    }
  }
}

/** The inverse of `hashes`, each line with its newline. Throws RangeError for more than 63. */
export function hashLines(proof: readonly Uint8Array[]): string {
  if (proof.length > MAX_PROOF_LENGTH) throw new RangeError(`a proof has at most ${MAX_PROOF_LENGTH} hashes`);
  return proof.map((hash) => `${toBase64(hash)}\n`).join('');
}
