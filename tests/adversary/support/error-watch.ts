import { ERROR_CODES, RegistryError } from '../../../src/index.js';
import { all } from './build.js';
import { canariesIn, printed } from './hostile.js';

/** What a series of calls showed. Calls by their names. */
export interface Judged {
  readonly attempts: readonly string[];
  /** How many of them threw. */
  readonly thrown: number;
  /** Calls whose error, or one of whose answers, shows a canary. */
  readonly leaks: readonly string[];
  /** Calls whose error is neither coded nor, where that is allowed, the caller's bug. */
  readonly uncoded: readonly string[];
}

/** Makes calls, and looks at everything that their errors and listed answers show. */
export class ErrorWatch {
  readonly #judged = { attempts: [] as string[], thrown: 0, leaks: [] as string[], uncoded: [] as string[] };

  async attempt(call: string, work: () => unknown, mustBeCoded = false): Promise<void> {
    this.#judged.attempts.push(call);
    try {
      const result = await work();
      if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return;
      if ((await all(result as AsyncIterable<unknown>)).some((item) => canariesIn(printed(item)).length > 0)) this.#judged.leaks.push(call);
    } catch (error) {
      this.#judged.thrown++;
      if (canariesIn(printed(error)).length > 0) this.#judged.leaks.push(call);
      const coded = error instanceof RegistryError && ERROR_CODES.includes(error.code);
      const callersBug = error instanceof TypeError || error instanceof RangeError;
      if (!coded && (mustBeCoded || !callersBug))
        this.#judged.uncoded.push(`${call}: ${error instanceof Error ? error.constructor.name : typeof error}`);
    }
  }

  get judged(): Judged {
    return this.#judged;
  }
}
