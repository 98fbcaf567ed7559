import type { StoredTile } from '../log/append.js';
import type { SignedCheckpoint } from '../log/ports.js';

/** The public store's part for the tree over its leaves. All of it is published. */
export interface PublicLogStore {
  /** The hashes of a tile so far (1 to 256, 32 bytes each), or undefined. */
  tile(level: number, index: number): Promise<Uint8Array | undefined>;
  /**
   * Gives leaves their place in the tree that were stored without one: registers of the first releases had none. In one transaction; throws
   * `STORE_BUSY`, with nothing changed, if the tree does not cover `from` leaves.
   */
  growTree(from: number, tiles: readonly StoredTile[]): Promise<void>;
  /** Insert-if-absent by size. */
  addCheckpoint(checkpoint: SignedCheckpoint): Promise<void>;
  /** Compare-and-swap of a note of the same size: cosignatures came to it. Throws `STORE_BUSY` if `was` is not what is stored. */
  replaceCheckpoint(was: SignedCheckpoint, note: string): Promise<void>;
  /** The one with the greatest size. */
  lastCheckpoint(): Promise<SignedCheckpoint | undefined>;
  /** The first one that covers at least `size` leaves: the checkpoint of the batch that ends there. */
  checkpointFor(size: number): Promise<SignedCheckpoint | undefined>;
}
