import { pathOfIndex, TILE_WIDTH } from '../../log/tile.js';

/** Where the files of a static export lie, relative to its root (docs/spec/export.md). Tiles and entry bundles: `tilePath`, `entriesPath`. */
export const EXPORT_FILES = {
  /** The latest checkpoint note; written last, so that whoever reads it finds everything it commits to. */
  checkpoint: 'checkpoint',
  log: 'log.json',
  counts: 'counts.json',
  countsCsv: 'counts.csv',
} as const;

/** Contents of the statements among the 256 records of bundle `bundle`. Throws RangeError. */
export function contentsPath(bundle: number): string {
  return `contents/${pathOfIndex(bundle)}.json`;
}

/** Proof of a batch's tally leaf under the batch's own checkpoint. Throws RangeError. */
export function batchProofPath(batch: number): string {
  return `batch/${pathOfIndex(batch)}.tlog-proof`;
}

/** The bundle that holds a record. */
export function bundleOf(index: number): number {
  return Math.floor(index / TILE_WIDTH);
}

/** Records of bundle `bundle` in a log of `size` records: 256, or fewer in the last one. */
export function bundleWidth(bundle: number, size: number): number {
  return Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
}
