import { assertBytes, toHex } from '../../foundation/bytes.js';
import type {
  ImportProgress,
  InboxRow,
  InboxStore,
  QuarantineRow,
  ShredRow,
  ShredStore,
  StoreProblem,
  VaultRow,
  VaultStore,
  WaitingRow,
} from '../../sealed/ports.js';
import { assertWhole, sortedById, sortedIds } from '../sorted-rows.js';
import { ByteMap, copied } from './byte-map.js';

/** For tests and short-lived registries: everything is gone with the process. Each method runs in one step, so it is all or nothing. */
export class MemoryInboxStore implements InboxStore {
  readonly #seen = new ByteMap<{ readonly id: Uint8Array; readonly epoch: number }>();
  readonly #waiting = new ByteMap<WaitingRow>();
  readonly #quarantine = new ByteMap<QuarantineRow>();
  readonly #imports = new ByteMap<ImportProgress>();

  async put(rows: readonly InboxRow[], progress?: ImportProgress): Promise<{ readonly duplicates: readonly Uint8Array[] }> {
    const sorted = sortedById(rows);
    for (const row of sorted) {
      assertBytes(row.submission, 'submission');
      assertWhole(row.epoch, 'epoch');
    }
    const duplicates: Uint8Array[] = [];
    for (const row of sorted) {
      if (this.#seen.has(row.id)) {
        duplicates.push(row.id);
        continue;
      }
      this.#seen.set(row.id, copied({ id: row.id, epoch: row.epoch }));
      this.#waiting.set(row.id, { ...copied(row), failures: 0 });
    }
    if (progress !== undefined) this.#putProgress(progress);
    return { duplicates };
  }

  async waiting(): Promise<{ readonly count: number; readonly oldestEpoch: number | undefined }> {
    let oldestEpoch: number | undefined;
    for (const { epoch } of this.#waiting.sorted()) oldestEpoch = Math.min(epoch, oldestEpoch ?? epoch);
    return { count: this.#waiting.size, oldestEpoch };
  }

  async take(limit: number): Promise<readonly WaitingRow[]> {
    assertWhole(limit, 'limit', 1);
    return this.#waiting.sorted().slice(0, limit).map(copied);
  }

  async countFailure(ids: readonly Uint8Array[]): Promise<void> {
    for (const id of sortedIds(ids)) {
      const row = this.#waiting.get(id);
      if (row !== undefined) this.#waiting.set(id, { ...row, failures: row.failures + 1 });
    }
  }

  async drain(removed: readonly Uint8Array[], quarantined: readonly QuarantineRow[]): Promise<void> {
    const kept = sortedById(quarantined);
    for (const row of kept) assertBytes(row.sealed, 'sealed');
    for (const id of sortedIds(removed)) this.#waiting.delete(id);
    for (const row of kept) {
      if (!this.#quarantine.has(row.id)) this.#quarantine.set(row.id, copied(row));
      this.#waiting.delete(row.id);
    }
  }

  async quarantineSize(): Promise<number> {
    return this.#quarantine.size;
  }

  async forgetBefore(epoch: number): Promise<{ readonly dropped: number }> {
    assertWhole(epoch, 'epoch');
    const noise = this.#waiting.sorted().filter((row) => row.epoch < epoch);
    for (const row of noise) this.#waiting.delete(row.id);
    for (const row of this.#seen.sorted()) if (row.epoch < epoch) this.#seen.delete(row.id);
    return { dropped: noise.length };
  }

  async importProgress(importId: Uint8Array): Promise<ImportProgress | undefined> {
    const progress = this.#imports.get(importId);
    return progress === undefined ? undefined : copied(progress);
  }

  async check(): Promise<readonly StoreProblem[]> {
    return [];
  }

  #putProgress(progress: ImportProgress): void {
    assertWhole(progress.nextRow, 'nextRow');
    const before = this.#imports.get(progress.importId);
    if (before === undefined || (!before.finished && progress.nextRow >= before.nextRow))
      this.#imports.set(progress.importId, copied(progress));
  }
}

export class MemoryVaultStore implements VaultStore {
  readonly #records = new ByteMap<VaultRow>();

  async digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const id of sortedIds(ids)) {
      const row = this.#records.get(id);
      if (row !== undefined) found.set(toHex(id), Uint8Array.from(row.digest));
    }
    return found;
  }

  async insert(rows: readonly VaultRow[]): Promise<void> {
    const sorted = sortedById(rows);
    for (const row of sorted) {
      assertBytes(row.digest, 'digest', 32);
      for (const name of ['identity', 'contact', 'link'] as const) assertBytes(row[name], name);
    }
    for (const row of sorted) if (!this.#records.has(row.id)) this.#records.set(row.id, copied(row));
  }

  async get(id: Uint8Array): Promise<VaultRow | undefined> {
    const row = this.#records.get(id);
    return row === undefined ? undefined : copied(row);
  }

  async *ids(): AsyncIterable<Uint8Array> {
    for (const row of this.#records.sorted()) yield Uint8Array.from(row.id);
  }

  async count(): Promise<number> {
    return this.#records.size;
  }

  async check(): Promise<readonly StoreProblem[]> {
    return [];
  }
}

export class MemoryShredStore implements ShredStore {
  readonly #shreds = new ByteMap<ShredRow>();

  async insert(rows: readonly ShredRow[]): Promise<void> {
    const sorted = sortedById(rows);
    for (const row of sorted) assertShred(row);
    for (const row of sorted) if (!this.#shreds.has(row.id)) this.#shreds.set(row.id, copied(row));
  }

  async get(id: Uint8Array): Promise<ShredRow | undefined> {
    const row = this.#shreds.get(id);
    return row === undefined ? undefined : copied(row);
  }

  async before(generation: number, limit: number): Promise<readonly ShredRow[]> {
    assertWhole(limit, 'limit', 1);
    const older = this.#shreds.sorted().filter((row) => row.generation < generation);
    return older.slice(0, limit).map(copied);
  }

  async rewrap(rows: readonly { readonly from: number; readonly row: ShredRow }[]): Promise<void> {
    for (const { row } of rows) assertShred(row);
    for (const { from, row } of rows) if (this.#shreds.get(row.id)?.generation === from) this.#shreds.set(row.id, copied(row));
  }

  async generations(): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    for (const { generation } of this.#shreds.sorted()) counts.set(generation, (counts.get(generation) ?? 0) + 1);
    return new Map([...counts].sort(([a], [b]) => a - b));
  }

  async check(): Promise<readonly StoreProblem[]> {
    return [];
  }
}

function assertShred(row: ShredRow): void {
  assertWhole(row.generation, 'generation');
  assertBytes(row.wrapped, 'wrapped', 72);
}
