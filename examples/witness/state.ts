import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What a witness remembers: for each log the checkpoint it cosigned last, one file each, in the form in which it is served. */
export interface WitnessState {
  /** Undefined: nothing was cosigned for this log. */
  read(originHash: string): Promise<string | undefined>;
  /** On disk for good when it resolves. */
  write(originHash: string, note: string): Promise<void>;
  /** Keeps evidence against a log; the first of a name stays. */
  keep(name: string, evidence: string): Promise<void>;
}

/** How tlog-witness names a log in addresses: lower-case hex SHA-256 of its origin. */
export function hashOfOrigin(origin: string): string {
  return createHash('sha256').update(origin, 'utf8').digest('hex');
}

/**
 * Files below `dir`. A file is written beside its place, forced to the disk, and renamed over the old one, and then the folder is forced too:
 * a power cut leaves the old file or the new one, never half of one, and no answer goes out before the new one is there.
 */
export async function fileState(dir: string): Promise<WitnessState> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const place = (originHash: string): string => join(dir, `${originHash}.checkpoint`);
  return {
    read: (originHash) => readIfThere(place(originHash)),
    write: (originHash, note) => replace(dir, place(originHash), note),
    async keep(name, evidence) {
      const path = join(dir, name);
      if ((await readIfThere(path)) === undefined) await replace(dir, path, evidence);
    },
  };
}

async function replace(dir: string, path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Only a missing file means "never seen". Anything else must stop the witness: it would start again from nothing and cosign a fork.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
