/**
 * `cryptonym` — the registry. No database driver and no Node built-in is loaded until `openRegistry({ dir })` asks for one.
 */
import { type Injected, openStores, type OpenStoresOptions } from './registry/open-registry.js';
import type { Registry } from './registry/registry.js';
import type { CustodyPublicKeys } from './sealed/keys/public-keys.js';
import type { Policy } from './vocabulary/policy.js';

export type { ClaimRequest } from './claims/make-claim.js';
export type { ClaimStore } from './claims/ports.js';
export type { Backend } from './foundation/backend.js';
export type { Clock } from './foundation/clock.js';
export { ERROR_CODES, type ErrorCode, type ErrorDetails, RegistryError } from './foundation/errors.js';
export type { Random } from './foundation/random.js';
export { Secret } from './foundation/secret.js';
export type { Counts } from './public/counts/counts.js';
export type { Entry } from './public/entry.js';
export type { PublicStore } from './public/ports.js';
export type { AliasSuggestion } from './public/alias-pack.js';
export { suggestAliases } from './public/suggest-aliases.js';
export type { Health, HealthProblem } from './registry/health.js';
export type { RegisterProgress, RejectedRow } from './registry/import-progress.js';
export type { LogEvent, LogFields, Logger } from './registry/logger.js';
export type { LookUpLimits } from './registry/look-up-limits.js';
export type { MaintenanceReport } from './registry/maintain.js';
export type { Injected } from './registry/open-registry.js';
export type { EpochKeys, OpenJob, OpenOutcome } from './registry/open-many.js';
export type { Opener } from './registry/opener.js';
export type { EntryChange } from './registry/change-entry.js';
export type { PublishOptions, PublishResult } from './registry/publish.js';
export type { RegisterManyOptions } from './registry/register-many.js';
export type { ExportTarget } from './public/export/export-target.js';
export type { ExportOptions, ExportReport } from './registry/export-register.js';
export type { Witnesses } from './registry/witness-gate.js';
export type { WitnessConnection } from './log/witness-client.js';
export type { LogView, Registry, SealedView } from './registry/registry.js';
export type { Sealer } from './registry/sealer.js';
export type { SortResult } from './registry/sort.js';
export type { GroupResult, Registered } from './registry/store-made.js';
export type { SettingsStore, Stores } from './registry/stores.js';
export type { Contact } from './sealed/contact.js';
export type { Identity } from './sealed/identity.js';
export type { CustodyPublicKeys, PublicKeys } from './sealed/keys/public-keys.js';
export type { InboxStore, KeyStore, ShredStore, VaultStore } from './sealed/ports.js';
export type { SealedRecord } from './sealed/record.js';
export type { GroupOptions, RejectedMember } from './submit/make-group.js';
export type { ExtraFields } from './submit/prepare-registration.js';
export type { GroupMember, Registration, SharedFields, StatementInput } from './submit/registration.js';
export type { Category } from './vocabulary/categories.js';
export { makePolicy, type Policy, type PolicyPreset } from './vocabulary/policy.js';

/** The embedded default: SQLite in one directory. */
export interface OpenDirectoryOptions {
  /** Made if it does not exist (when `keys` and `policy` are given). */
  readonly dir: string;
  /** The custodians' public keys, from `createCustody`; needed the first time only. */
  readonly keys?: CustodyPublicKeys;
  /** Needed the first time only. */
  readonly policy?: Policy;
  /** Name of the public log, its address without the scheme; see `OpenStoresOptions`. */
  readonly origin?: string;
}

/**
 * Opens a registry: in a directory (SQLite, every role in this process), or over stores of your own.
 *
 * The first time, `keys` and `policy` create it. The custodians' shares never come near it: see `createCustody` in `cryptonym/custodian`.
 * Throws `REGISTRY_NOT_INITIALISED`, `KEYS_INVALID`, `POLICY_INVALID`, `SQLITE_DRIVER_MISSING`, `STORE_*`.
 */
export async function openRegistry(options: OpenDirectoryOptions | OpenStoresOptions, injected: Injected = {}): Promise<Registry> {
  // The messages say what is missing and quote nothing: a path may tell who keeps a registry.
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  if ('stores' in options) return openStores(options, injected);
  if (typeof options.dir !== 'string' || options.dir === '') throw new TypeError('dir must be a path');
  const { nodeBackend, openSqliteStores, workerOpener, workerSealer } = await import('./sqlite.js');
  const { dir, ...creation } = options;
  const stores = await openSqliteStores(dir, { create: options.keys !== undefined });
  // Worker threads have their own backend and randomness, so they stand aside where the host brings its own.
  const ownCrypto = injected.backend !== undefined || injected.random !== undefined;
  const defaults: Injected = {
    backend: nodeBackend,
    ...(ownCrypto || injected.extra !== undefined ? {} : { sealer: workerSealer() }),
    ...(ownCrypto ? {} : { opener: workerOpener() }),
  };
  try {
    return await openStores({ stores, ...creation }, { ...defaults, ...injected });
  } catch (error) {
    await stores.close();
    throw error;
  }
}
