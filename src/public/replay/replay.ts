import { equalBytes, toHex } from '../../foundation/bytes.js';
import { sha256 as portableSha256 } from '../../foundation/sha256.js';
import { verifyEd25519 } from '../../foundation/verify-primitives.js';
import { type LogTrust, type OpenedCheckpoint, openCheckpoint } from '../../log/checkpoint.js';
import { HASH_LENGTH, treeHasher } from '../../log/hashing.js';
import { TILE_WIDTH } from '../../log/tile.js';
import { countsCsv, countsOf, encodeCounts, type ExportCounts } from '../export/export-counts.js';
import { type ExportReader, readBundle, readFile, readTextFile, tilesOfExport } from '../export/export-reader.js';
import { bundleWidth, contentsPath, EXPORT_FILES } from '../export/layout.js';
import { decodeLogFile } from '../export/log-file.js';
import { decodeLeaf, type Leaf } from '../leaf.js';
import { batchProofs } from './batch-proofs.js';
import { contentCheck } from './content-check.js';
import { type GrownTile, growingTree } from './growing-tree.js';
import { replayFailed } from './replay-failed.js';
import { replayState } from './replay-state.js';
import type { VerifyOptions } from './verify-proof.js';

export interface ReplayOptions extends VerifyOptions {
  /** Leaves read so far, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What was checked, one plain line for each. */
  readonly explain?: (line: string) => void;
}

/** What an honest export amounts to. */
export interface ReplayReport {
  /** One plain sentence for people. */
  readonly sentence: string;
  readonly checkpoint: OpenedCheckpoint;
  readonly counts: ExportCounts;
  readonly batches: number;
  readonly statements: number;
  /** Contents that are there, each the one the log says. */
  readonly contents: number;
  /** Contents that were removed, each by a leaf of the log. */
  readonly withheld: number;
  /** Changes whose holder's signature was verified; of withheld and of several times amended contents some cannot be. */
  readonly signatures: number;
}

/** Bundles that are asked for ahead. */
const AHEAD = 8;

/**
 * Reads a whole export and recomputes everything: every tile, the root, the rules of every batch and change, every content against its hash,
 * every holder's signature that can be verified, every batch's proof, every published count. `trust` must not come from the export.
 *
 * Throws `REPLAY_FAILED`: something disagrees; `details.leaf` is the first leaf that does, leaves first, then contents, proofs as their batch
 * ends. `EXPORT_INVALID`: a file is missing or malformed. `NOTE_INVALID`, `WITNESSES_TOO_FEW`, `LOG_POLICY_INVALID`: the checkpoint.
 *
 * What it cannot see: statements that were never published (`verifyEntry`), and that others are shown another log (witnesses, `verifyNewer`).
 * Memory: two bytes a leaf, and about 0.5 kB for each entry that was amended, or withdrawn by its holder.
 */
