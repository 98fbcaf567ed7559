import { statSync } from 'node:fs';
import { RegistryError } from '../../foundation/errors.js';
import type { SqliteDatabase } from './database.js';
import { textOf } from './columns.js';

/** As the ports have it, each world for itself. */
interface StoreProblem {
  readonly store: string;
  readonly problem: string;
}

const OTHERS = 0o077;

/** True if anybody but the owner may read or write it. A health problem, not a refusal: a registry must start to be repaired. */
export function isOpenToOthers(path: string): boolean {
  return process.platform !== 'win32' && ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
}

/** Bytes of the write-ahead log, where deleted and overwritten data could still be read. */
export function walSize(database: SqliteDatabase): number {
  return statSync(`${database.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * What `check` of a store answers. `rules` are the store's own findings, asked only of a file that SQLite itself finds sound.
 * `walInUse`: rows may be in the write-ahead log by right.
 */
export function storeProblems(
  store: string,
  database: SqliteDatabase,
  rules: () => readonly string[],
  walInUse: () => boolean = () => false,
): readonly StoreProblem[] {
  const sound = isSound(database);
  const problems = sound ? [...rules()] : ['the file is damaged'];
  if (['', '-wal', '-shm'].some((suffix) => isOpenToOthers(`${database.path}${suffix}`)))
    problems.push('others may read or write the file');
  const size = walSize(database);
  if (size > 0 && sound && !walInUse()) problems.push(`${size} bytes are left in the write-ahead log`);
  return problems.map((problem) => ({ store, problem }));
}

function isSound(database: SqliteDatabase): boolean {
  try {
    return textOf(database.get('PRAGMA quick_check(1)'), 'quick_check') === 'ok';
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'STORE_INTEGRITY') return false;
    throw error;
  }
}
