/** A worker thread that decapsulates as often as it is asked to, and nothing else. */
import { parentPort } from 'node:worker_threads';
import { decapsulateRaw } from './primitives.js';

const decapsulate = decapsulateRaw();
parentPort?.on('message', (times: number) => {
  for (let i = 0; i < times; i++) decapsulate();
  parentPort?.postMessage(times);
});
