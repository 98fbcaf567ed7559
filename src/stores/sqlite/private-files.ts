import {
  closeSync,
  fchmodSync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { toHex } from '../../foundation/bytes.js';
import { systemRandom } from '../../foundation/random.js';
import { fileErrorCode, guarded, storeError } from './store-errors.js';

const FILE_MODE = 0o600;
const TEMPORARY = '.tmp';

/** Makes an empty file only its owner can read, unless there is one. SQLite gives its WAL and index the mode of this file. */
export function createPrivateFile(path: string): void {
  guarded(() => {
    let file: number;
    try {
      file = openSync(path, 'wx', FILE_MODE);
    } catch (error) {
      if (fileErrorCode(error) === 'EEXIST') return;
      throw error;
    }
    try {
      fchmodSync(file, FILE_MODE);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncDirectory(dirname(path));
  });
}

export function readPrivateFile(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined;
    throw storeError(error);
  }
}

/**
 * Writes a file whole or not at all, once: a temporary file is written and synced, then *linked* to its name, which fails where
 * `rename` would silently replace what another process has just written. Returns false if the name is taken.
 */
export function writeOnce(path: string, bytes: Uint8Array): boolean {
  const temporary = temporaryName(path);
  return guarded(() => {
    writeNewFile(temporary, bytes);
    try {
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
      return false;
    } finally {
      unlinkIfThere(temporary);
      syncDirectory(dirname(path));
    }
  });
}

/**
 * Frees the name of a file that `useless` says is no key any more. Moved aside first and looked at again there, as `clearUnlessWhole` does;
 * given back by link, which never replaces.
 */
export function clearIfUseless(path: string, useless: (bytes: Uint8Array) => boolean): void {
  const aside = temporaryName(path);
  guarded(() => {
    try {
      renameSync(path, aside);
      if (!useless(readFileSync(aside))) linkSync(aside, path);
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes(fileErrorCode(error) ?? '')) throw error;
    }
    // Not destroyed: what was given back is the same file under two names, and the useless holds nothing.
    removeFile(aside);
  });
}

/** Removes a file that holds no secret. */
export function removeFile(path: string): void {
  guarded(() => {
    unlinkIfThere(path);
    syncDirectory(dirname(path));
  });
}

/** A name beside `path` that nothing else has; `isTemporary` knows it. */
export function temporaryName(path: string): string {
  return `${path}.${toHex(systemRandom.bytes(8))}${TEMPORARY}`;
}

/** Another process may remove the same file at this moment. */
function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Writes and syncs a new file, mode 0600. The caller syncs its directory. */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', FILE_MODE);
  try {
    fchmodSync(file, FILE_MODE);
    writeAll(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Overwrites, syncs, unlinks, syncs the directory. On a flash disk or a copying file system the old blocks may live on until the
 * drive collects them: only disk encryption, or a key kept elsewhere, helps there (docs/operations).
 */
export function destroyFile(path: string): void {
  guarded(() => {
    let file: number;
    try {
      file = openSync(path, 'r+');
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      writeAll(file, new Uint8Array(fstatSync(file).size));
      fsyncSync(file);
      ftruncateSync(file, 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    unlinkIfThere(path);
    syncDirectory(dirname(path));
  });
}

/** What a crash in `writeOnce` left: it may hold a key. */
export function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written, bytes.length - written, written);
}

/** Makes names in a directory last; nothing to do if it is gone. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  let directory: number;
  try {
    directory = openSync(path, 'r');
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
