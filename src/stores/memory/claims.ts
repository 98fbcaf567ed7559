import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow, ClaimStore } from '../../claims/ports.js';
import { ByteMap } from './byte-map.js';

export class MemoryClaimStore implements ClaimStore {
  readonly #rows = new ByteMap<Uint8Array>();

  async insert(rows: readonly ClaimRow[]): Promise<void> {
    for (const { locator, row } of rows) {
      assertBytes(locator, 'locator', 32);
      assertBytes(row, 'row');
    }
    for (const { locator, row } of rows) if (!this.#rows.has(locator)) this.#rows.set(locator, Uint8Array.from(row));
  }

  async get(locator: Uint8Array): Promise<Uint8Array | undefined> {
    assertBytes(locator, 'locator', 32);
    const row = this.#rows.get(locator);
    return row === undefined ? undefined : Uint8Array.from(row);
  }

  async count(): Promise<number> {
    return this.#rows.size;
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    return [];
  }
}
