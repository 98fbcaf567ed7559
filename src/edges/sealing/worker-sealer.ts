import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { nodeBackend } from '../../backends/node.js';
import { type PublicKeys, sealMany, type SealJob, type SealOutcome } from '../../intake.js';

/** What a worker is sent. */
export interface SealRequest {
  readonly jobs: readonly SealJob[];
  readonly publicKeys: PublicKeys;
  readonly now: number;
}

export interface WorkerSealer {
  seal(jobs: readonly SealJob[], publicKeys: PublicKeys, now: number): Promise<readonly SealOutcome[]>;
  close(): Promise<void>;
}

/** Below this a thread costs more than it saves. */
const LEAST_JOBS = 16;
const MOST_WORKERS = 8;
const WORKER = new URL('./seal-worker.js', import.meta.url);

/**
 * Seals on all cores, one worker thread each, started when first needed. Small batches, and source checkouts without the built worker, are
 * sealed on this thread. Sealing is bound by curve and lattice arithmetic, so two cores give nearly twice the rate.
 */
export function workerSealer(workers = Math.min(MOST_WORKERS, availableParallelism())): WorkerSealer {
  let pool: Worker[] | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const built = existsSync(fileURLToPath(WORKER));

  const sealOnWorkers = async (jobs: readonly SealJob[], publicKeys: PublicKeys, now: number): Promise<readonly SealOutcome[]> => {
    pool ??= Array.from({ length: workers }, () => new Worker(WORKER));
    const threads = pool;
    const share = Math.ceil(jobs.length / threads.length);
    const parts = await Promise.all(
      threads.map((worker, i) => ask(worker, { jobs: jobs.slice(i * share, (i + 1) * share), publicKeys, now })),
    );
    return parts.flat();
  };

  return {
    seal: async (jobs, publicKeys, now) => {
      if (!built || workers < 2 || jobs.length < LEAST_JOBS) {
        return sealMany(jobs, publicKeys, { backend: nodeBackend, clock: { now: () => now } });
      }
      // A worker answers one request at a time, so callers take turns.
      const result = turn.then(() => sealOnWorkers(jobs, publicKeys, now));
      turn = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      await Promise.all((pool ?? []).map((worker) => worker.terminate()));
      pool = undefined;
    },
  };
}

function ask(worker: Worker, request: SealRequest): Promise<readonly SealOutcome[]> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      finish();
    };
    const onMessage = (outcomes: readonly SealOutcome[]): void => settle(() => resolve(outcomes));
    const onError = (error: unknown): void => settle(() => reject(error));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(request);
  });
}
