import { nodeBackend } from '../../backends/node.js';
import { RegistryError } from '../../foundation/errors.js';
import { type EpochKeys, type OpenJob, openMany, type OpenOutcome } from '../../registry/open-many.js';
import type { RegistrySettings } from '../../registry/settings.js';
import { sharesOf, WorkerPool } from '../threads/worker-pool.js';

/** What a worker is sent. The keys open what waits in the inbox; the worker wipes its copies before it answers. */
export interface OpenRequest {
  readonly jobs: readonly OpenJob[];
  readonly keys: EpochKeys;
  readonly settings: RegistrySettings;
}

export interface WorkerOpener {
  open(jobs: readonly OpenJob[], keys: EpochKeys, settings: RegistrySettings): Promise<readonly OpenOutcome[]>;
  close(): Promise<void>;
}

/** Below this, sending to a thread costs more than it saves; */
const LEAST_JOBS = 64;
/** and below this, starting one does: it has to load and warm up the same code first. */
const LEAST_JOBS_TO_START = 512;
/** Most in one message: the first thread starts when so many are copied, and none waits long for the other. Each message prepares its keys anew. */
const SHARE = 128;
const WORKER = new URL('./open-worker.js', import.meta.url);

/**
 * Opens the outer layers on all cores, one worker thread each, started when a batch is large enough to be worth it (with `workers`: when there
 * are 64). Small batches, and source checkouts without the built worker, are opened on this thread.
 *
 * A thread holds what this thread holds anyway: epoch keys, and the insides of the submissions of one chunk. Its copy of the keys is wiped,
 * but what the runtime copied on the way is not; it goes with the process. If a thread fails the caller gets `SEALER_FAILED` (retryable):
 * nothing was stored or drained.
 */
export function workerOpener(workers?: number, script: URL = WORKER): WorkerOpener {
  const failed = (): RegistryError =>
    new RegistryError('SEALER_FAILED', 'an opening thread ended; nothing was stored', { retryable: true });
  const pool = new WorkerPool<OpenRequest, readonly OpenOutcome[]>({ script, failed, ...(workers === undefined ? {} : { workers }) });
  return {
    open: async (jobs, keys, settings) => {
      const least = pool.running || workers !== undefined ? LEAST_JOBS : LEAST_JOBS_TO_START;
      if (pool.size < 2 || jobs.length < least) return openMany(jobs, keys, settings, { backend: nodeBackend });
      // Only what opening needs leaves this thread.
      const bare = jobs.map(({ epoch, submission }) => ({ epoch, submission }));
      return (await pool.ask(sharesOf(bare, pool.size, SHARE).map((share) => ({ jobs: share, keys, settings })))).flat();
    },
    close: () => pool.close(),
  };
}
