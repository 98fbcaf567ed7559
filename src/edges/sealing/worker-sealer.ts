import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { nodeBackend } from '../../backends/node.js';
import { type PublicKeys, RegistryError, type SealJob, type SealOutcome, sealMany } from '../../intake.js';

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
 *
 * Callers take turns, so an answer belongs to the one request that is out. If a thread fails, all are ended before the next turn and the
 * caller gets `SEALER_FAILED` (retryable): nothing was stored.
 */
export function workerSealer(workers = Math.min(MOST_WORKERS, availableParallelism()), script: URL = WORKER): WorkerSealer {
  const built = existsSync(fileURLToPath(script));
  let pool: Worker[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  const end = async (): Promise<void> => {
    const ending = pool;
    pool = [];
    await Promise.all(ending.map((worker) => worker.terminate()));
  };

  const onThisThread = (jobs: readonly SealJob[], publicKeys: PublicKeys, now: number): readonly SealOutcome[] =>
    sealMany(jobs, publicKeys, { backend: nodeBackend, clock: { now: () => now } });

  const onWorkers = async (jobs: readonly SealJob[], publicKeys: PublicKeys, now: number): Promise<readonly SealOutcome[]> => {
    if (pool.length === 0) pool = Array.from({ length: workers }, () => new Worker(script));
    const share = Math.ceil(jobs.length / pool.length);
    const requests = pool.map((worker, i) => ask(worker, { jobs: jobs.slice(i * share, (i + 1) * share), publicKeys, now }));
    try {
      return (await Promise.all(requests)).flat();
    } catch (error) {
      await Promise.allSettled(requests);
      await end();
      throw error;
    }
  };

  return {
    seal: async (jobs, publicKeys, now) => {
      // A value that cannot be sent to a thread (a function, a getter) is no registration: the rules refuse it here, with a code.
      if (!built || workers < 2 || jobs.length < LEAST_JOBS || !canBeSent(jobs)) return onThisThread(jobs, publicKeys, now);
      const result = turn.then(() => onWorkers(jobs, publicKeys, now));
      turn = result.catch(() => undefined);
      return result;
    },
    close: end,
  };
}

function canBeSent(jobs: readonly SealJob[]): boolean {
  try {
    structuredClone(jobs);
    return true;
  } catch {
    return false;
  }
}

/** One request to one thread. Settles also when the thread dies or is ended. */
function ask(worker: Worker, request: SealRequest): Promise<readonly SealOutcome[]> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onFailure).off('exit', onFailure);
      worker.unref();
      finish();
    };
    const onMessage = (outcomes: readonly SealOutcome[]): void => settle(() => resolve(outcomes));
    // The thread's own error may quote what it was sealing, so it goes no further.
    const onFailure = (): void =>
      settle(() => reject(new RegistryError('SEALER_FAILED', 'a sealing thread ended; nothing was stored', { retryable: true })));
    worker.on('message', onMessage).on('error', onFailure).on('exit', onFailure);
    worker.ref();
    worker.postMessage(request);
  });
}
