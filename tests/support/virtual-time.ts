import type { Clock } from '../../src/foundation/clock.js';

export interface VirtualTime extends Clock {
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Waits that were begun and neither ended nor given up. */
  readonly waiting: number;
}

/**
 * Time that passes only when everybody waits: once all other work has come to rest, the clock jumps to the next wait that ends.
 * Work must then be in promises alone, not in timers or sockets.
 */
export function virtualTime(start: number): VirtualTime {
  let now = start;
  let scheduled = false;
  const waits = new Set<{ readonly at: number; done(): void }>();

  function schedule(): void {
    if (scheduled || waits.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const [next] = [...waits].sort((a, b) => a.at - b.at);
      if (next === undefined) return;
      now = Math.max(now, next.at);
      next.done();
      schedule();
    });
  }

  return {
    now: () => now,
    get waiting() {
      return waits.size;
    },
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wait = {
          at: now + milliseconds,
          done(): void {
            waits.delete(wait);
            signal?.removeEventListener('abort', wait.done);
            resolve();
          },
        };
        if (signal?.aborted === true) return resolve();
        waits.add(wait);
        signal?.addEventListener('abort', wait.done, { once: true });
        schedule();
      }),
  };
}
