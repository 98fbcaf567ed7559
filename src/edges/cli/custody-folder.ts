import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Custody } from '../../custodian.js';
import { RegistryError } from '../../index.js';
import { syncFolder, writePrivateFile } from './private-file.js';

type Purpose = keyof Custody['shares'];

/** `vault-1-of-5.share`: no two shares of a custody have one name, so that whoever copies them all to one place loses none. */
export function shareFileName(purpose: Purpose, custodian: number, custodians: number): string {
  return `${purpose}-${custodian}-of-${custodians}.share`;
}

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
      const of = shares[purpose];
      for (const [i, share] of of.entries()) writePrivateFile(join(folder, shareFileName(purpose, i + 1, of.length)), share.reveal());
      syncFolder(folder);
    }
    syncFolder(custody);
    syncFolder(dirname(custody));
  } catch {
    throw new RegistryError('CUSTODY_INVALID', 'the shares cannot be written; destroy what the custody folder holds and begin again');
  }
}
