/** A worker thread that opens outer layers for the sort: submissions in, sealed records and public statements out. Its memory goes with it. */
import { parentPort } from 'node:worker_threads';
import { nodeBackend } from '../../backends/node.js';
import { wipe } from '../../foundation/bytes.js';
import { openMany, type OpenOutcome } from '../../registry/open-many.js';
import type { OpenRequest } from './worker-opener.js';

parentPort?.on('message', ({ jobs, keys, settings }: OpenRequest) => {
  try {
    const outcomes = openMany(jobs, keys, settings, { backend: nodeBackend });
    parentPort?.postMessage(outcomes, outcomes.flatMap(ownBytes));
  } finally {
    for (const key of keys.values()) wipe(key);
  }
});

/** The inside, 24 KiB of each, and with it the windows on it: handed over and not copied, which is faster and leaves none here. */
function ownBytes(outcome: OpenOutcome): ArrayBuffer[] {
  if (typeof outcome !== 'object') return [];
  const { buffer, byteLength } = outcome.padded;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
