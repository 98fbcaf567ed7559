import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExportTarget } from '../../public/export/export-target.js';
import { fileErrorCode, guarded } from '../sqlite/store-errors.js';

/** What an export's paths are made of: nothing that leads out of the folder. */
const PATH = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/**
 * An export in a folder, ready to be served or copied. Files are world-readable: all of it is public. A file is written under another name and
 * renamed, so a reader sees the old or the new one.
 * Throws `STORE_FAILED`; RangeError for a path that no export has.
 */
export function exportFolder(folder: string): ExportTarget {
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
        if (!made.has(directory)) mkdirSync(directory, { recursive: true });
        made.add(directory);
        const temporary = `${place}.tmp`;
        writeFileSync(temporary, bytes, { mode: 0o644 });
        renameSync(temporary, place);
        touched.add(place);
      });
    },
    async remove(path) {
      const place = placeOf(path);
      guarded(() => rmSync(place, { force: true }));
    },
    async flush() {
      guarded(() => {
        for (const place of [...touched, ...made]) sync(place);
        touched.clear();
      });
    },
  };
}

function sync(place: string): void {
  const file = openSync(place, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
