import type { Backend } from '../foundation/backend.js';
import { equalBytes } from '../foundation/bytes.js';
import { type Clock, systemClock } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { nobleBackend } from '../foundation/noble-backend.js';
import { rememberKeys } from '../foundation/remembered-keys.js';
import { type Random, systemRandom } from '../foundation/random.js';
import type { CustodyPublicKeys } from '../sealed/keys/public-keys.js';
import type { ExtraFields } from '../submit/prepare-registration.js';
import type { Policy } from '../vocabulary/policy.js';
import type { RegistryContext } from './context.js';
import { ensureEpochKeys } from './epochs.js';
import { logSigner } from './log-key.js';
import { type Logger, silentLogger } from './logger.js';
import { LookUpCounter, type LookUpLimits } from './look-up-limits.js';
import { inlineOpener, type Opener } from './opener.js';
import { makeRegistry, type Registry } from './registry.js';
import { inlineSealer, type Sealer } from './sealer.js';
import { decodeSettings, encodeSettings, type RegistrySettings } from './settings.js';
import type { Stores } from './stores.js';
import type { Witnesses } from './witness-gate.js';

/** What a host may replace; everything has a safe default. */
export interface Injected {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly backend?: Backend;
  /** The service's own sealed fields, by its own zod schemas. */
  readonly extra?: ExtraFields;
  /** Seals for `registerMany`; default: on this thread. */
  readonly sealer?: Sealer;
  /** Opens for `sort`; default: on this thread. */
  readonly opener?: Opener;
  /** Who must cosign a checkpoint before it is shown. Without them whoever holds the log's key can show different histories to different readers. */
  readonly witnesses?: Witnesses;
  /** How often claims may be looked up: defaults 10 an hour for each locator, 600 a minute in all. */
  readonly lookUpLimits?: Partial<LookUpLimits>;
}

/** `keys` and `policy` create the registry on first use; later they may be left out, and must be the same if given. */
export interface OpenStoresOptions {
  readonly stores: Stores;
  /**
   * Name of the public log, e.g. `register.example.org`: its address without the scheme. Fixed when the registry is created; default: made from
   * the log's key. `LOG_KEY_INVALID` if the log has another name already.
   */
  readonly origin?: string;
  readonly keys?: CustodyPublicKeys;
  readonly policy?: Policy;
}

/**
 * Opens a registry over stores. Creates it if `keys` and `policy` are given and it is new.
 * Throws `REGISTRY_NOT_INITIALISED`, `KEYS_INVALID` (exists with other keys), `POLICY_INVALID`, `STORE_*`.
 */
export async function openStores(options: OpenStoresOptions, injected: Injected = {}): Promise<Registry> {
  const { settings, isNew } = await settingsOf(options);
  const parts = {
    clock: injected.clock ?? systemClock,
    random: injected.random ?? systemRandom,
    backend: rememberKeys(injected.backend ?? nobleBackend),
    logger: injected.logger ?? silentLogger,
  };
  const context: RegistryContext = {
    ...parts,
    stores: options.stores,
    settings,
    origin: options.origin,
    witnesses: injected.witnesses,
    cosigned: new Map(),
    opener: injected.opener ?? inlineOpener({ backend: parts.backend, random: parts.random }),
    lookUps: new LookUpCounter(injected.lookUpLimits ?? {}, parts),
  };
  if (isNew) await ensureEpochKeys(context);
  if (isNew || options.origin !== undefined) await logSigner(context);
  const extra = injected.extra ?? {};
  const sealer = injected.sealer ?? inlineSealer({ backend: context.backend, random: context.random, extra });
  return makeRegistry(context, extra, sealer);
}

async function settingsOf({ stores, keys, policy }: OpenStoresOptions): Promise<{ settings: RegistrySettings; isNew: boolean }> {
  const stored = await stores.settings.get();
  if (stored !== undefined) return { settings: assertSame(decodeSettings(stored), keys, policy), isNew: false };
  if (keys === undefined || policy === undefined) {
    throw new RegistryError(
      'REGISTRY_NOT_INITIALISED',
      'no registry here yet: give the custodians’ public keys and a policy, or run `cryptonym init`',
    );
  }
  const settings = { custody: keys, policy };
  await stores.settings.put(encodeSettings(settings));
  return { settings, isNew: true };
}

function assertSame(settings: RegistrySettings, keys: CustodyPublicKeys | undefined, policy: Policy | undefined): RegistrySettings {
  const { vault, link, quarantine } = settings.custody;
  if (keys !== undefined && !(equalBytes(keys.vault, vault) && equalBytes(keys.link, link) && equalBytes(keys.quarantine, quarantine))) {
    throw new RegistryError('KEYS_INVALID', 'the registry exists with other custody keys');
  }
  if (policy !== undefined && !equalBytes(encodeSettings({ ...settings, policy }), encodeSettings(settings))) {
    throw new RegistryError('POLICY_INVALID', 'the registry exists with another policy; leave the policy out to open it');
  }
  return settings;
}
