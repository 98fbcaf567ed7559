import { toHex } from '../../foundation/bytes.js';

/** A map by byte key that gives its values in key order, as a table with a primary key does. Values are copied by the stores, not here. */
export class ByteMap<V> {
  readonly #values = new Map<string, V>();

  get size(): number {
    return this.#values.size;
  }

  has(key: Uint8Array): boolean {
    return this.#values.has(toHex(key));
  }

  get(key: Uint8Array): V | undefined {
    return this.#values.get(toHex(key));
  }

  set(key: Uint8Array, value: V): void {
    this.#values.set(toHex(key), value);
  }

  delete(key: Uint8Array): void {
    this.#values.delete(toHex(key));
  }

  /** Values in key order. */
  sorted(): readonly V[] {
    return [...this.#values.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  }
}

/** A copy that shares no buffer with the caller, so that wiping or reusing one side leaves the other alone. */
export function copied<T extends object>(row: T): T {
  const members = Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? Uint8Array.from(value) : value]);
  return Object.fromEntries(members) as T;
}
