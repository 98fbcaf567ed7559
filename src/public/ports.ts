import type { StoredTile } from '../log/append.js';
import type { ChangedBy, ChangeKind, Display, Evidence } from '../vocabulary/words.js';
import type { PublicLogStore } from './log-ports.js';

/**
 * What the public side asks of its store. A seized public store shows what will be public anyway: entries, and the pool of
 * statements that wait for their batch, without order or time finer than a due day.
 */
export interface PublicStore extends PublicLogStore {
  /** Statement digests of ids that exist in the pool or among the entries, by hex id. */
  digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Insert-if-absent, in one transaction; an id that already lies in the pool or among the entries is left alone. */
  addToPool(items: readonly PoolItem[]): Promise<void>;
  /** Pool items due on or before `day` (all of them if undefined), in id order. */
  due(day: number | undefined): Promise<readonly PoolItem[]>;
  /** The whole pool in id order, a page at a time. */
  pool(): AsyncIterable<PoolItem>;
  poolSize(): Promise<number>;
  /** Sizes of waiting cells by cell key. */
  poolCells(): Promise<ReadonlyMap<string, number>>;
  /**
   * Publishes one batch in one transaction: removes its items from the pool, appends the leaves and grows the tree over them, stores entries
   * and contents, and adds the batch's counts to the counters. Throws `STORE_BUSY` if log, tree or last batch are not what `batch` was made for
   * (another publisher was faster); nothing is changed then.
   */
  appendBatch(batch: NewBatch): Promise<void>;
  state(): Promise<PublicState>;
  batches(): AsyncIterable<BatchSummary>;
  /** Statements published by batches dated on or after `day`. */
  publishedSince(day: number): Promise<number>;
  /** What the store has of entries, published or in the pool, by hex id; unknown ids are left out. `standingOf` reads it. */
  standings(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, StandingRow>>;
  /**
   * Insert-if-absent by entry and slot, in one transaction: a kind is a slot, but `text` and `name` share one, for both are the next amendment.
   * Whether a change is allowed was decided before; what others did since then the store sees to itself, in silence: it refuses a taken slot,
   * and a holder's `name` for a locked entry, because a veto must win.
   */
  addChanges(changes: readonly PendingChange[]): Promise<void>;
  /** Changes that wait. */
  waitingChanges(): Promise<number>;
  /**
   * Locks entries against showing the real name by phrase alone, and forgets such a change that waits, whoever asked for it: a name that is
   * not shown today can be shown later, but not the other way round. In one transaction; may be repeated.
   */
  lockNames(ids: readonly Uint8Array[]): Promise<void>;
  /** Changes due on or before `day` (all if undefined) whose entry is published, with what their leaves need; by register number, then kind. */
  dueChanges(day: number | undefined): Promise<readonly DueChange[]>;
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

/** A change on its way into a batch. A seized store shows it: it will be public anyway. */
export interface PendingChange {
  /** entryId, 16 bytes. */
  readonly id: Uint8Array;
  readonly kind: ChangeKind;
  readonly by: ChangedBy;
  readonly dueDay: number;
  /** For `text` and `name` the number of the amendment, 1, 2, 3 …; else 0. */
  readonly number: number;
  /** New text (empty: none), name, or evidence; empty for the others. */
  readonly value: string;
  /** 32 bytes: salt of the amended content; for other kinds 32 zero bytes. */
  readonly salt: Uint8Array;
  /** 64 bytes by the entry's key over `changeMessage`; 64 zero bytes where `by` is `registry`. */
  readonly signature: Uint8Array;
}

export interface DueChange {
  readonly change: PendingChange;
  readonly entry: EntryRow;
}

/** One of `published` and `statement` is there. */
export interface StandingRow {
  readonly published: EntryRow | undefined;
  /** Canonical statement of an entry that waits in the pool. */
  readonly statement: Uint8Array | undefined;
  /** True after a veto. */
  readonly nameLocked: boolean;
  /** By kind. */
  readonly pending: readonly PendingChange[];
}

export interface NewBatch {
  readonly summary: BatchSummary;
  /** Log size the batch was made for. */
  readonly expectedSize: number;
  /** The tally leaf first, then one per statement in entryId order, then one per change by register number. */
  readonly leaves: readonly Uint8Array[];
  /** The tiles of the tree that these leaves change, whole. */
  readonly tiles: readonly StoredTile[];
  /** `entries[i]` belongs to `leaves[i + 1]`. */
  readonly entries: readonly NewEntry[];
  /** Left out: none. */
  readonly changes?: BatchChanges;
  /** What the batch adds to the counters, by counter name; may be negative. */
  readonly increments: ReadonlyMap<string, number>;
}

export interface BatchChanges {
  /** Waiting changes that go; one that is no longer there, or has another salt, is `STORE_BUSY`: somebody vetoed it meanwhile. */
  readonly settled: readonly SettledChange[];
  /** The entries that are another from this batch on. Waiting amendments of those that are retracted or removed go too. */
  readonly entries: readonly ChangedEntry[];
}

export interface SettledChange extends Pick<PendingChange, 'id' | 'kind' | 'salt'> {
  /** False for one that no longer fits and leaves no leaf. */
  readonly published: boolean;
}

export interface ChangedEntry {
  readonly id: Uint8Array;
  readonly changed: EntryChanges;
  /** A new content comes with the leaf that has its hash, and only then is `changed.amendedAt` another than before. */
  readonly content: { readonly salt: Uint8Array; readonly content: Uint8Array } | 'kept' | 'removed';
}

/** What changes have made of a published entry so far. */
export interface EntryChanges {
  /** Published amendments (`text` and `name`). */
  readonly amendments: number;
  readonly display: Display;
  readonly evidence: Evidence;
  /** Log index of the last amendment; undefined: the content is the statement's own. */
  readonly amendedAt: number | undefined;
  readonly retractedAt: number | undefined;
  readonly removedAt: number | undefined;
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
  /** Both of the content as it is now; undefined once it was removed. */
  readonly salt: Uint8Array | undefined;
  readonly content: Uint8Array | undefined;
  /** Left out while nothing has changed it. */
  readonly changed?: EntryChanges;
  /** The leaf at `changed.amendedAt`: the content has its `h` and not that of `leaf`. */
  readonly amendment?: Uint8Array;
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
  /** Leaves that the tree covers: `logSize`, but less in a register of the first releases until its tree is grown. */
  readonly treeSize: number;
  readonly lastBatch: BatchSummary | undefined;
  /** Day of the last regular (not extra) batch. */
  readonly lastRegularDay: number | undefined;
  readonly firstDay: number | undefined;
  /** Materialised counters by name (docs/spec/leaf.md, tally). */
  readonly counters: ReadonlyMap<string, number>;
}
