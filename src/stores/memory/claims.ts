import { assertBytes } from '../../foundation/bytes.js';
import type { ClaimRow, ClaimStore } from '../../claims/ports.js';
import type { OpenState } from '../open-state.js';
import { LOCATOR_LENGTH, sortedClaimRows } from '../rows/claims-rows.js';
import { ByteMap } from './byte-map.js';

export class MemoryClaimStore implements ClaimStore {
  readonly #state: OpenState;
  readonly #rows = new ByteMap<Uint8Array>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async insert(rows: readonly ClaimRow[]): Promise<void> {
    this.#state.assertOpen();
    for (const { locator, row } of sortedClaimRows(rows)) if (!this.#rows.has(locator)) this.#rows.set(locator, Uint8Array.from(row));
  }

  async get(locator: Uint8Array): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    assertBytes(locator, 'locator', LOCATOR_LENGTH);
    const row = this.#rows.get(locator);
    return row === undefined ? undefined : Uint8Array.from(row);
  }

  async count(): Promise<number> {
    this.#state.assertOpen();
    return this.#rows.size;
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    return [];
  }
}
