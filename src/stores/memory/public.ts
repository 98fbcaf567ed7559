import { assertBytes, toHex } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { BatchSummary, EntryRow, NewBatch, PoolItem, PublicState, PublicStore } from '../../public/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import type { OpenState } from '../open-state.js';
import { type NumberedEntry, sortedEntries, sortedPoolItems } from '../rows/public-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { ByteMap, copied } from './byte-map.js';

export class MemoryPublicStore implements PublicStore {
  readonly #state: OpenState;
  readonly #pool = new ByteMap<PoolItem>();
  readonly #entries = new ByteMap<NumberedEntry>();
  /** By register number. */
  readonly #byIndex = new Map<number, NumberedEntry>();
  readonly #leaves: Uint8Array[] = [];
  readonly #batches: BatchSummary[] = [];
  readonly #counters = new Map<string, number>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>> {
    this.#state.assertOpen();
    const found = new Map<string, Uint8Array>();
    for (const id of sortedIds(ids)) {
      const row = this.#pool.get(id) ?? this.#entries.get(id);
      if (row !== undefined) found.set(toHex(id), Uint8Array.from(row.digest));
    }
    return found;
  }

  async addToPool(items: readonly PoolItem[]): Promise<void> {
    this.#state.assertOpen();
    for (const item of sortedPoolItems(items))
      if (!this.#pool.has(item.id) && !this.#entries.has(item.id)) this.#pool.set(item.id, copied(item));
  }

  async due(day: number | undefined): Promise<readonly PoolItem[]> {
    this.#state.assertOpen();
    const items = this.#pool.sorted();
    return (day === undefined ? items : items.filter((item) => item.dueDay <= day)).map(copied);
  }

  async poolSize(): Promise<number> {
    this.#state.assertOpen();
    return this.#pool.size;
  }

  async poolCells(): Promise<ReadonlyMap<string, number>> {
    this.#state.assertOpen();
    const cells = new Map<string, number>();
    for (const { cell } of this.#pool.sorted()) cells.set(cell, (cells.get(cell) ?? 0) + 1);
    return new Map([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async appendBatch(batch: NewBatch): Promise<void> {
    this.#state.assertOpen();
    const entries = sortedEntries(batch);
    const ids = new Set(entries.map((entry) => toHex(entry.id)));
    const expected = batch.expectedSize === this.#leaves.length && batch.summary.batch === this.#batches.length + 1;
    if (!expected || ids.size !== entries.length || !entries.every((entry) => this.#pool.has(entry.id))) {
      throw new RegistryError('STORE_BUSY', 'another process has published meanwhile; read the state again', { retryable: true });
    }
    for (const entry of entries) {
      const stored = copied(entry);
      this.#pool.delete(entry.id);
      this.#entries.set(entry.id, stored);
      this.#byIndex.set(stored.index, stored);
    }
    for (const leaf of batch.leaves) this.#leaves.push(Uint8Array.from(leaf));
    this.#batches.push({ ...batch.summary });
    for (const [name, n] of batch.increments) this.#counters.set(name, (this.#counters.get(name) ?? 0) + n);
  }

  async state(): Promise<PublicState> {
    this.#state.assertOpen();
    const days = this.#batches.map((batch) => batch.day);
    const regular = this.#batches.filter((batch) => !batch.extra).map((batch) => batch.day);
    return {
      logSize: this.#leaves.length,
      lastBatch: this.#batches.at(-1),
      lastRegularDay: regular.length === 0 ? undefined : Math.max(...regular),
      firstDay: days.length === 0 ? undefined : Math.min(...days),
      counters: new Map([...this.#counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  async *batches(): AsyncIterable<BatchSummary> {
    this.#state.assertOpen();
    yield* this.#batches;
  }

  async publishedSince(day: number): Promise<number> {
    this.#state.assertOpen();
    return this.#batches.filter((batch) => batch.day >= day).reduce((sum, batch) => sum + batch.statements, 0);
  }

  async *entries(options: { readonly from?: number; readonly limit?: number }): AsyncIterable<EntryRow> {
    this.#state.assertOpen();
    const { from = 0, limit = Number.MAX_SAFE_INTEGER } = options;
    assertWhole(limit, 'limit');
    assertWhole(from, 'from');
    let given = 0;
    for (let index = from; index < this.#leaves.length && given < limit; index++) {
      const entry = this.#byIndex.get(index);
      if (entry === undefined) continue;
      given++;
      yield this.#row(entry);
    }
  }

  async entry(id: Uint8Array): Promise<EntryRow | undefined> {
    this.#state.assertOpen();
    assertBytes(id, 'id', ID_LENGTH);
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : this.#row(entry);
  }

  async *leaves(from: number): AsyncIterable<{ readonly index: number; readonly bytes: Uint8Array }> {
    this.#state.assertOpen();
    assertWhole(from, 'from');
    for (const [index, bytes] of this.#leaves.entries()) if (index >= from) yield { index, bytes: Uint8Array.from(bytes) };
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    return [];
  }

  #row({ id, index, salt, content }: NumberedEntry): EntryRow {
    return copied({ id, index, leaf: this.#leaves[index] as Uint8Array, salt, content });
  }
}
