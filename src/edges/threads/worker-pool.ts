import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const MOST_WORKERS = 8;
/** `threadId` of a thread that has ended. */
const GONE = -1;

export interface PoolOptions {
  /** The built worker. */
  readonly script: URL;
  /** Default: one for each core, at most 8. */
  readonly workers?: number;
  /** What a caller gets when a thread ended or failed. The thread's own error may quote what it worked on, so it goes no further. */
  readonly failed: () => Error;
}

/**
 * Worker threads, started when first needed. Each takes the next request when it has answered one, so a slow one holds nobody up.
 *
 * Callers take turns, so an answer belongs to the one request that its thread has. If a thread fails, all are ended before the next turn and the
 * caller gets the error; a late answer of an ended thread reaches nobody.
 */
export class WorkerPool<Request, Answer> {
  /** How many threads work at once; fewer than two are not worth asking. */
  readonly size: number;
  readonly #options: PoolOptions;
  #pool: Worker[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PoolOptions) {
    this.#options = options;
    const workers = options.workers ?? Math.min(MOST_WORKERS, availableParallelism());
    // A source checkout has no built worker.
    this.size = existsSync(fileURLToPath(options.script)) ? workers : 0;
  }

  /** True once threads were started: from then on asking them costs no more than sending. */
  get running(): boolean {
    return this.#pool.length > 0;
  }

  /** Any number of requests; answers in their order. */
  ask(requests: readonly Request[]): Promise<readonly Answer[]> {
    const result = this.#turn.then(() => this.#askAll(requests));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the threads; who waits for one gets the error. */
  async close(): Promise<void> {
    const ending = this.#pool;
    this.#pool = [];
    await Promise.all(ending.map((worker) => worker.terminate()));
  }

  async #askAll(requests: readonly Request[]): Promise<readonly Answer[]> {
    const threads = Math.min(this.size, requests.length);
    while (this.#pool.length < threads) this.#pool.push(new Worker(this.#options.script));
    const answers: Answer[] = [];
    const left = [...requests.entries()];
    const running = this.#pool.slice(0, threads).map(async (worker) => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) answers[next[0]] = await this.#askOne(worker, next[1]);
    });
    try {
      await Promise.all(running);
      return answers;
    } catch (error) {
      left.length = 0;
      await Promise.allSettled(running);
      await this.close();
      throw error;
    }
  }

  /** Settles also when the thread dies or is ended. */
  #askOne(worker: Worker, request: Request): Promise<Answer> {
    // Gone while nobody asked it anything: it would never say so again.
    if (worker.threadId === GONE) return Promise.reject(this.#options.failed());
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        worker.off('message', onMessage).off('messageerror', onFailure).off('error', onFailure).off('exit', onFailure);
        worker.unref();
        finish();
      };
      const onMessage = (answer: Answer): void => settle(() => resolve(answer));
      const onFailure = (): void => settle(() => reject(this.#options.failed()));
      worker.on('message', onMessage).on('messageerror', onFailure).on('error', onFailure).on('exit', onFailure);
      worker.ref();
      worker.postMessage(request);
    });
  }
}

/** Equal shares in order: as many for each of `threads` as make none larger than `most`. None is empty. */
export function sharesOf<T>(items: readonly T[], threads: number, most = Number.POSITIVE_INFINITY): readonly (readonly T[])[] {
  const turns = Math.ceil(items.length / threads / most) || 1;
  const size = Math.ceil(items.length / threads / turns);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
