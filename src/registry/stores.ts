import type { ClaimStore } from '../claims/ports.js';
import type { LogKeyStore } from '../log/ports.js';
import type { PublicStore } from '../public/ports.js';
import type { InboxStore, KeyStore, ShredStore, VaultStore } from '../sealed/ports.js';

/**
 * Everything a running registry keeps, one store per world and purpose. No two of them share a connection, a transaction or a file:
 * whatever joined them would be the table that links a person to an entry.
 *
 * Every method rejects with a `RegistryError` only (`STORE_FAILED`, `STORE_BUSY`, `STORE_INTEGRITY`, `REGISTRY_CLOSED`), or with
 * `TypeError`/`RangeError` for a caller's bug. `STORE_BUSY` is retryable: the same call again is safe, because every write is
 * insert-if-absent, delete-if-present or compare-and-set. `STORE_FAILED` is retryable only where the disk is full.
 */
export interface Stores {
  readonly inbox: InboxStore;
  readonly vault: VaultStore;
  readonly shred: ShredStore;
  readonly keys: KeyStore;
  readonly public: PublicStore;
  readonly claims: ClaimStore;
  readonly log: LogKeyStore;
  readonly settings: SettingsStore;
  /**
   * Removes what a write could not because a reader was in the way (a write-ahead log that was not truncated holds removed rows).
   * Nothing to do: returns at once. Still in the way: throws `STORE_BUSY`. The registry calls it before it sorts, publishes and maintains.
   */
  tidy(): Promise<void>;
  /** Closes all of them; closing twice is fine. Later calls to stores with files reject with `REGISTRY_CLOSED`. */
  close(): Promise<void>;
}

/** The registry's settings, canonical JSON: policy and public custody keys. Nothing secret, written once. */
export interface SettingsStore {
  get(): Promise<Uint8Array | undefined>;
  /** Insert once. Throws `REGISTRY_EXISTS` if settings are there already, and changes nothing then. */
  put(bytes: Uint8Array): Promise<void>;
}
