import {
  closeSync,
  fchmodSync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
  chmodSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { toHex } from '../../foundation/bytes.js';
import { systemRandom } from '../../foundation/random.js';
import { fileErrorCode, guarded, storeError } from './store-errors.js';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const TEMPORARY = '.tmp';

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
  const temporary = `${path}.${toHex(systemRandom.bytes(8))}${TEMPORARY}`;
  return guarded(() => {
    writeTemporary(temporary, bytes);
    try {
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
      return false;
    } finally {
      unlinkSync(temporary);
      syncDirectory(dirname(path));
    }
  });
}

function writeTemporary(path: string, bytes: Uint8Array): void {
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
    unlinkSync(path);
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

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
