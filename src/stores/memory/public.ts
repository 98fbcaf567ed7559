import { assertBytes, toHex } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { StoredTile } from '../../log/append.js';
import type { SignedCheckpoint } from '../../log/ports.js';
import type {
  BatchSummary,
  DueChange,
  EntryChanges,
  EntryRow,
  NewBatch,
  PendingChange,
  PoolItem,
  PublicState,
  PublicStore,
  StandingRow,
} from '../../public/ports.js';
import { ID_LENGTH } from '../../vocabulary/ids.js';
import type { OpenState } from '../open-state.js';
import { changesOf, type NumberedEntry, sortedEntries, sortedPoolItems } from '../rows/public-rows.js';
import { assertWhole, sortedIds } from '../sorted-rows.js';
import { ByteMap, copied } from './byte-map.js';
import { PublicChanges } from './public-changes.js';
import { PublicLog } from './public-log.js';

/** An entry as it is now: its content may have been removed. */
type StoredEntry = Omit<NumberedEntry, 'salt' | 'content'> & Pick<EntryRow, 'salt' | 'content'> & { readonly changed?: EntryChanges };

export class MemoryPublicStore implements PublicStore {
  readonly #state: OpenState;
  readonly #pool = new ByteMap<PoolItem>();
  readonly #entries = new ByteMap<StoredEntry>();
  /** By register number. */
  readonly #byIndex = new Map<number, StoredEntry>();
  readonly #leaves: Uint8Array[] = [];
  readonly #batches: BatchSummary[] = [];
  readonly #counters = new Map<string, number>();
  readonly #changes = new PublicChanges();
  readonly #log = new PublicLog();

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

  async *pool(): AsyncIterable<PoolItem> {
    yield* await this.due(undefined);
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
    const { settled, entries: changed } = changesOf(batch);
    const ids = new Set(entries.map((entry) => toHex(entry.id)));
    const expected =
      batch.expectedSize === this.#leaves.length &&
      batch.expectedSize === this.#log.treeSize &&
      batch.summary.batch === this.#batches.length + 1;
    const allWait = entries.every((entry) => this.#pool.has(entry.id)) && this.#changes.allWait(settled);
    if (!expected || ids.size !== entries.length || !allWait) {
      throw new RegistryError('STORE_BUSY', 'another process has published meanwhile; read the state again', { retryable: true });
    }
    for (const entry of entries) {
      const stored = copied(entry);
      this.#pool.delete(entry.id);
      this.#store(stored);
    }
    this.#changes.settle(settled, changed);
    for (const { id, changed: state, content } of changed) {
      const entry = this.#entries.get(id);
      if (entry === undefined) throw new RegistryError('STORE_FAILED', 'a change of an entry that is not published');
      const removed = { salt: undefined, content: undefined };
      const now = content === 'kept' ? {} : content === 'removed' ? removed : copied(content);
      this.#store({ ...entry, ...now, changed: { ...state } });
    }
    for (const leaf of batch.leaves) this.#leaves.push(Uint8Array.from(leaf));
    this.#log.put(batch.tiles);
    this.#batches.push({ ...batch.summary });
    for (const [name, n] of batch.increments) this.#counters.set(name, (this.#counters.get(name) ?? 0) + n);
  }

  async state(): Promise<PublicState> {
    this.#state.assertOpen();
    const days = this.#batches.map((batch) => batch.day);
    const regular = this.#batches.filter((batch) => !batch.extra).map((batch) => batch.day);
    return {
      logSize: this.#leaves.length,
      treeSize: this.#log.treeSize,
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

  async standings(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, StandingRow>> {
    this.#state.assertOpen();
    const found = new Map<string, StandingRow>();
    for (const id of sortedIds(ids)) {
      const [entry, item] = [this.#entries.get(id), this.#pool.get(id)];
      if (entry === undefined && item === undefined) continue;
      found.set(toHex(id), {
        published: entry && this.#row(entry),
        statement: item && Uint8Array.from(item.statement),
        ...this.#changes.of(id),
      });
    }
    return found;
  }

  async addChanges(changes: readonly PendingChange[]): Promise<void> {
    this.#state.assertOpen();
    this.#changes.add(changes);
  }

  async waitingChanges(): Promise<number> {
    this.#state.assertOpen();
    return this.#changes.size;
  }

  async lockNames(ids: readonly Uint8Array[]): Promise<void> {
    this.#state.assertOpen();
    this.#changes.lock(sortedIds(ids));
  }

  async dueChanges(day: number | undefined): Promise<readonly DueChange[]> {
    this.#state.assertOpen();
    const due = this.#changes.due(day).flatMap((change): DueChange[] => {
      const entry = this.#entries.get(change.id);
      return entry === undefined ? [] : [{ change, entry: this.#row(entry) }];
    });
    return due.sort((a, b) => a.entry.index - b.entry.index || (a.change.kind < b.change.kind ? -1 : 1));
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

  async tile(level: number, index: number): Promise<Uint8Array | undefined> {
    this.#state.assertOpen();
    assertWhole(level, 'level');
    assertWhole(index, 'index');
    return this.#log.tile(level, index);
  }

  async growTree(from: number, tiles: readonly StoredTile[]): Promise<void> {
    this.#state.assertOpen();
    if (from !== this.#log.treeSize)
      throw new RegistryError('STORE_BUSY', 'another process has grown the tree meanwhile; try again', { retryable: true });
    this.#log.put(tiles);
  }

  async addCheckpoint(checkpoint: SignedCheckpoint): Promise<void> {
    this.#state.assertOpen();
    this.#log.add(checkpoint);
  }

  async replaceCheckpoint(was: SignedCheckpoint, note: string): Promise<void> {
    this.#state.assertOpen();
    this.#log.replace(was, note);
  }

  async lastCheckpoint(): Promise<SignedCheckpoint | undefined> {
    this.#state.assertOpen();
    return this.#log.checkpoints().at(-1);
  }

  async checkpointFor(size: number): Promise<SignedCheckpoint | undefined> {
    this.#state.assertOpen();
    assertWhole(size, 'size');
    return this.#log.checkpoints().find((checkpoint) => checkpoint.size >= size);
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    return [];
  }

  #store(entry: StoredEntry): void {
    this.#entries.set(entry.id, entry);
    this.#byIndex.set(entry.index, entry);
  }

  #row({ id, index, salt, content, changed }: StoredEntry): EntryRow {
    const row = copied({ id, index, leaf: this.#leaves[index] as Uint8Array, salt, content });
    if (changed === undefined) return row;
    const amendment = changed.amendedAt === undefined ? undefined : this.#leaves[changed.amendedAt];
    return { ...row, changed: { ...changed }, ...(amendment === undefined ? {} : { amendment: Uint8Array.from(amendment) }) };
  }
}
