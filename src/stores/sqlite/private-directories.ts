import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { destroyFile, syncDirectory, temporaryName, writeNewFile } from './private-files.js';
import { fileErrorCode, guarded } from './store-errors.js';

const DIRECTORY_MODE = 0o700;

/** Makes a directory only its owner can enter, whatever the umask; an existing one is left as it is (`check` reports its mode). */
export function makePrivateDirectory(path: string): void {
  guarded(() => {
    mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    try {
      mkdirSync(path, { mode: DIRECTORY_MODE });
    } catch (error) {
      if (fileErrorCode(error) === 'EEXIST' && statSync(path).isDirectory()) return;
      throw error;
    }
    chmodSync(path, DIRECTORY_MODE);
    syncDirectory(dirname(path));
  });
}

/**
 * Writes a directory with its files whole or not at all, once: made under a temporary name and renamed, which fails where a directory that
 * is not empty has the name already. Returns false then.
 */
export function writeDirectoryOnce(path: string, files: Readonly<Record<string, Uint8Array>>): boolean {
  const temporary = temporaryName(path);
  return guarded(() => {
    mkdirSync(temporary, { mode: DIRECTORY_MODE });
    chmodSync(temporary, DIRECTORY_MODE);
    for (const [name, bytes] of Object.entries(files)) writeNewFile(join(temporary, name), bytes);
    syncDirectory(temporary);
    const written = moveTo(temporary, path);
    if (written) syncDirectory(dirname(path));
    else destroyDirectory(temporary);
    return written;
  });
}

/**
 * Destroys a directory that is not `whole`, so that its name is free. It is moved aside first and looked at again there: of two processes
 * that do this at once, the second must not destroy what the first has just put in its place.
 */
export function clearUnlessWhole(path: string, whole: (path: string) => boolean): void {
  guarded(() => {
    const aside = temporaryName(path);
    if (!moveTo(path, aside)) return;
    if (whole(aside) && moveTo(aside, path)) return;
    destroyDirectory(aside);
  });
}

/** Destroys every file of a directory, then removes it. Two processes may do it at once. */
export function destroyDirectory(path: string): void {
  guarded(() => {
    for (const name of namesIn(path)) destroyFile(join(path, name));
    try {
      rmdirSync(path);
    } catch (error) {
      if (fileErrorCode(error) !== 'ENOENT') throw error;
    }
    syncDirectory(dirname(path));
  });
}

/** The names in a directory; none if it is gone or a file. */
export function namesIn(path: string): readonly string[] {
  return guarded(() => {
    try {
      return readdirSync(path);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return [];
      throw error;
    }
  });
}

/** Gives a directory another name. False if it is gone, or the name is taken by one that is not empty. */
function moveTo(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const code = fileErrorCode(error) ?? '';
    // Windows says EPERM or EACCES where the others say that it exists.
    if (['ENOENT', 'EEXIST', 'ENOTEMPTY'].includes(code) || (/^E(PERM|ACCES)$/.test(code) && existsSync(to))) return false;
    throw error;
  }
}
