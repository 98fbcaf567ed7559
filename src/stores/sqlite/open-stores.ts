import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RegistryError } from '../../foundation/errors.js';
import type { Stores } from '../../registry/stores.js';
import { OpenState } from '../open-state.js';
import { assertWhole } from '../sorted-rows.js';
import { CLAIMS_SCHEMA, SqliteClaimStore } from './claims.js';
import type { SqliteDatabase } from './database.js';
import type { SqliteDriverName } from './driver.js';
import { loadSqliteDriver } from './load-driver.js';
import { INBOX_SCHEMA, SqliteInboxStore } from './inbox.js';
import { walSize } from './file-checks.js';
import { KeyFiles } from './key-files.js';
import { clearLeftovers } from './leftover-keys.js';
import { LogKeyFiles } from './log-key-files.js';
import { openDatabase, type StoreSchema } from './open-database.js';
import { makePrivateDirectory } from './private-directories.js';
import { SqlitePublicStore } from './public.js';
import { PUBLIC_SCHEMA } from './public-schema.js';
import { SettingsFile } from './settings-file.js';
import { SHRED_SCHEMA, SqliteShredStore } from './shred.js';
import { guarded, storeError, storeIntegrity } from './store-errors.js';
import { SqliteVaultStore, VAULT_SCHEMA } from './vault.js';

export interface SqliteStoresOptions {
  /** Make what is missing; default false. */
  readonly create?: boolean;
  /** Default: by feature, `node:sqlite` first. */
  readonly driver?: SqliteDriverName;
  /** Milliseconds to wait for another process before `STORE_BUSY`; default 5000. */
  readonly busyTimeout?: number;
}

/** One file per store; no connection ever sees two of them. */
const FILES = {
  inbox: ['sealed', 'inbox.db', INBOX_SCHEMA],
  vault: ['sealed', 'vault.db', VAULT_SCHEMA],
  shred: ['shred', 'shred.db', SHRED_SCHEMA],
  public: ['public', 'public.db', PUBLIC_SCHEMA],
  claims: ['claims', 'claims.db', CLAIMS_SCHEMA],
} as const satisfies Record<string, readonly [directory: string, file: string, schema: StoreSchema]>;

type FileName = keyof typeof FILES;
const NAMES = Object.keys(FILES) as readonly FileName[];

/**
 * Opens a registry's stores under `dir`: `sealed/{inbox,vault}.db`, `shred/shred.db`, `public/public.db`, `claims/claims.db`,
 * `keys/{registry.json, epochs/<day>/{private.key, public.json}, kek/<day>.key, log/{key, after-<size>.checkpoint}}`, directories 0700 and files 0600 whatever the umask.
 *
 * With `create` it makes what is missing, and may be repeated after a crash. A registry that has its settings but lacks a store file is
 * never completed with an empty one: that would hide a loss.
 *
 * Throws `REGISTRY_NOT_INITIALISED` (nothing there and not `create`), `STORE_INTEGRITY` (a file is missing, damaged or of another store),
 * `STORE_VERSION_UNKNOWN`, `SQLITE_DRIVER_MISSING`, `STORE_BUSY`, `STORE_FAILED`.
 */
export async function openSqliteStores(dir: string, options: SqliteStoresOptions = {}): Promise<Stores> {
  const { create = false, busyTimeout = 5000 } = options;
  assertWhole(busyTimeout, 'busyTimeout');
  const settingsPath = join(dir, 'keys', 'registry.json');
  assertPresent(dir, settingsPath, create);
  const driver = await loadSqliteDriver(options.driver);
  const epochs = join(dir, 'keys', 'epochs');
  const keks = join(dir, 'keys', 'kek');
  const logKey = join(dir, 'keys', 'log');
  if (create) for (const path of [dir, ...NAMES.map((name) => join(dir, FILES[name][0]))]) makePrivateDirectory(path);
  // Always: a restored backup rightly has neither epoch keys nor KEKs.
  for (const path of [join(dir, 'keys'), epochs, keks, logKey]) makePrivateDirectory(path);

  const opened: SqliteDatabase[] = [];
  const close = (): void => {
    for (const database of opened) database.close();
  };
  const open = (name: FileName): SqliteDatabase => {
    const [directory, file, schema] = FILES[name];
    const database = openDatabase(join(dir, directory, file), schema, { driver, create, busyTimeout });
    opened.push(database);
    return database;
  };
  const state = new OpenState();
  try {
    return {
      inbox: new SqliteInboxStore(open('inbox')),
      vault: new SqliteVaultStore(open('vault')),
      shred: new SqliteShredStore(open('shred')),
      public: new SqlitePublicStore(open('public')),
      claims: new SqliteClaimStore(open('claims')),
      keys: new KeyFiles(epochs, keks, state),
      log: new LogKeyFiles(logKey, state),
      settings: new SettingsFile(settingsPath, state),
      tidy: async () => {
        state.assertOpen();
        clearLeftovers(epochs, keks, logKey);
        tidyAll(opened);
      },
      close: async () => {
        state.close();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** One in the way does not stop the others: each file holds remnants of its own. */
function tidyAll(databases: readonly SqliteDatabase[]): void {
  const failures: RegistryError[] = [];
  for (const database of databases) {
    try {
      if (walSize(database) > 0) database.truncateWal();
    } catch (error) {
      failures.push(storeError(error));
    }
  }
  if (failures[0] !== undefined) throw failures[0];
}

/** Refuses what is not there, and what is there in part. */
function assertPresent(dir: string, settingsPath: string, create: boolean): void {
  // An empty file is one whose creation was interrupted, or whose content is lost.
  const missing = NAMES.filter(
    (name) => !guarded(() => statSync(join(dir, FILES[name][0], FILES[name][1]), { throwIfNoEntry: false }))?.size,
  );
  if (missing.length === 0) return;
  if (existsSync(settingsPath)) throw storeIntegrity('a store file is missing');
  if (!create) throw new RegistryError('REGISTRY_NOT_INITIALISED', 'there is no registry here');
}
