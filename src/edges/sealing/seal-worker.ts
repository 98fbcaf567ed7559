/** A worker thread that seals: registrations in, 24 KiB each out. Holds public keys only; its memory goes with the thread. */
import { parentPort } from 'node:worker_threads';
import { nodeBackend } from '../../backends/node.js';
import { sealMany } from '../../intake.js';
import type { SealRequest } from './worker-sealer.js';

parentPort?.on('message', ({ jobs, publicKeys, now }: SealRequest) => {
  const outcomes = sealMany(jobs, publicKeys, { backend: nodeBackend, clock: { now: () => now } });
  parentPort?.postMessage(outcomes);
});
