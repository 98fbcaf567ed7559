import { assertBytes } from './bytes.js';

/** Builds a binary format of fixed layout, big-endian. Its twin `ByteReader` accepts exactly what this writes. */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  u8(value: number): this {
    return this.#uint(value, 1);
  }

  u16(value: number): this {
    return this.#uint(value, 2);
  }

  u32(value: number): this {
    return this.#uint(value, 4);
  }

  /** Bytes of a length the format fixes. */
  fixed(value: Uint8Array, length: number): this {
    assertBytes(value, 'value', length);
    this.#grow(length);
    this.#buffer.set(value, this.#length);
    this.#length += length;
    return this;
  }

  /** u32 length, then the bytes. */
  prefixed(value: Uint8Array): this {
    assertBytes(value, 'value');
    return this.u32(value.length).fixed(value, value.length);
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #uint(value: number, size: 1 | 2 | 4): this {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) throw new RangeError(`not a u${8 * size}`);
    this.#grow(size);
    for (let i = size - 1; i >= 0; i--) {
      this.#buffer[this.#length + i] = value % 256;
      value = Math.floor(value / 256);
    }
    this.#length += size;
    return this;
  }

  #grow(by: number): void {
    const needed = this.#length + by;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
