import { RegistryError } from '../../foundation/errors.js';

/**
 * Driver and file system errors end here: their messages name paths, tables and sometimes values, and a crash report would carry them
 * off. What is left is one of three codes.
 */
export function storeError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  switch (resultCode(error)) {
    case 'busy':
      return storeBusy('another process is using the store; try again');
    case 'corrupt':
      return storeIntegrity('a store file is damaged or not a database');
    case 'full':
      // Retryable: once somebody has made room the same call succeeds, and as after STORE_BUSY it is safe.
      return new RegistryError('STORE_FAILED', 'the disk is full; make room and try again', { retryable: true });
    default:
      return new RegistryError('STORE_FAILED', 'the store could not do this');
  }
}

/** `retryable`; whatever it says about the data, the same call again is safe. */
export function storeBusy(message: string): RegistryError {
  return new RegistryError('STORE_BUSY', message, { retryable: true });
}

export function storeIntegrity(message: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', message);
}

/** Runs file system or driver calls; whatever they throw leaves as a coded error without a path. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error);
  }
}

/** The errno code of a file system error, e.g. `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY = new Set([5, 6]);
const CORRUPT = new Set([11, 26]);
const FULL = 13;
// SQLITE_IOERR_SHMSIZE: the index of the WAL could not grow. Any other I/O error may be a dying disk, for which trying again is bad advice.
const SHM_SIZE = 4874;
const FULL_DISK = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

function resultCode(error: unknown): 'busy' | 'corrupt' | 'full' | 'other' {
  if (typeof error !== 'object' || error === null) return 'other';
  // node:sqlite gives the extended number (its low byte is the primary code), better-sqlite3 the name.
  if ('errcode' in error && typeof error.errcode === 'number') {
    const primary = error.errcode & 0xff;
    if (BUSY.has(primary)) return 'busy';
    if (primary === FULL || error.errcode === SHM_SIZE) return 'full';
    return CORRUPT.has(primary) ? 'corrupt' : 'other';
  }
  const name = fileErrorCode(error) ?? '';
  if (/^SQLITE_(BUSY|LOCKED)(_|$)/.test(name)) return 'busy';
  if (FULL_DISK.includes(name)) return 'full';
  return /^SQLITE_(CORRUPT|NOTADB)(_|$)/.test(name) ? 'corrupt' : 'other';
}
