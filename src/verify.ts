import { decodeContent, type Content } from './public/content.js';
import { fromUtf8, utf8 } from './foundation/bytes.js';
import { encodeCanonicalJson } from './foundation/canonical-json.js';
import { tilePath, entriesPath, pathOfIndex, decodeEntryBundle } from './log/tile.js';
import type { TileReader } from './log/tile-reader.js';
export { decodeLeaf, type Leaf, type StatementLeaf } from './public/leaf.js';
export { entriesPath, pathOfIndex, decodeEntryBundle };
export { proveInclusion } from './log/prove.js';
export { verifyInclusion } from './log/verify-inclusion.js';
export interface ContentItem { readonly index: number; readonly salt: string; readonly content: Content }
export function decodeContents(b: Uint8Array): readonly ContentItem[] {
  return (JSON.parse(fromUtf8(b)) as any[]).map((x) => ({ index: x.index, salt: x.salt, content: decodeContent(encodeCanonicalJson(x.content)) }));
}
export interface ExportCounts { readonly asOf: string | null; readonly batches: number; readonly byCategory: Readonly<Record<string, number>>; readonly byDisplay: Readonly<Record<string, number>>; readonly byEvidence: Readonly<Record<string, number>>; readonly byOrigin: Readonly<Record<string, number>>; readonly logSize: number; readonly note: string; readonly perDay: { days: number; statements: number }; readonly retracted: number; readonly root: string; readonly standing: number; readonly total: number }
export function decodeCounts(b: Uint8Array): ExportCounts { return JSON.parse(fromUtf8(b)); }
export interface LogFile { readonly key: string; readonly origin: string; readonly witnesses: string; readonly policy: { preset: string; k: number; delayDays: number | 'auto'; maxHoldDays: number; categories: readonly { id: string; label?: string }[] } }
export function decodeLogFile(b: Uint8Array): LogFile { return JSON.parse(fromUtf8(b)); }
export { openCheckpoint } from './log/checkpoint.js';
export { verifyConsistency } from './log/verify-consistency.js';
export { leafHash } from './log/hashing.js';
export { proveConsistency } from './log/prove.js';
export { decodeProofBundle, encodeProofBundle } from './log/proof-bundle.js';
export interface ExportReader { read(path: string): Promise<Uint8Array | undefined> }
export function tilesOfExport(reader: ExportReader, size: number): TileReader {
  return { async tile(ref) {
    const has = Math.floor(size / 256 ** ref.level) - ref.index * 256;
    const bytes = await reader.read(tilePath({ ...ref, width: Math.min(256, has) }));
    if (!bytes) throw new Error('no tile ' + tilePath(ref));
    return bytes.subarray(0, ref.width * 32);
  } };
}
void utf8;
