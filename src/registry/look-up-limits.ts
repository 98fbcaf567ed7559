import type { Backend } from '../foundation/backend.js';
import { toHex } from '../foundation/bytes.js';
import type { Clock } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { drawBytes, type Random } from '../foundation/random.js';

/** How often claims may be looked up. Known and unknown locators count alike. */
export interface LookUpLimits {
  /** Default 10: a person mistypes a PIN a few times; whoever tries PINs of a phrase he found gets no further. */
  readonly perLocatorPerHour: number;
  /** For everybody together; default 600. */
  readonly perMinute: number;
}

const DEFAULTS: LookUpLimits = { perLocatorPerHour: 10, perMinute: 600 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Locators remembered per hour: what the default allows in an hour, so memory stays below some ten MiB whatever the limits. */
const MOST_LOCATORS = 36_000;

/**
 * Counts look-ups in memory only: a stored list of them would be a list of who came back. Locators are kept as keyed hashes under a key of
 * this process, and for two hours at most. After a restart it counts from nothing.
 */
export class LookUpCounter {
  readonly #limits: LookUpLimits;
  readonly #clock: Clock;
  readonly #backend: Backend;
  readonly #random: Random;
  #key: Uint8Array | undefined;
  #hour = 0;
  #thisHour = new Map<string, number>();
  #lastHour = new Map<string, number>();
  #minute = 0;
  #inThisMinute = 0;

  /** Throws RangeError for limits that are no whole numbers of at least 1. */
  constructor(limits: Partial<LookUpLimits>, parts: { readonly clock: Clock; readonly backend: Backend; readonly random: Random }) {
    this.#limits = { ...DEFAULTS, ...limits };
    for (const limit of Object.values(this.#limits))
      if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('a limit of look-ups is a whole number of at least 1');
    this.#clock = parts.clock;
    this.#backend = parts.backend;
    this.#random = parts.random;
  }

  /** For tests and reports of memory: how many locators are remembered. */
  get remembered(): number {
    return this.#thisHour.size + this.#lastHour.size;
  }

  /**
   * Counts one look-up, or throws `CLAIM_THROTTLED` (retryable) and counts nothing. The hours are those of the clock; so that no hour, wherever
   * it begins, has more than its limit, the last one counts too.
   */
  admit(locator: Uint8Array): void {
    this.#turn();
    this.#key ??= drawBytes(this.#random, 32);
    const name = toHex(this.#backend.hmacSha256(this.#key, locator).subarray(0, 16));
    const before = this.#thisHour.get(name) ?? 0;
    const mine = before + (this.#lastHour.get(name) ?? 0);
    const full = before === 0 && this.#thisHour.size >= MOST_LOCATORS;
    if (mine >= this.#limits.perLocatorPerHour || this.#inThisMinute >= this.#limits.perMinute || full)
      throw new RegistryError('CLAIM_THROTTLED', 'too many look-ups; try again later', { retryable: true });
    this.#thisHour.set(name, before + 1);
    this.#inThisMinute++;
  }

  #turn(): void {
    const now = this.#clock.now();
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) [this.#minute, this.#inThisMinute] = [minute, 0];
    const hour = Math.floor(now / HOUR);
    if (hour === this.#hour) return;
    this.#lastHour = hour === this.#hour + 1 ? this.#thisHour : new Map();
    this.#thisHour = new Map();
    this.#hour = hour;
  }
}