export async function replay(reader: ExportReader, trust: LogTrust, options: ReplayOptions = {}): Promise<ReplayReport> {
  const { sha256 = portableSha256, ed25519Verify = verifyEd25519, onProgress, explain } = options;
  const log = decodeLogFile(await readFile(reader, EXPORT_FILES.log));
  if (log.key !== trust.key) throw replayFailed('the key of log.json is wrong');
  const checkpoint = openCheckpoint(await readTextFile(reader, EXPORT_FILES.checkpoint), trust, ed25519Verify);
  const { size } = checkpoint;

  const hasher = treeHasher(sha256);
  const tree = growingTree(sha256);
  const state = replayState();
  const contents = contentCheck(reader, state, sha256, ed25519Verify);
  const proofs = batchProofs(reader, trust, { sha256, ed25519Verify });
  const tiles = tilesOfExport(reader, size);
  let tally: Uint8Array = new Uint8Array(0);
  const endBatch = async (): Promise<void> => {
    state.closeBatch();
    if (state.tally === undefined) return;
    const { batch, date } = state.tally;
    const root = tree.root();
    await proofs.check(batch, state.tallyAt, tally, state.size, root);
    explain?.(`batch ${batch} of ${date}: leaves ${state.tallyAt} to ${state.size - 1}, root ${toHex(root)}`);
  };
  const compareTile = async ({ level, index, hashes }: GrownTile): Promise<void> => {
    const published = await tiles.tile({ level, index, width: hashes.length / HASH_LENGTH });
    const at = hashes.findIndex((byte, i) => byte !== published[i]);
    if (at >= 0) throw replayFailed('its tile is wrong', (index * TILE_WIDTH + Math.floor(at / HASH_LENGTH)) * TILE_WIDTH ** level);
  };

  for await (const { bundle, records, hashes, file } of bundles(reader, size)) {
    const first = bundle * TILE_WIDTH;
    const leaves: Leaf[] = [];
    for (const [i, record] of records.entries()) {
      const hash = hasher.leaf(record);
      if (!equalBytes(hash, hashes.subarray(i * HASH_LENGTH, (i + 1) * HASH_LENGTH))) throw replayFailed('its tile is wrong', first + i);
      const leaf = leafOf(record, first + i);
      if (leaf.type === 'tally') {
        await endBatch();
        tally = record;
      }
      state.add(leaf);
      tree.add(hash);
      leaves.push(leaf);
    }
    contents.addBundle(bundle, first, leaves, file);
    for (const tile of tree.full.splice(0)) await compareTile(tile);
    onProgress?.(first + records.length, size);
  }
  await endBatch();
  for (const tile of tree.edge()) await compareTile(tile);
  if (!equalBytes(tree.root(), checkpoint.root)) throw replayFailed('the checkpoint is wrong');
  proofs.finish();
  await contents.finish();

  const counts = countsOf({
    tally: state.counts,
    batches: state.tally?.batch ?? 0,
    firstDate: state.firstDate,
    lastDate: state.tally?.date,
    categories: log.policy.categories.map(({ id }) => id),
    logSize: size,
    root: toHex(checkpoint.root),
  });
  for (const [path, expected] of [
    [EXPORT_FILES.counts, encodeCounts(counts)],
    [EXPORT_FILES.countsCsv, countsCsv(counts)],
  ] as const)
    if (!equalBytes(await readFile(reader, path), expected)) throw replayFailed(`${path} is wrong`);

  const { totals } = contents;
  explain?.(`${size} leaves, every tile recomputed; root of the checkpoint ${counts.root}`);
  return { sentence: sentenceOf(counts), checkpoint, counts, batches: counts.batches, statements: counts.total, ...totals };
}

function sentenceOf({ total, retracted, batches, asOf }: ExportCounts): string {
  const number = (count: number): string => count.toLocaleString('en-US');
  const until = asOf === null ? '' : ` up to ${asOf}`;
  return `${number(total)} statement${total === 1 ? '' : 's'} (${number(retracted)} retracted) in ${number(batches)} batch${batches === 1 ? '' : 'es'}${until}: every published count was recomputed from the log and agrees.`;
}

function leafOf(record: Uint8Array, index: number): Leaf {
  try {
    return decodeLeaf(record);
  } catch {
    throw replayFailed('its form is wrong', index);
  }
}

interface Bundle {
  readonly bundle: number;
  readonly records: readonly Uint8Array[];
  /** Level-0 tile. */
  readonly hashes: Uint8Array;
  readonly file: Uint8Array;
}

/** The bundles in order, a few of them asked for ahead. */
async function* bundles(reader: ExportReader, size: number): AsyncGenerator<Bundle, void, undefined> {
  const tiles = tilesOfExport(reader, size);
  const load = async (bundle: number): Promise<Bundle> => {
    const [records, hashes, file] = await Promise.all([
      readBundle(reader, bundle, size),
      tiles.tile({ level: 0, index: bundle, width: bundleWidth(bundle, size) }),
      readFile(reader, contentsPath(bundle)),
    ]);
    return { bundle, records, hashes, file };
  };
  const waiting: Promise<Bundle>[] = [];
  const count = Math.ceil(size / TILE_WIDTH);
  for (let next = 0; next < count || waiting.length > 0; next++) {
    if (next < count) {
      const loading = load(next);
      // It is awaited in its turn; until then a failure must not count as unhandled.
      loading.catch(() => undefined);
      waiting.push(loading);
    }
    if (next >= count || waiting.length === AHEAD) yield await (waiting.shift() as Promise<Bundle>);
  }
}
