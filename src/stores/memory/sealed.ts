import { assertBytes, compareBytes, equalBytes, toHex } from '../../foundation/bytes.js';
import type { ShredRow, ShredStore, StoreProblem, VaultRow, VaultStore } from '../../sealed/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import type { OpenState } from '../open-state.js';
import { type Rewrap, sortedRewraps, sortedShredRows, sortedVaultRows } from '../rows/sealed-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { ByteMap, copied } from './byte-map.js';

export class MemoryVaultStore implements VaultStore {
  readonly #state: OpenState;
  readonly #records = new ByteMap<VaultRow>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>> {
    this.#state.assertOpen();
    const found = new Map<string, Uint8Array>();
    for (const id of sortedIds(ids)) {
      const row = this.#records.get(id);
      if (row !== undefined) found.set(toHex(id), Uint8Array.from(row.digest));
    }
    return found;
  }

  async insert(rows: readonly VaultRow[]): Promise<void> {
    this.#state.assertOpen();
    for (const row of sortedVaultRows(rows)) if (!this.#records.has(row.id)) this.#records.set(row.id, copied(row));
  }

  async get(id: Uint8Array): Promise<VaultRow | undefined> {
    this.#state.assertOpen();
    assertBytes(id, 'id', ID_LENGTH);
    const row = this.#records.get(id);
    return row === undefined ? undefined : copied(row);
  }

  async *ids(): AsyncIterable<Uint8Array> {
    this.#state.assertOpen();
    for (const row of this.#records.sorted()) yield Uint8Array.from(row.id);
  }

  async count(): Promise<number> {
    this.#state.assertOpen();
    return this.#records.size;
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#state.assertOpen();
    return [];
  }
}

export class MemoryShredStore implements ShredStore {
  readonly #state: OpenState;
  readonly #shreds = new ByteMap<ShredRow>();

  constructor(state: OpenState) {
    this.#state = state;
  }

  async insert(rows: readonly ShredRow[]): Promise<void> {
    this.#state.assertOpen();
    for (const row of sortedShredRows(rows)) if (!this.#shreds.has(row.id)) this.#shreds.set(row.id, copied(row));
  }

  async get(id: Uint8Array): Promise<ShredRow | undefined> {
    this.#state.assertOpen();
    assertBytes(id, 'id', ID_LENGTH);
    const row = this.#shreds.get(id);
    return row === undefined ? undefined : copied(row);
  }

  async before(generation: number, limit: number, after?: Uint8Array): Promise<readonly ShredRow[]> {
    this.#state.assertOpen();
    assertWhole(generation, 'generation');
    assertWhole(limit, 'limit', 1);
    if (after !== undefined) assertBytes(after, 'after', ID_LENGTH);
    const rows = this.#shreds.sorted().filter((row) => after === undefined || compareBytes(row.id, after) > 0);
    const older = rows.filter((row) => row.generation < generation);
    return older.slice(0, limit).map(copied);
  }

  async from(id: Uint8Array, count: number): Promise<readonly ShredRow[]> {
    const { smaller, others } = this.#around(id, count);
    return [...others, ...smaller].slice(0, count).map(copied);
  }

  async backFrom(id: Uint8Array, count: number): Promise<readonly ShredRow[]> {
    const { smaller, others } = this.#around(id, count);
    return [...others, ...smaller].reverse().slice(0, count).map(copied);
  }

  async rewrap(rows: readonly Rewrap[]): Promise<readonly Uint8Array[]> {
    this.#state.assertOpen();
    const replaced: Uint8Array[] = [];
    for (const { was, row } of sortedRewraps(rows)) {
      const stored = this.#shreds.get(row.id);
      if (stored === undefined || !equalBytes(stored.wrapped, was)) continue;
      this.#shreds.set(row.id, copied(row));
      replaced.push(Uint8Array.from(row.id));
    }
    return replaced;
  }

  async generations(): Promise<ReadonlyMap<number, number>> {
    this.#state.assertOpen();
    const counts = new Map<number, number>();
    for (const { generation } of this.#shreds.sorted()) counts.set(generation, (counts.get(generation) ?? 0) + 1);
    return new Map([...counts].sort(([a], [b]) => a - b));
  }

  #around(id: Uint8Array, count: number): { readonly smaller: readonly ShredRow[]; readonly others: readonly ShredRow[] } {
    this.#state.assertOpen();
    assertBytes(id, 'id', ID_LENGTH);
    assertWhole(count, 'count');
    const rows = this.#shreds.sorted();
    const smaller = rows.filter((row) => compareBytes(row.id, id) < 0);
    return { smaller, others: rows.slice(smaller.length) };
  }

  async check(): Promise<readonly StoreProblem[]> {
    this.#state.assertOpen();
    return [];
  }
}
