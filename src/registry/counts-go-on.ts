import { RegistryError } from '../foundation/errors.js';
import { tallyFromCounters } from '../public/counts/counters.js';
import { decodeLeaf, type Leaf } from '../public/leaf.js';
import type { PublicState, PublicStore } from '../public/ports.js';
import { printTally } from '../public/replay/running-counts.js';

/** How many changes a batch is first taken to have; twice as many with each look. */
const CHANGES = 64;

/**
 * The counts from which the next batch goes on must be those with which the last one ended. A tally that says otherwise would be signed, and
 * the log refuted by every verifier from then on: one damaged number, and there is no way back.
 * Throws `STORE_INTEGRITY`.
 */
export async function assertCountsGoOn(store: Pick<PublicStore, 'leaves'>, state: PublicState): Promise<void> {
  const counted = printTally(tallyFromCounters(state.counters));
  const ended = state.lastBatch === undefined ? tallyFromCounters(new Map()) : await lastCounts(store, state);
  if (ended === undefined) throw integrity('the last batch has no tally');
  if (printTally(ended) !== counted) throw integrity('the counts are not those with which the last batch ended');
}

/** From the tally of the last batch: behind it lie its statements, whose number is known, and its changes, whose number is not. */
async function lastCounts(store: Pick<PublicStore, 'leaves'>, { logSize, lastBatch }: PublicState) {
  const ofLast = (leaf: Leaf): boolean => leaf.batch === lastBatch?.batch;
  for (let changes = 0; ; changes = Math.max(CHANGES, 2 * changes)) {
    const from = Math.max(0, logSize - 1 - (lastBatch?.statements ?? 0) - changes);
    for await (const { bytes } of store.leaves(from)) {
      const leaf = decodeLeaf(bytes);
      if (ofLast(leaf) && leaf.type === 'tally') return leaf.after;
      // Of the batch, but not its first: the tally lies further back.
      if (ofLast(leaf)) break;
    }
    if (from === 0) return undefined;
  }
}

function integrity(problem: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', problem);
}
