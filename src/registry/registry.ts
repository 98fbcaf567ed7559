import type { EntryStatus, RecordStatus } from '../claims/reply.js';
import { RegistryError } from '../foundation/errors.js';
import type { Counts } from '../public/counts/counts.js';
import { countsFrom } from '../public/counts/counts.js';
import { type Entry, entryFromRow } from '../public/entry.js';
import type { ExportTarget } from '../public/export/export-target.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import type { SealedRecord } from '../sealed/record.js';
import type { ExtraFields } from '../submit/prepare-registration.js';
import type { GroupOptions } from '../submit/make-group.js';
import type { GroupMember, Registration } from '../submit/registration.js';
import { type EntryId, idToHex, type RecordId } from '../vocabulary/ids.js';
import type { Policy } from '../vocabulary/policy.js';
import { acceptSubmissions } from './accept.js';
import { changeEntry, type EntryChange, entryStatus } from './change-entry.js';
import type { RegistryContext } from './context.js';
import { eraseRecord, recordStatus } from './erase.js';
import { type ExportOptions, type ExportReport, exportRegister } from './export-register.js';
import { logVerifierKey } from './log-key.js';
import { lookUpClaim } from './look-up.js';
import { currentPublicKeys } from './epochs.js';
import { registerGroupOf, registerOne } from './register.js';
import { checkHealth, type Health } from './health.js';
import { maintainRegistry, type MaintenanceReport } from './maintain.js';
import { publishBatch, type PublishOptions, type PublishResult } from './publish.js';
import type { RegisterProgress } from './import-progress.js';
import { type RegistrationStream, registerStream, type RegisterManyOptions } from './register-many.js';
import { getSealedRecord } from './sealed-record.js';
import type { Sealer } from './sealer.js';
import { sortInbox, type SortResult } from './sort.js';
import type { GroupResult, Registered } from './store-made.js';

/**
 * A register of registrations: real names sealed, aliases and counts public. It holds public custody keys only and can open nothing.
 *
 * Every method may throw `STORE_*` errors of its stores (`retryable` says whether to try again) and `REGISTRY_CLOSED` after `close()`.
 * There is no hidden timer: the host calls `sort`, `publish` and `maintain`, each once a day or more often.
 *
 * Whoever seizes the machine: docs/threat-model.md, "What a seized component gives".
 */
export interface Registry {
  /** The rules it was created with. */
  readonly policy: Policy;
  /** What a device needs to seal by itself (`cryptonym/intake`): custody keys, categories, epoch keys. Public. */
  publicKeys(): Promise<PublicKeys>;
  /**
   * Checks, seals and stores one registration; see `makeSubmission` for the codes. `id` makes a retry safe: `REGISTRATION_DUPLICATE`. It is
   * kept as a keyed hash whose key is replaced weekly, so a retry is recognised for at least two days.
   */
  register(registration: Registration, options?: { readonly id?: string }): Promise<Registered>;
  /**
   * The people of one call, in one transaction; what they have in common is given once, as `shared`. Default `reject-all`: one bad member and
   * nothing is stored (`GROUP_INVALID`).
   */
  registerGroup(members: readonly GroupMember[], options?: GroupOptions): Promise<GroupResult>;
  /**
   * A stream, sealed on all cores; resumable with `source`. Rejected rows are reported by number and code. Lazy: it runs as you iterate.
   * Throws `IMPORT_MISMATCH`, `SEALER_FAILED`.
   */
  registerMany(registrations: RegistrationStream, options?: RegisterManyOptions): AsyncIterable<RegisterProgress>;
  /**
   * Takes what `./intake` made elsewhere. `SUBMISSION_INVALID`, `EPOCH_EXPIRED`, `EPOCH_UNKNOWN`; the same answer for new and repeated ones.
   * The bytes are not copied: leave them as they are until it has answered.
   */
  accept(submission: Uint8Array): Promise<void>;
  /** The same for many, in one transaction: all or none. */
  acceptMany(submissions: readonly Uint8Array[]): Promise<void>;
  /** Moves what waits into its worlds, as a mix; see `sortInbox`. */
  sort(): Promise<SortResult>;
  /** Sorts, then publishes the day's batch. */
  publish(options?: PublishOptions): Promise<PublishResult>;
  /** Exact counts of what is published. Read from counters: the same time at ten entries and at ten million. */
  counts(): Promise<Counts>;
  /** Published entries in register order. */
  entries(options?: { readonly from?: number; readonly limit?: number }): AsyncIterable<Entry>;
  /** The log over what is published (docs/spec/log.md): for verifiers, witnesses and the static export. */
  readonly log: LogView;
  readonly sealed: SealedView;
  /**
   * Takes a request of `./person`: 24 KiB like any other submission, with the same answer, nothing. It is done by the next sort; the reply is
   * found with `lookUp`. Codes as `accept`.
   */
  apply(signedRequest: Uint8Array): Promise<void>;
  /** The claim or reply row at 32 bytes: always 296 bytes, and the same for wrong, unknown and dummy ones. `CLAIM_THROTTLED` (retryable). */
  lookUp(locator: Uint8Array): Promise<Uint8Array>;
  /** For whoever knows an entry's id. Reads the public side only. Undefined: not known (yet). */
  entryStatus(entryId: EntryId): Promise<EntryStatus | undefined>;
  /** For whoever knows a record's id. Reads the sealed side only. Undefined: not known (yet). */
  recordStatus(recordId: RecordId): Promise<RecordStatus | undefined>;
  /**
   * A change by the registry, for a person without phrase who was called back (docs/operations.md). The leaf says "by the registry".
   * `ENTRY_UNKNOWN`, `CHANGE_REFUSED`, and the codes of text and name.
   */
  changeEntry(entryId: EntryId, change: EntryChange): Promise<{ readonly dueOn: string }>;
  /** Destroys a record for good; `finalOn` says when no backup has it either. `RECORD_UNKNOWN`; `STORE_BUSY`: call it again. */
  eraseRecord(recordId: RecordId): Promise<{ readonly finalOn: string }>;
  maintain(): Promise<MaintenanceReport>;
  health(): Promise<Health>;
  close(): Promise<void>;
}

