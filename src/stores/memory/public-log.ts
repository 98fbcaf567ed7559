import { RegistryError } from '../../foundation/errors.js';
import type { StoredTile } from '../../log/append.js';
import type { SignedCheckpoint } from '../../log/ports.js';

/** The tree over the leaves and what was signed of it, for the public store in memory. */
export class PublicLog {
  readonly #tiles = new Map<string, Uint8Array>();
  readonly #notes = new Map<number, string>();
  #treeSize = 0;

  get treeSize(): number {
    return this.#treeSize;
  }

  tile(level: number, index: number): Uint8Array | undefined {
    const hashes = this.#tiles.get(`${level}/${index}`);
    return hashes && Uint8Array.from(hashes);
  }

  put(tiles: readonly StoredTile[]): void {
    for (const { level, index, hashes } of tiles) {
      this.#tiles.set(`${level}/${index}`, Uint8Array.from(hashes));
      if (level === 0) this.#treeSize = Math.max(this.#treeSize, index * 256 + hashes.length / 32);
    }
  }

  add({ size, note }: SignedCheckpoint): void {
    if (!this.#notes.has(size)) this.#notes.set(size, note);
  }

  replace(was: SignedCheckpoint, note: string): void {
    if (this.#notes.get(was.size) !== was.note)
      throw new RegistryError('STORE_BUSY', 'another process has changed this checkpoint meanwhile; read it again', { retryable: true });
    this.#notes.set(was.size, note);
  }

  /** Ascending. */
  checkpoints(): readonly SignedCheckpoint[] {
    return [...this.#notes].map(([size, note]) => ({ size, note })).sort((a, b) => a.size - b.size);
  }
}
