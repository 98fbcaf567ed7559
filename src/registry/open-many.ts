import type { CryptoOptions } from '../foundation/backend.js';
import { wipe } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { decodeHybridPrivateKey, type PreparedHybridKey, prepareHybridKey } from '../foundation/hybrid-kem-open.js';
import { checkInside, type InsideRules, insideRules, type OpenedRequest, type OpenedSubmission, openOuter } from './open-submission.js';
import type { RegistrySettings } from './settings.js';

/** A submission and the day of the epoch key it says it is sealed to. */
export interface OpenJob {
  readonly epoch: number;
  readonly submission: Uint8Array;
}

/** Private epoch keys, 96 bytes each, by epoch. They open what waits in the inbox: whoever is given them wipes his copies. */
export type EpochKeys = ReadonlyMap<number, Uint8Array>;

/** What opening one gave; `gone` where there is no key for its epoch. Plain data, so that it survives the way out of a thread. */
export type OpenOutcome = OpenedSubmission | OpenedRequest | 'failed' | 'gone';

/** Opens the outer layers, expanding each epoch key once; results in the order of the jobs. Keeps nothing of the keys. */
export function openMany(
  jobs: readonly OpenJob[],
  keys: EpochKeys,
  settings: RegistrySettings,
  options: CryptoOptions,
): readonly OpenOutcome[] {
  const prepared = new Map<number, PreparedHybridKey>();
  try {
    for (const [epoch, bytes] of keys) prepared.set(epoch, prepare(bytes, options));
    const rules = insideRules(settings);
    return jobs.map(({ epoch, submission }) => openOne(submission, prepared.get(epoch), { settings, rules, options }));
  } finally {
    for (const key of prepared.values()) key.wipe();
  }
}

function prepare(bytes: Uint8Array, options: CryptoOptions): PreparedHybridKey {
  const key = decodeHybridPrivateKey(bytes);
  try {
    return prepareHybridKey(key, options);
  } finally {
    wipe(key.scalar, key.seed);
  }
}

interface OpenRules {
  readonly settings: RegistrySettings;
  readonly rules: InsideRules;
  readonly options: CryptoOptions;
}

function openOne(submission: Uint8Array, key: PreparedHybridKey | undefined, { settings, rules, options }: OpenRules): OpenOutcome {
  if (key === undefined) return 'gone';
  try {
    return checkInside(openOuter(submission, key, options), settings, options, rules);
  } catch (error) {
    if (error instanceof RegistryError) return 'failed';
    throw error;
  }
}