export interface LogView {
  /** The log's public key, `<origin>+<id>+<base64>`: publish it where the register cannot change it. Makes the key if there is none. */
  verifierKey(): Promise<string>;
  /** The latest signed checkpoint; undefined before the first publication. */
  checkpoint(): Promise<string | undefined>;
  /** Writes the public side as static files; see `exportRegister`. A folder: `exportFolder` of `cryptonym/sqlite`. */
  export(target: ExportTarget, options?: ExportOptions): Promise<ExportReport>;
}

/** The sealed side as ciphertext. Opening it takes the custodians' shares and `cryptonym/custodian`. */
export interface SealedView {
  /** The record with its shred, or undefined if there is none or it was erased. `FORMAT_INVALID` for what is not an id. */
  get(recordId: RecordId): Promise<SealedRecord | undefined>;
  /** All record ids in id order: random, without any order of registration. */
  ids(): AsyncIterable<RecordId>;
  /** What could not be sorted, for `openQuarantined` of `./custodian`; `id` is made from its content. */
  quarantined(): AsyncIterable<{ readonly id: string; readonly sealed: Uint8Array }>;
}

/** The façade over a context. `sealer` is used by `registerMany` and closed with the registry. */
export function makeRegistry(context: RegistryContext, extra: ExtraFields, sealer: Sealer): Registry {
  let closed = false;
  const open = (): RegistryContext => {
    if (closed) throw new RegistryError('REGISTRY_CLOSED', 'this registry was closed');
    return context;
  };
  return {
    policy: context.settings.policy,
    publicKeys: async () => currentPublicKeys(open()),
    register: async (registration, options = {}) => registerOne(open(), registration, extra, options.id),
    registerGroup: async (members, options = {}) => registerGroupOf(open(), members, extra, options),
    registerMany: async function* (registrations, options = {}) {
      yield* registerStream(open(), registrations, sealer, options);
    },
    accept: async (submission) => acceptSubmissions(open(), [submission]),
    acceptMany: async (submissions) => acceptSubmissions(open(), submissions),
    sort: async () => sortInbox(open()),
    publish: async (options = {}) => publishBatch(open(), options),
    counts: async () => countsFrom(await open().stores.public.state(), context.settings.policy),
    entries: async function* (options = {}) {
      for await (const row of open().stores.public.entries(options)) yield entryFromRow(row);
    },
    log: {
      verifierKey: async () => logVerifierKey(open()),
      export: async (target, options = {}) => exportRegister(open(), target, options),
      checkpoint: async () => (await open().stores.public.lastCheckpoint())?.note,
    },
    sealed: {
      get: async (recordId) => getSealedRecord(open(), recordId),
      ids: async function* () {
        for await (const id of open().stores.vault.ids()) yield idToHex(id);
      },
      quarantined: async function* () {
        for await (const { id, sealed } of open().stores.inbox.quarantined()) yield { id: idToHex(id), sealed };
      },
    },
    apply: async (signedRequest) => acceptSubmissions(open(), [signedRequest]),
    lookUp: async (locator) => lookUpClaim(open(), locator),
    entryStatus: async (entryId) => entryStatus(open(), entryId),
    recordStatus: async (recordId) => recordStatus(open(), recordId),
    changeEntry: async (entryId, change) => changeEntry(open(), entryId, change),
    eraseRecord: async (recordId) => eraseRecord(open(), recordId),
    maintain: async () => maintainRegistry(open()),
    health: async () => checkHealth(open()),
    close: async () => {
      if (closed) return;
      closed = true;
      await sealer.close();
      await context.opener.close();
      await context.stores.close();
    },
  };
}
