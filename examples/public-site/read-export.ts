import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  batchProofPath,
  type Content,
  contentsPath,
  decodeContents,
  decodeLeaf,
  decodeLogFile,
  decodeProofBundle,
  EXPORT_FILES,
  type ExportCounts,
  type ExportReader,
  type ChangeLeaf,
  type Leaf,
  type LogFile,
  type TallyLeaf,
  openCheckpoint,
  proveInclusion,
  readBundle,
  replay,
  tilesOfExport,
} from 'cryptonym/verify';

export const BUNDLE = 256;

/** A publication batch: the log indexes `start` (its tally) to `end`, `end` excluded. */
export interface Batch {
  readonly batch: number;
  readonly date: string;
  readonly start: number;
  readonly end: number;
  readonly before: number;
  readonly after: number;
}

/** A change of an entry, with the place it has in the log itself. */
export interface PlacedChange {
  readonly index: number;
  readonly leaf: ChangeLeaf;
}

export interface Item {
  readonly index: number;
  readonly leaf: Leaf;
  /** Of a statement whose content is not withheld. */
  readonly content?: Content;
  /** Later changes of a statement, oldest first. */
  readonly changes: readonly PlacedChange[];
}

export interface BatchProof {
  readonly size: number;
  readonly root: string;
  /** base64; from the hash of the bundle up to the root. */
  readonly hashes: readonly string[];
}

/** One export, as pages need it. The log is read once for its changes and batches; contents are read bundle by bundle. */
export interface Register {
  readonly log: LogFile;
  readonly counts: ExportCounts;
  readonly size: number;
  readonly batches: readonly Batch[];
  bundle(n: number): Promise<readonly Item[]>;
  /** Hashes that lead from the bundle's leaves in the batch's log to its signed root (README.md, proofs). */
  proofOf(bundle: number, batch: Batch): Promise<BatchProof>;
}

/**
 * Reads the export below `dir` after a whole replay of it: pages are never built from numbers that the log does not bear out. `key` is the log's
 * key as the caller knows it; left out, it is taken from the export, and then the export can only be shown to agree with itself.
 *
 * Throws what `replay` throws: `REPLAY_FAILED`, `EXPORT_INVALID`, `NOTE_INVALID`, `WITNESSES_TOO_FEW`.
 */
export async function readExport(dir: string, key?: string): Promise<Register> {
  const reader = folderReader(dir);
  const need = async (path: string): Promise<Uint8Array> => {
    const bytes = await reader.read(path);
    if (bytes === undefined) throw new Error(`the export has no ${path}`);
    return bytes;
  };
  const log = decodeLogFile(await need(EXPORT_FILES.log));
  const trust = { key: key ?? log.key };
  const { counts, checkpoint } = await replay(reader, log.witnesses === '' ? trust : { ...trust, policy: log.witnesses }, { sha256 });
  const { size } = checkpoint;
  const leavesOf = async (n: number): Promise<readonly Leaf[]> =>
    n * BUNDLE < size ? (await readBundle(reader, n, size)).map(decodeLeaf) : [];

  const changes = new Map<number, PlacedChange[]>();
  const tallies: { readonly index: number; readonly leaf: TallyLeaf }[] = [];
  for (let n = 0; n * BUNDLE < size; n++) {
    (await leavesOf(n)).forEach((leaf, i) => {
      const index = n * BUNDLE + i;
      if (leaf.type === 'tally') tallies.push({ index, leaf });
      else if (leaf.type !== 'statement') changes.set(leaf.entry, [...(changes.get(leaf.entry) ?? []), { index, leaf }]);
    });
  }
  const batches = tallies.map(({ index, leaf }, i) => ({
    batch: leaf.batch,
    date: leaf.date,
    start: index,
    end: tallies[i + 1]?.index ?? size,
    before: leaf.before.statements,
    after: leaf.after.statements,
  }));
  const tiles = tilesOfExport(reader, size);
  return {
    log,
    counts,
    size,
    batches,
    async bundle(n) {
      const leaves = await leavesOf(n);
      const contents = leaves.length === 0 ? [] : decodeContents(n, await need(contentsPath(n)));
      const byIndex = new Map(contents.map((item) => [item.index, item.content]));
      return leaves.map((leaf, i) => {
        const index = n * BUNDLE + i;
        const content = byIndex.get(index);
        return { index, leaf, changes: changes.get(index) ?? [], ...(content === undefined ? {} : { content }) };
      });
    },
    async proofOf(bundle, batch) {
      // Which witnesses were asked on that day is not in today's policy; the log's own signature is what holds the batches together.
      const signed = openCheckpoint(decodeProofBundle(new TextDecoder().decode(await need(batchProofPath(batch.batch)))).checkpoint, trust);
      const first = bundle * BUNDLE;
      const proof = await proveInclusion(tiles, first, signed.size);
      // The path of the bundle's first leaf begins with the hashes inside the bundle; anybody can make those from the bundle's file.
      const inside = Math.ceil(Math.log2(Math.min(BUNDLE, signed.size - first)));
      return { size: signed.size, root: base64(signed.root), hashes: proof.slice(inside).map(base64) };
    },
  };
}

function folderReader(dir: string): ExportReader {
  return {
    read: (path) =>
      readFile(join(dir, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
  };
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
