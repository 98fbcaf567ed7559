import { RegistryError } from '../../foundation/errors.js';

/** The log or its export disagrees with itself; `leaf` is the log index of the first leaf that does, where one can be named. */
export function replayFailed(problem: string, leaf?: number): RegistryError {
  return leaf === undefined
    ? new RegistryError('REPLAY_FAILED', problem)
    : new RegistryError('REPLAY_FAILED', `leaf ${leaf}: ${problem}`, { leaf });
}
