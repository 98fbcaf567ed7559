import { assertBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';

export { HASH_LENGTH } from './hashing.js';

/** Hashes of a full tile: subtrees of height 8 (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** An entry's length is a u16 (C2SP tlog-tiles, "Log entries"). */
export const MAX_RECORD_LENGTH = 65535;

/** A tile of the tree: level 0 holds leaf hashes, each hash of level n + 1 is the root of one full tile of level n. */
export interface TileRef {
  /** 0 to 63. */
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes. */
  readonly width: number;
}

/** `tile/0/x001/x234/067` or, for a partial tile, `tile/0/x001/x234/067.p/5`. Throws RangeError. */
export function tilePath(ref: TileRef): string {
  if (!Number.isInteger(ref.level) || ref.level < 0 || ref.level > 63) throw new RangeError('level must be 0 to 63');
  return `tile/${ref.level}/${pathOfIndex(ref.index)}${partialSuffix(ref.width)}`;
}

/** Path of the bundle of the records whose leaf hashes are level-0 tile `index`. Throws RangeError. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${pathOfIndex(index)}${partialSuffix(width)}`;
}

/** Three digits an element, all but the last with an `x`: 1234067 gives `x001/x234/067`. Throws RangeError. */
export function pathOfIndex(index: number): string {
  assertCount(index, 'index');
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return padded.replace(/\d{3}(?=\d)/g, 'x$&/');
}

/** Every tile of a tree of `size` records, level by level from the leaves, left to right; partial ones last in their level. */
export function* tilesOf(size: number): Generator<TileRef, void, undefined> {
  assertCount(size, 'size');
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const full = Math.floor(hashes / TILE_WIDTH);
    for (let index = 0; index < full; index++) yield { level, index, width: TILE_WIDTH };
    if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
  }
}

/** u16 length ‖ record, for 1 to 256 records. Throws TypeError or RangeError. */
export function encodeEntryBundle(records: readonly Uint8Array[]): Uint8Array {
  assertWidth(records.length);
  let length = 0;
  for (const record of records) {
    assertBytes(record, 'record');
    if (record.length > MAX_RECORD_LENGTH) throw new RangeError(`a record is at most ${MAX_RECORD_LENGTH} bytes`);
    length += 2 + record.length;
  }
  const out = new Uint8Array(length);
  let offset = 0;
  for (const record of records) {
    out[offset] = record.length >> 8;
    out[offset + 1] = record.length & 0xff;
    out.set(record, offset + 2);
    offset += 2 + record.length;
  }
  return out;
}

/** Exactly `width` records and nothing behind them. Throws `EXPORT_INVALID`. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  assertBytes(bytes, 'bytes');
  assertWidth(width);
  const records: Uint8Array[] = [];
  let offset = 0;
  while (records.length < width) {
    const start = offset + 2;
    offset = start + (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0);
    // Also true when the length itself was cut off: `start` is past the end then.
    if (offset > bytes.length) break;
    records.push(new Uint8Array(bytes.subarray(start, offset)));
  }
  if (offset !== bytes.length) throw new RegistryError('EXPORT_INVALID', 'malformed entry bundle');
  return records;
}

/** A size or index of this log: a whole number up to 2^53 − 1. Throws RangeError. */
export function assertCount(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number`);
}

function assertWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new RangeError(`width must be 1 to ${TILE_WIDTH}`);
}

function partialSuffix(width: number): string {
  assertWidth(width);
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
