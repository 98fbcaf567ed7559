import { equalBytes } from '../../foundation/bytes.js';
import type { RegistryError } from '../../foundation/errors.js';
import type { LogTrust } from '../../log/checkpoint.js';
import { type ExportReader, readTextFile } from '../export/export-reader.js';
import { batchProofPath } from '../export/layout.js';
import { replayFailed } from './replay-failed.js';
import { openProof, type VerifyOptions } from './verify-proof.js';

/**
 * The proof of each batch's tally under the batch's own checkpoint. What such a checkpoint commits to must be the log as it was then: its
 * root is compared with that of the log read so far, so no consistency proof is asked for, and no witness either: those of the latest
 * checkpoint have seen it all.
 */
export interface BatchProofs {
  /** A batch whose tally is `record` at `leaf` has ended, and so far the log has this size and root. Throws `REPLAY_FAILED`. */
  check(batch: number, leaf: number, record: Uint8Array, size: number, root: Uint8Array): Promise<void>;
  /** After the last batch. Throws `REPLAY_FAILED`. */
  finish(): void;
}

export function batchProofs(reader: ExportReader, { key }: LogTrust, options: VerifyOptions): BatchProofs {
  /** Checkpoints whose size is not reached yet: one may cover several batches. */
  let waiting: { readonly size: number; readonly root: Uint8Array; readonly leaf: number }[] = [];
  return {
    async check(batch, leaf, record, size, root) {
      const isWrong = replayFailed('its proof is wrong', leaf);
      const text = await readTextFile(reader, batchProofPath(batch));
      try {
        const { index, checkpoint } = openProof(text, { key }, record, options);
        if (index !== leaf) throw isWrong;
        waiting.push({ ...checkpoint, leaf });
      } catch {
        throw isWrong;
      }
      for (const one of waiting)
        if (one.size < size || (one.size === size && !equalBytes(one.root, root))) throw checkpointIsWrong(one.leaf);
      waiting = waiting.filter((one) => one.size > size);
    },
    finish() {
      if (waiting[0]) throw checkpointIsWrong(waiting[0].leaf);
    },
  };
}

function checkpointIsWrong(leaf: number): RegistryError {
  return replayFailed('its checkpoint is wrong', leaf);
}
