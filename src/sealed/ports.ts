/**
 * What the sealed side asks of a store. Implementations: stores/memory, stores/sqlite; `cryptonym/testing` has the suite any other must pass.
 *
 * Every write method is one transaction: all or nothing. Rows come in any order; the store sorts them by their id before it writes, and keeps
 * no trace of another order (no serial, no row id, no time). Insert-if-absent, never upsert.
 */

/** What is waiting to be sorted. A seized inbox is noise to whoever lacks the epoch private keys. */
export interface InboxStore {
  /**
   * Stores submissions; one whose id was seen in a still-open epoch is skipped, and its id is among the returned ones.
   * With `step`, the import's position is moved in the same transaction; if it is not where the step begins, another run was faster:
   * throws `STORE_BUSY` and stores nothing.
   */
  put(rows: readonly InboxRow[], step?: ImportStep): Promise<PutResult>;
  /** Those of the ids that wait or were drained, but not into the quarantine, in a still-open epoch. */
  seen(ids: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** How many wait, and the day the longest waiting one arrived. */
  waiting(): Promise<{ readonly count: number; readonly oldestDay: number | undefined }>;
  /** Up to `limit` waiting rows in id order; with `arrivedUntil` only those that arrived on or before that day, with `after` only those of greater ids. */
  take(limit: number, arrivedUntil?: number, after?: Uint8Array): Promise<readonly WaitingRow[]>;
  /** Says of rows, before the first store is written, that writing them begins; see `WaitingRow.begun`. */
  begin(ids: readonly Uint8Array[]): Promise<void>;
  /** Counts one failed opening for each id. */
  countFailure(ids: readonly Uint8Array[]): Promise<void>;
  /**
   * Removes drained rows and stores quarantined ones (insert-if-absent), in one transaction, then leaves no remnant of the removed in the
   * file. Ids from which something is quarantined are forgotten, all others remembered. Of these a row goes only if it still has the failures it was
   * taken with: after another sort had quarantined it, another submission may have come under its id.
   */
  drain(removed: readonly Uint8Array[], quarantined: readonly QuarantinedFrom[]): Promise<void>;
  quarantineSize(): Promise<number>;
  /** What lies in quarantine, in id order. */
  quarantined(): AsyncIterable<QuarantineRow>;
  /** Forgets seen ids of epochs before `epoch`, and drops waiting rows of epochs before it: their key is gone and they are noise. */
  forgetBefore(epoch: number): Promise<{ readonly dropped: number }>;
  /** An import's position, if it was ever begun. */
  importProgress(importId: Uint8Array): Promise<ImportProgress | undefined>;
  check(): Promise<readonly StoreProblem[]>;
}

export interface PutResult {
  /** Ids that were seen before, in id order. */
  readonly duplicates: readonly Uint8Array[];
  /** Those of them under which other bytes are waiting. */
  readonly differing: readonly Uint8Array[];
}

export interface InboxRow {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly epoch: number;
  /** Day number of arrival by our own clock; the epoch is the sender's word. */
  readonly arrivedDay: number;
  /** 24 KiB, always. */
  readonly submission: Uint8Array;
}

export interface WaitingRow extends InboxRow {
  readonly failures: number;
  /** True once `begin` named it: what it brings may be half written since a crash. */
  readonly begun: boolean;
}

export interface QuarantineRow {
  /** 16 bytes, by the content: of two submissions of one id, an altered copy and the true one, neither displaces the other. */
  readonly id: Uint8Array;
  /** Sealed to the custodians' quarantine key. */
  readonly sealed: Uint8Array;
}

/** On its way there. */
export interface QuarantinedFrom extends QuarantineRow {
  /** Id of the waiting row, 16 bytes. */
  readonly from: Uint8Array;
  /** As it was taken: a row of this id that has other failures is another one, or is looked at again, and stays. */
  readonly failures: number;
}

export interface ImportProgress {
  readonly importId: Uint8Array;
  /** Number of source rows already dealt with. */
  readonly nextRow: number;
  /** 16 random bytes from which group ids of this import follow; all zero once it finished. Nothing of κ follows from it. */
  readonly groupSecret: Uint8Array;
  readonly finished: boolean;
}

export interface ImportStep extends ImportProgress {
  /** Position the step begins at: what `importProgress` said, 0 for a new import. */
  readonly fromRow: number;
}

/** Sealed records. A seized vault gives the number of records and the month of each. */
export interface VaultStore {
  /** Digests of those ids that exist, by hex id. */
  digests(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, Uint8Array>>;
  insert(rows: readonly VaultRow[]): Promise<void>;
  get(id: Uint8Array): Promise<VaultRow | undefined>;
  /** All ids in id order. */
  ids(): AsyncIterable<Uint8Array>;
  count(): Promise<number>;
  check(): Promise<readonly StoreProblem[]>;
}

export interface VaultRow {
  readonly id: Uint8Array;
  /** Month of sorting as `year * 12 + month - 1`; nothing finer. */
  readonly period: number;
  /** Digest of the three compartments, to tell a retry from a collision. */
  readonly digest: Uint8Array;
  readonly identity: Uint8Array;
  readonly contact: Uint8Array;
  readonly link: Uint8Array;
}

/** One 32-byte shred per record, encrypted under the KEK of a generation. A seized shred store without its KEK is noise. */
export interface ShredStore {
  insert(rows: readonly ShredRow[]): Promise<void>;
  get(id: Uint8Array): Promise<ShredRow | undefined>;
  /** Up to `limit` rows whose generation is before `generation`, in id order; with `after` only those of greater ids. */
  before(generation: number, limit: number, after?: Uint8Array): Promise<readonly ShredRow[]>;
  /**
   * Up to `count` rows in id order from `id` on, going on with the smallest id after the greatest: every row of a small store once.
   * With them an erasure hides among its neighbours.
   */
  from(id: Uint8Array, count: number): Promise<readonly ShredRow[]>;
  /** Up to `count` rows in reverse id order, beginning with the one before `id`, going on with the greatest after the smallest. */
  backFrom(id: Uint8Array, count: number): Promise<readonly ShredRow[]>;
  /**
   * Replaces rows whose `wrapped` bytes are still those they were read with (two-writer safe: nobody can bring an overwritten shred back).
   * Gives the ids it replaced, in id order. Throws `STORE_BUSY` if the old bytes may still be read from the file; they are replaced then.
   */
  rewrap(rows: readonly { readonly was: Uint8Array; readonly row: ShredRow }[]): Promise<readonly Uint8Array[]>;
  /** Rows by generation. */
  generations(): Promise<ReadonlyMap<number, number>>;
  check(): Promise<readonly StoreProblem[]>;
}

export interface ShredRow {
  readonly id: Uint8Array;
  readonly generation: number;
  /** nonce(24) ‖ XChaCha20-Poly1305(KEK, shred): 72 bytes. */
  readonly wrapped: Uint8Array;
}

/** A finding of a store's self-check, in words without any stored value. */
export interface StoreProblem {
  readonly store: string;
  readonly problem: string;
}

/** The secrets a running registry keeps beside its stores: never backed up, destroyed by age. */
export interface KeyStore {
  /** Private epoch keys by epoch (day number). */
  epochs(): Promise<readonly number[]>;
  /** True if the epoch's private key is there. Asked at each submission that comes in, so it reads no key and lists nothing. */
  hasEpochKey(epoch: number): Promise<boolean>;
  epochKey(epoch: number): Promise<Uint8Array | undefined>;
  /**
   * Stores an epoch's key pair; `expires` is the first day intake refuses it. Insert-if-absent: of two makers the first wins and the
   * second's keys are ignored, so use only what is read back.
   */
  putEpochKey(epoch: number, key: Uint8Array, publicKey: Uint8Array, expires: number): Promise<void>;
  /** The public halves of epochs `from` and later, by epoch. Reads no private key. */
  epochPublicKeys(from: number): Promise<readonly StoredEpochPublicKey[]>;
  /** Destroys both halves: what was sealed to the epoch and still waits is noise from then on. No-op if it is gone already. */
  destroyEpochKey(epoch: number): Promise<void>;
  keks(): Promise<readonly KekInfo[]>;
  kek(generation: number): Promise<Uint8Array | undefined>;
  /** Insert-if-absent, as `putEpochKey`. */
  putKek(generation: number, key: Uint8Array): Promise<void>;
  destroyKek(generation: number): Promise<void>;
  check(): Promise<readonly StoreProblem[]>;
}

export interface StoredEpochPublicKey {
  /** Day number the key seals for. */
  readonly epoch: number;
  /** First day number intake refuses it. */
  readonly expires: number;
  readonly publicKey: Uint8Array;
}

export interface KekInfo {
  /** The day it was made (days since 1970-01-01). */
  readonly generation: number;
}
