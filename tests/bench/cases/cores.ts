import { WorkerPool } from '../../../src/edges/threads/worker-pool.js';
import { must } from '../harness.js';
import type { BenchCase } from '../support/bench-case.js';
import { decapsulateRaw } from '../support/primitives.js';

const WORKER = new URL('./raw-worker.js', import.meta.url);

/**
 * What a second core is worth here and now: the same raw decapsulations on two threads and on one, with nothing stored. 0.50 is a whole core,
 * 1.00 is none. `sort` opens on all cores and is divided by raw work on one, so no figure of it can be read without this one.
 */
export function coresCase(decapsulations: number): BenchCase {
  return {
    name: `cores.${decapsulations}{node}`,
    build: async (workshop) => {
      const threads = new WorkerPool<number, number>({
        script: WORKER,
        workers: 2,
        failed: () => new Error('a thread of the bench ended'),
      });
      workshop.onClose(() => threads.close());
      const decapsulate = decapsulateRaw();
      let done = 0;
      return {
        measure: 'wall',
        against: 'as many on one thread: 0.50 where the second core is whole, 1.00 where it is worth nothing',
        unit: 'decapsulation',
        times: decapsulations,
        candidate: {
          run: async (times) => {
            const half = Math.floor(times / 2);
            done = (await threads.ask([half, times - half])).reduce((sum, some) => sum + some, 0);
          },
          check: (times) => must(done === times, 'a thread did less than it was asked to'),
        },
        baseline: {
          run: (times) => {
            for (let i = 0; i < times; i++) decapsulate();
          },
        },
      };
    },
  };
}
