import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { RegistryError } from '../../index.js';

/** The absolute path with the symbolic links of its existing part resolved; the rest need not exist. */
export function realPlace(path: string): string {
  const rest: string[] = [];
  for (let existing = resolve(path); ; existing = dirname(existing)) {
    try {
      return join(realpathSync(existing), ...rest);
    } catch {
      if (dirname(existing) === existing) return resolve(path);
      rest.unshift(basename(existing));
    }
  }
}

/**
 * Refuses a custody folder in the registry's folder, or the other way round: a backup or a thief of the one would have the other.
 * Both by name and by what the disk says, since names differ on mounts and on file systems that ignore case.
 * Throws `CUSTODY_INSIDE_REGISTRY`.
 */
export function assertApart(dir: string, custody: string): void {
  if (!areApart(dir, custody)) {
    throw new RegistryError('CUSTODY_INSIDE_REGISTRY', 'the custody folder and the registry must lie apart: neither inside the other');
  }
}

/** True when neither folder lies in the other, by name and by what the disk says. */
export function areApart(a: string, b: string): boolean {
  return !(isWithin(b, a) || isWithin(a, b) || hasAncestor(b, a) || hasAncestor(a, b));
}

/** True for a folder below one that is a registry. */
export function isInsideRegistry(path: string): boolean {
  const parent = dirname(path);
  return parent !== path && (existsSync(join(parent, 'keys', 'registry.json')) || isInsideRegistry(parent));
}

/** True when both names lead to one existing file. */
export function isSameFile(a: string, b: string): boolean {
  const number = fileNumber(a);
  return number !== undefined && number === fileNumber(b);
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function hasAncestor(path: string, folder: string): boolean {
  const wanted = fileNumber(folder);
  if (wanted === undefined) return false;
  for (let each = path; ; each = dirname(each)) {
    if (fileNumber(each) === wanted) return true;
    if (dirname(each) === each) return false;
  }
}

/** Undefined for what is not there, or lies where this user may not look. */
function fileNumber(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}
