import { nodeBackend } from '../../backends/node.js';
import { type PublicKeys, RegistryError, type SealJob, type SealOutcome, sealMany } from '../../intake.js';
import { sharesOf, WorkerPool } from '../threads/worker-pool.js';

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
const WORKER = new URL('./seal-worker.js', import.meta.url);

/**
 * Seals on all cores, one worker thread each, started when first needed. Small batches, and source checkouts without the built worker, are
 * sealed on this thread. Sealing is bound by curve and lattice arithmetic, so two cores give nearly twice the rate.
 *
 * If a thread fails the caller gets `SEALER_FAILED` (retryable): nothing was stored.
 */
export function workerSealer(workers?: number, script: URL = WORKER): WorkerSealer {
  const failed = (): RegistryError => new RegistryError('SEALER_FAILED', 'a sealing thread ended; nothing was stored', { retryable: true });
  const pool = new WorkerPool<SealRequest, readonly SealOutcome[]>({ script, failed, ...(workers === undefined ? {} : { workers }) });
  return {
    seal: async (jobs, publicKeys, now) => {
      // A value that cannot be sent to a thread (a function, a getter) is no registration: the rules refuse it here, with a code.
      if (pool.size < 2 || jobs.length < LEAST_JOBS || !canBeSent(jobs)) {
        return sealMany(jobs, publicKeys, { backend: nodeBackend, clock: { now: () => now } });
      }
      return (await pool.ask(sharesOf(jobs, pool.size).map((share) => ({ jobs: share, publicKeys, now })))).flat();
    },
    close: () => pool.close(),
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
