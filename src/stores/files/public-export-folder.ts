import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { toHex } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { drawBytes, systemRandom } from '../../foundation/random.js';
import type { ExportTarget } from '../../public/export/export-target.js';
import { fileErrorCode, guarded } from '../sqlite/store-errors.js';

/** What an export's paths are made of: nothing that leads out of the folder. */
const PATH = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

const TEMPORARY = /\.[0-9a-f]{32}\.tmp$/;

/**
 * An export in a folder, ready to be served or copied. Files are world-readable: all of it is public. A file is written under another name and
 * renamed, so a reader sees the old or the new one. Others may have write access to the folder (a web server's): that name cannot be foreseen and
 * is made afresh, and nothing is written where a link leads out of the folder.
 * One export at a time: what a killed one left unfinished is removed by the next.
 * Throws `STORE_FAILED`; RangeError for a path that no export has.
 */
export function exportFolder(target: string): ExportTarget {
  const folder = resolve(target);
  const made = new Set<string>();
  const touched = new Set<string>();
  const placeOf = (path: string): string => {
    if (!PATH.test(path)) throw new RangeError('not a path of an export');
    return join(folder, path);
  };
  return {
    async read(path) {
      const place = placeOf(path);
      return guarded(() => {
        try {
          return new Uint8Array(readFileSync(place));
        } catch (error) {
          if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return undefined;
          throw error;
        }
      });
    },
    async write(path, bytes) {
      const place = placeOf(path);
      guarded(() => {
        const directory = dirname(place);
        if (!made.has(directory)) {
          makeInside(folder, directory);
          for (const name of readdirSync(directory)) if (TEMPORARY.test(name)) rmSync(join(directory, name), { force: true });
        }
        made.add(directory);
        const temporary = `${place}.${toHex(drawBytes(systemRandom, 16))}.tmp`;
        writeNew(temporary, bytes);
        renameSync(temporary, place);
        touched.add(place);
      });
    },
    async remove(path) {
      const place = placeOf(path);
      guarded(() => {
        makeInside(folder, dirname(place));
        rmSync(place, { force: true });
      });
    },
    async flush() {
      guarded(() => {
        for (const place of [...touched, ...made]) sync(place);
        touched.clear();
      });
    },
  };
}

/** Makes the directories on the way to `directory`, one by one: each has to lie in the folder, so that a link makes none elsewhere. */
function makeInside(folder: string, directory: string): void {
  mkdirSync(folder, { recursive: true });
  const root = realpathSync(folder);
  let place = folder;
  for (const name of directory.slice(folder.length).split(sep)) {
    place = join(place, name);
    try {
      mkdirSync(place);
    } catch (error) {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
    }
    const real = realpathSync(place);
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new RegistryError('STORE_FAILED', 'a directory of the export leads out of its folder');
  }
}

/** `wx` follows no link; the mode is set afterwards because the umask would take from it. */
function writeNew(place: string, bytes: Uint8Array): void {
  const file = openSync(place, 'wx', 0o644);
  try {
    fchmodSync(file, 0o644);
    writeFileSync(file, bytes);
  } catch (error) {
    rmSync(place, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function sync(place: string): void {
  const file = openSync(place, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
