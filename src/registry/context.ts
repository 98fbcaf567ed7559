import type { Backend, CryptoOptions } from '../foundation/backend.js';
import type { Clock } from '../foundation/clock.js';
import type { Random } from '../foundation/random.js';
import type { Logger } from './logger.js';
import type { LookUpCounter } from './look-up-limits.js';
import type { Opener } from './opener.js';
import type { RegistrySettings } from './settings.js';
import type { Stores } from './stores.js';
import type { Witnesses } from './witness-gate.js';

/** What every operation of the registry works with. There is no other state than the stores'. */
export interface RegistryContext {
  readonly stores: Stores;
  readonly settings: RegistrySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly backend: Backend;
  readonly logger: Logger;
  /** Name of the log; undefined: what its key says. */
  readonly origin: string | undefined;
  /** Who must cosign a checkpoint before it is shown; undefined: nobody. */
  readonly witnesses: Witnesses | undefined;
  /** Sizes that witnesses cosigned last, by their keys: a hint in memory. */
  readonly cosigned: Map<string, number>;
  /** Opens what the sort takes. */
  readonly opener: Opener;
  /** How often claims were looked up, in memory. */
  readonly lookUps: LookUpCounter;
}

export function cryptoOptions(context: RegistryContext): CryptoOptions {
  return { backend: context.backend, random: context.random };
}
