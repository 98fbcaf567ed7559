import { chmodSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Custody } from '../../custodian.js';
import { RegistryError } from '../../index.js';

/** Makes the folder for the shares, or takes an empty one. Throws `CUSTODY_INVALID`. */
export function makeCustodyFolder(custody: string): void {
  try {
    mkdirSync(custody, { recursive: true, mode: 0o700 });
    if (readdirSync(custody).length === 0) {
      chmodSync(custody, 0o700);
      return;
    }
  } catch {
    throw new RegistryError('CUSTODY_INVALID', 'the custody folder cannot be made');
  }
  throw new RegistryError('CUSTODY_INVALID', 'the custody folder is not empty; take a new one');
}

/**
 * Writes every share to a file of its own: the vault's on top, the others in `link/` and `quarantine/`. Whoever is handed one folder of
 * files by mistake still has but one purpose. Synced to disk before it returns, because the registry is made afterwards: a registry whose
 * shares were lost could never be opened. Throws `CUSTODY_INVALID`.
 */
export function writeShares(custody: string, shares: Custody['shares']): void {
  const folders = { vault: custody, link: join(custody, 'link'), quarantine: join(custody, 'quarantine') };
  try {
    for (const purpose of ['vault', 'link', 'quarantine'] as const) {
      const folder = folders[purpose];
      if (purpose !== 'vault') mkdirSync(folder, { mode: 0o700 });
      for (const [i, share] of shares[purpose].entries()) writeSynced(join(folder, `custodian-${i + 1}.share`), share.reveal());
      syncFolder(folder);
    }
    syncFolder(custody);
    syncFolder(dirname(custody));
  } catch {
    throw new RegistryError('CUSTODY_INVALID', 'the shares cannot be written; destroy what the custody folder holds and begin again');
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
