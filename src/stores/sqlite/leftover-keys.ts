import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../foundation/clock.js';
import { isWholeEpoch } from './epoch-files.js';
import { destroyDirectory, namesIn } from './private-directories.js';
import { destroyFile, isTemporary, readPrivateFile, removeFile } from './private-files.js';
import { guarded } from './store-errors.js';

/** Making a key takes milliseconds. */
const STALE_MILLISECONDS = 60_000;

/** Temporary names made so long ago that their maker is gone; by the file system's time, not the registry's. */
export function staleNames(directory: string): readonly string[] {
  return namesIn(directory).filter((name) => isTemporary(name) && isStale(join(directory, name)));
}

/**
 * Destroys what a killed maker left of a key that was made again since. Where the key itself is missing nothing is touched: what lies there
 * could be the only copy, and the key store's `check` says so.
 */
export function clearLeftovers(epochs: string, keks: string, log: string): void {
  for (const name of staleNames(epochs)) if (isWholeEpoch(join(epochs, nameOf(name)))) destroyDirectory(join(epochs, name));
  for (const name of staleNames(keks)) {
    if (!readPrivateFile(join(keks, nameOf(name)))?.some((byte) => byte !== 0)) continue;
    destroyOneName(join(keks, name));
  }
  for (const name of staleNames(log)) if (readPrivateFile(join(log, nameOf(name))) !== undefined) destroyOneName(join(log, name));
}

/** Of what a crash left as a second name of the live key only the name goes. */
export function destroyOneName(path: string): void {
  const names = guarded(() => statSync(path, { throwIfNoEntry: false }))?.nlink ?? 0;
  if (names > 1) removeFile(path);
  else destroyFile(path);
}

/** The name a temporary one was made from. */
function nameOf(temporary: string): string {
  return temporary.replace(/\.[0-9a-f]+\.tmp$/, '');
}

function isStale(path: string): boolean {
  const made = guarded(() => statSync(path, { throwIfNoEntry: false }))?.mtimeMs;
  return made !== undefined && systemClock.now() - made > STALE_MILLISECONDS;
}
