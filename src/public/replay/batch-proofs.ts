import { equalBytes } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import type { Sha256 } from '../../foundation/sha256.js';
import type { Ed25519Verify } from '../../foundation/verify-primitives.js';
import type { LogTrust } from '../../log/checkpoint.js';
import { type ExportReader, readTextFile } from '../export/export-reader.js';
import { batchProofPath } from '../export/layout.js';
import { replayFailed } from './replay-failed.js';
import { openProof } from './verify-proof.js';

/**
 * The proof of each batch's tally under the batch's own checkpoint. What such a checkpoint commits to must be the log as it was then: its
 * root is compared with that of the log read so far, so no consistency proof is asked for.
 */
export class BatchProofs {
  readonly #reader: ExportReader;
  readonly #trust: LogTrust;
  readonly #options: { readonly sha256: Sha256; readonly ed25519Verify: Ed25519Verify };
  /** Checkpoints whose size is not reached yet: one may cover several batches. */
  #waiting: { readonly size: number; readonly root: Uint8Array; readonly leaf: number }[] = [];

  constructor(reader: ExportReader, trust: LogTrust, options: { readonly sha256: Sha256; readonly ed25519Verify: Ed25519Verify }) {
    this.#reader = reader;
    this.#trust = trust;
    this.#options = options;
  }

  /** A batch whose tally is `record` at `leaf` has ended, and so far the log has this size and root. Throws `REPLAY_FAILED`. */
  async check(batch: number, leaf: number, record: Uint8Array, size: number, root: Uint8Array): Promise<void> {
    const text = await readTextFile(this.#reader, batchProofPath(batch));
    let checkpoint: { readonly size: number; readonly root: Uint8Array };
    try {
      const proof = openProof(text, this.#trust, record, this.#options);
      if (proof.index !== leaf) throw new RangeError('another leaf');
      checkpoint = proof.checkpoint;
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'WITNESSES_TOO_FEW') throw error;
      throw replayFailed('its proof is wrong', leaf);
    }
    this.#waiting.push({ size: checkpoint.size, root: checkpoint.root, leaf });
    this.#settle(size, root);
  }

  /** After the last batch. Throws `REPLAY_FAILED`. */
  finish(): void {
    const [left] = this.#waiting;
    if (left !== undefined) throw replayFailed('its checkpoint is wrong', left.leaf);
  }

  #settle(size: number, root: Uint8Array): void {
    for (const waiting of this.#waiting)
      if (waiting.size < size || (waiting.size === size && !equalBytes(waiting.root, root)))
        throw replayFailed('its checkpoint is wrong', waiting.leaf);
    this.#waiting = this.#waiting.filter((waiting) => waiting.size > size);
  }
}
