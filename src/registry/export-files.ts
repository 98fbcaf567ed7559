import { toHex, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { decodeCheckpoint } from '../log/checkpoint.js';
import { parseNote } from '../log/note.js';
import type { SignedCheckpoint } from '../log/ports.js';
import { encodeProofBundle } from '../log/proof-bundle.js';
import { proveInclusion } from '../log/prove.js';
import { encodeEntryBundle, entriesPath, TILE_WIDTH, tilePath, tilesOf } from '../log/tile.js';
import { tallyFromCounters } from '../public/counts/counters.js';
import { encodeContents, type StoredContent } from '../public/export/contents-file.js';
import { countsCsv, countsOf, encodeCounts } from '../public/export/export-counts.js';
import { batchProofPath, bundleOf, bundleWidth, contentsPath, EXPORT_FILES } from '../public/export/layout.js';
import { encodeLogFile } from '../public/export/log-file.js';
import { decodeLeaf } from '../public/leaf.js';
import type { PublicState } from '../public/ports.js';
import { dateOfDay } from '../vocabulary/period.js';
import type { RegistryContext } from './context.js';
import { logVerifierKey } from './log-key.js';
import { tilesOfStore } from './log-tree.js';

export type Write = (path: string, bytes: Uint8Array) => Promise<void>;

/** What is exported: the leaves up to `size`, of which an earlier export has the first `before`. */
export interface Span {
  readonly before: number;
  readonly size: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A batch's first leaf. */
export interface TallyPlace {
  readonly batch: number;
  readonly index: number;
  /** Log size after the batch. */
  readonly end: number;
  readonly leaf: Uint8Array;
}

/**
 * Writes the entry bundles that are new or longer. Gives the bundles whose contents are new or have changed (the new leaves say which entries
 * they change), and the new batches.
 */
export async function writeBundles(
  { stores: { public: store } }: RegistryContext,
  write: Write,
  { before, size, onProgress }: Span,
): Promise<{ readonly touched: readonly number[]; readonly tallies: readonly TallyPlace[] }> {
  const touched = new Set<number>();
  const tallies: { batch: number; index: number; leaf: Uint8Array }[] = [];
  let records: Uint8Array[] = [];
  if (before < size) {
    for await (const { index, bytes } of store.leaves(bundleOf(before) * TILE_WIDTH)) {
      if (index >= size) break;
      records.push(bytes);
      if (index >= before) {
        touched.add(bundleOf(index));
        const leaf = decodeLeaf(bytes);
        if (leaf.type === 'tally') tallies.push({ batch: leaf.batch, index, leaf: bytes });
        else if (leaf.type !== 'statement') touched.add(bundleOf(leaf.entry));
      }
      if (records.length === TILE_WIDTH || index === size - 1) {
        await write(entriesPath(bundleOf(index), records.length), encodeEntryBundle(records));
        records = [];
        onProgress?.(index + 1 - before, size - before);
      }
    }
  }
  const ends = tallies.slice(1).map(({ index }) => index);
  return { touched: [...touched].sort((a, b) => a - b), tallies: tallies.map((tally, i) => ({ ...tally, end: ends[i] ?? size })) };
}

/** Writes the tiles of the tree that are new or longer. */
export async function writeTiles({ stores }: RegistryContext, write: Write, { before, size }: Span): Promise<void> {
  const reader = tilesOfStore(stores.public);
  for (const ref of tilesOf(size)) {
    // Hashes of this tile's level that the earlier export had: a tile that ends among them is there.
    const had = Math.floor(before / TILE_WIDTH ** ref.level);
    if (ref.index * TILE_WIDTH + ref.width > had) await write(tilePath(ref), await reader.tile(ref));
  }
}

/** Writes the contents of these bundles as they are now: without those that were removed. */
export async function writeContents({ stores }: RegistryContext, write: Write, bundles: readonly number[], size: number): Promise<void> {
  for (const bundle of bundles) {
    const contents: StoredContent[] = [];
    const range = { from: bundle * TILE_WIDTH, limit: TILE_WIDTH };
    for await (const { index, salt, content } of stores.public.entries(range)) {
      if (bundleOf(index) !== bundle || index >= size) break;
      if (salt !== undefined && content !== undefined) contents.push({ index, salt, bytes: content });
    }
    await write(contentsPath(bundle), encodeContents(bundle, contents));
  }
}

/** Proofs of the new batches: each against the first checkpoint that covers it, so they never change. */
export async function writeBatchProofs({ stores, backend }: RegistryContext, write: Write, tallies: readonly TallyPlace[]): Promise<void> {
  for (const { batch, index, end, leaf } of tallies) {
    const checkpoint = await stores.public.checkpointFor(end);
    if (checkpoint === undefined) throw new RegistryError('STORE_INTEGRITY', 'a batch has no checkpoint');
    const proof = await proveInclusion(tilesOfStore(stores.public), index, checkpoint.size, backend.sha256);
    await write(batchProofPath(batch), utf8(encodeProofBundle({ index, proof, checkpoint: checkpoint.note, extra: leaf })));
  }
}

/** The counts, and what the registry says of itself. `state` is that of the log as `head` has it. */
export async function writeSummary(context: RegistryContext, write: Write, head: SignedCheckpoint, state: PublicState): Promise<void> {
  const { settings, witnesses } = context;
  const { origin, root } = decodeCheckpoint(parseNote(head.note).text);
  const counts = countsOf({
    tally: tallyFromCounters(state.counters),
    batches: state.lastBatch?.batch ?? 0,
    firstDate: state.firstDay === undefined ? undefined : dateOfDay(state.firstDay),
    lastDate: state.lastBatch && dateOfDay(state.lastBatch.day),
    categories: settings.policy.categories.map(({ id }) => id),
    logSize: head.size,
    root: toHex(root),
  });
  const { policy } = settings;
  await write(EXPORT_FILES.log, encodeLogFile({ key: await logVerifierKey(context), origin, policy, witnesses: witnesses?.policy ?? '' }));
  await write(EXPORT_FILES.counts, encodeCounts(counts));
  await write(EXPORT_FILES.countsCsv, countsCsv(counts));
}

/** Paths that only an export of this very size has. */
export function partialPaths(size: number): readonly string[] {
  const last = bundleOf(size);
  const tiles = [...partialTiles(size)];
  return size % TILE_WIDTH === 0 ? tiles : [...tiles, entriesPath(last, bundleWidth(last, size))];
}

function* partialTiles(size: number): Iterable<string> {
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH;
    if (width > 0) yield tilePath({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
}
