/**
 * What the public side asks of its store. A seized public store shows what will be public anyway: entries, and the pool of
 * statements that wait for their batch, without order or time finer than a due day.
 */
export interface PublicStore {
  /** Statement digests of ids that exist in the pool or among the entries, by hex id. */
  digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Insert-if-absent, in one transaction; an id that already lies in the pool or among the entries is left alone. */
  addToPool(items: readonly PoolItem[]): Promise<void>;
  /** Pool items due on or before `day` (all of them if undefined), in id order. */
  due(day: number | undefined): Promise<readonly PoolItem[]>;
  poolSize(): Promise<number>;
  /** Sizes of waiting cells by cell key. */
  poolCells(): Promise<ReadonlyMap<string, number>>;
  /**
   * Publishes one batch in one transaction: removes its items from the pool, appends the leaves, stores entries and contents, and adds
   * the batch's counts to the counters. Throws `STORE_BUSY` if the log size or the last batch is not what `batch` was made for
   * (another publisher was faster); nothing is changed then.
   */
  appendBatch(batch: NewBatch): Promise<void>;
  state(): Promise<PublicState>;
  batches(): AsyncIterable<BatchSummary>;
  /** Statements published by batches dated on or after `day`. */
  publishedSince(day: number): Promise<number>;
  entries(options: { readonly from?: number; readonly limit?: number }): AsyncIterable<EntryRow>;
  entry(id: Uint8Array): Promise<EntryRow | undefined>;
  leaves(from: number): AsyncIterable<{ readonly index: number; readonly bytes: Uint8Array }>;
  check(): Promise<readonly { readonly store: string; readonly problem: string }[]>;
}

export interface PoolItem {
  /** entryId, 16 bytes. */
  readonly id: Uint8Array;
  /** Day number of the first batch that may take it; nothing finer. */
  readonly dueDay: number;
  /** Cell key, see `cellKey`. */
  readonly cell: string;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  /** Canonical statement (docs/spec/leaf.md), as it came. */
  readonly statement: Uint8Array;
}

export interface NewBatch {
  readonly summary: BatchSummary;
  /** Log size the batch was made for. */
  readonly expectedSize: number;
  /** The tally leaf first, then one per statement in entryId order. */
  readonly leaves: readonly Uint8Array[];
  /** `entries[i]` belongs to `leaves[i + 1]`. */
  readonly entries: readonly NewEntry[];
  /** What the batch adds to the counters, by counter name. */
  readonly increments: ReadonlyMap<string, number>;
}

export interface NewEntry {
  readonly id: Uint8Array;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  /** Canonical content; removable later. */
  readonly content: Uint8Array;
}

export interface EntryRow {
  readonly id: Uint8Array;
  /** Index in the log: the register number. */
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly salt: Uint8Array | undefined;
  readonly content: Uint8Array | undefined;
}

export interface BatchSummary {
  /** 1, 2, 3 … */
  readonly batch: number;
  /** Day number of publication. */
  readonly day: number;
  /** True for `publish({ now: true })`, which does not use up the day's batch. */
  readonly extra: boolean;
  readonly statements: number;
  readonly live: number;
  /** Statements in the smallest cell published: the achieved set size; 0 for an empty batch. */
  readonly smallestCell: number;
}

export interface PublicState {
  readonly logSize: number;
  readonly lastBatch: BatchSummary | undefined;
  /** Day of the last regular (not extra) batch. */
  readonly lastRegularDay: number | undefined;
  readonly firstDay: number | undefined;
  /** Materialised counters by name (docs/spec/leaf.md, tally). */
  readonly counters: ReadonlyMap<string, number>;
}
