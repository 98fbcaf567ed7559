import { assertBytes } from './bytes.js';
import { type ErrorCode, RegistryError } from './errors.js';

/** Reads a binary format of fixed layout, big-endian. Anything short, long or out of range throws the code the format names. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #code: ErrorCode;
  readonly #format: string;
  #offset = 0;

  /** `format` is the format's public name, for the message; `maxLength` is checked before anything is read. */
  constructor(bytes: Uint8Array, format: string, maxLength: number, code: ErrorCode = 'FORMAT_INVALID') {
    assertBytes(bytes, format);
    this.#bytes = bytes;
    this.#code = code;
    this.#format = format;
    if (bytes.length > maxLength) throw this.invalid();
  }

  u8(): number {
    return this.#uint(1);
  }

  u16(): number {
    return this.#uint(2);
  }

  u32(): number {
    return this.#uint(4);
  }

  /** A copy of the next `length` bytes. */
  fixed(length: number): Uint8Array {
    const start = this.#advance(length);
    // Not `slice`: of a Buffer, which database drivers return, that is a window on the same memory.
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /**
   * The next `length` bytes as a window on what is read, for bytes nobody writes to. Whoever keeps or passes on one part copies it: a window's
   * `buffer` holds its neighbours.
   */
  view(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** u32 length, at most `maxLength`, then the bytes. */
  prefixed(maxLength: number): Uint8Array {
    return this.fixed(this.#length(maxLength));
  }

  /** `prefixed`, as a window. */
  prefixedView(maxLength: number): Uint8Array {
    return this.view(this.#length(maxLength));
  }

  /** Throws unless the next bytes are exactly `expected`. */
  expect(expected: Uint8Array): this {
    const start = this.#advance(expected.length);
    for (let i = 0; i < expected.length; i++) if (this.#bytes[start + i] !== expected[i]) throw this.invalid();
    return this;
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw this.invalid();
  }

  /** The format's error, for checks the caller makes itself. */
  invalid(): RegistryError {
    return new RegistryError(this.#code, `malformed ${this.#format}`);
  }

  #length(most: number): number {
    const length = this.u32();
    if (length > most) throw this.invalid();
    return length;
  }

  #uint(size: number): number {
    const start = this.#advance(size);
    let value = 0;
    for (let i = start; i < this.#offset; i++) value = value * 256 + (this.#bytes[i] as number);
    return value;
  }

  /** Where the next `length` bytes begin. */
  #advance(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length) throw this.invalid();
    this.#offset = start + length;
    return start;
  }
}
