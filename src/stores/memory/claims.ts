import { assertBytes, compareBytes } from '../../foundation/bytes.js';
import { drawBytes, systemRandom } from '../../foundation/random.js';
import type { ClaimRow, ClaimStore } from '../../claims/ports.js';
import type { OpenState } from '../open-state.js';
import { LOCATOR_LENGTH, searchKey, SECRET_LENGTH, sortedClaimRows } from '../rows/claims-rows.js';
import { ByteMap, copied } from './byte-map.js';

export class MemoryClaimStore implements ClaimStore {
  readonly #state: OpenState;
  readonly #rows = new ByteMap<ClaimRow>();
  #dummySecret: Uint8Array | undefined;

  constructor(state: OpenState) {
    this.#state = state;
  }

  async insert(rows: readonly ClaimRow[]): Promise<void> {
    this.#state.assertOpen();
    for (const row of sortedClaimRows(rows)) if (!this.#rows.has(row.locator)) this.#rows.set(row.locator, copied(row));
  }

  async get(locator: Uint8Array): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    assertBytes(locator, 'locator', LOCATOR_LENGTH);
    const found = this.#rows.get(locator);
    return found === undefined ? undefined : Uint8Array.from(found.row);
  }

  async nearest(locator: Uint8Array): Promise<ClaimRow | undefined> {
    this.#state.assertOpen();
    assertBytes(locator, 'locator', LOCATOR_LENGTH);
    const rows = this.#rows.sorted();
    const wanted = searchKey(locator);
    const nearest = rows.find((row) => compareBytes(row.locator, wanted) >= 0) ?? rows[0];
    return nearest === undefined ? undefined : copied(nearest);
  }

  async dummySecret(): Promise<Uint8Array> {
    this.#state.assertOpen();
    this.#dummySecret ??= drawBytes(systemRandom, SECRET_LENGTH);
    return this.#dummySecret.slice();
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
