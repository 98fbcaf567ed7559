import { fromUtf8 } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { decodeEntryBundle, entriesPath, HASH_LENGTH, TILE_WIDTH, tilePath } from '../../log/tile.js';
import type { TileReader } from '../../log/tile-reader.js';
import { bundleWidth } from './layout.js';

/** Gives the files of an export: from a folder, over HTTPS, from memory. What it gives is believed by nobody. */
export interface ExportReader {
  /** Undefined: there is no such file. It should limit length and time of an answer. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Throws `EXPORT_INVALID` for a file that is not there. */
export async function readFile(reader: ExportReader, path: string): Promise<Uint8Array> {
  const bytes = await reader.read(path);
  if (bytes === undefined) throw exportInvalid('a file of the export is missing');
  return bytes;
}

/** The same as text. Throws `EXPORT_INVALID`, also for what is no UTF-8. */
export async function readTextFile(reader: ExportReader, path: string): Promise<string> {
  const bytes = await readFile(reader, path);
  try {
    return fromUtf8(bytes);
  } catch {
    throw exportInvalid('a file of the export is not UTF-8');
  }
}

/**
 * The tiles of a log of `size` records. A partial tile that is no longer there is read from the full one, which begins with the same hashes
 * (C2SP tlog-tiles, "Partial tiles"). Throws `EXPORT_INVALID`.
 */
export function tilesOfExport(reader: ExportReader, size: number): TileReader {
  return {
    async tile(ref) {
      const { level, index, width } = ref;
      const inLog = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
      if (width > inLog) throw new RangeError('no such tile in a log of this size');
      const { bytes, most } = await readPartial(reader, inLog, (each) => tilePath({ level, index, width: each }));
      if (bytes.length !== most * HASH_LENGTH) throw exportInvalid('a tile has another length');
      return bytes.slice(0, width * HASH_LENGTH);
    },
  };
}

/** The records of one bundle of a log of `size` records. Throws `EXPORT_INVALID`. */
export async function readBundle(reader: ExportReader, bundle: number, size: number): Promise<readonly Uint8Array[]> {
  const width = bundleWidth(bundle, size);
  const { bytes, most } = await readPartial(reader, width, (each) => entriesPath(bundle, each));
  return decodeEntryBundle(bytes, most).slice(0, width);
}

/** The file of `width` hashes or records or, where that is gone, the full one. */
async function readPartial(
  reader: ExportReader,
  width: number,
  pathOf: (width: number) => string,
): Promise<{ readonly bytes: Uint8Array; readonly most: number }> {
  const partial = width < TILE_WIDTH ? await reader.read(pathOf(width)) : undefined;
  return partial ? { bytes: partial, most: width } : { bytes: await readFile(reader, pathOf(TILE_WIDTH)), most: TILE_WIDTH };
}

export function exportInvalid(problem: string): RegistryError {
  return new RegistryError('EXPORT_INVALID', problem);
}
