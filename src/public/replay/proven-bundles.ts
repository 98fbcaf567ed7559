import { concatBytes } from '../../foundation/bytes.js';
import type { OpenedCheckpoint } from '../../log/checkpoint.js';
import { leafHash } from '../../log/hashing.js';
import { decodeProofBundle } from '../../log/proof-bundle.js';
import { proveInclusion } from '../../log/prove.js';
import { TILE_WIDTH } from '../../log/tile.js';
import { verifyInclusion } from '../../log/verify-inclusion.js';
import { decodeContents, type ReadContent } from '../export/contents-file.js';
import { type ExportReader, exportInvalid, readBundle, readFile, readTextFile, tilesOfExport } from '../export/export-reader.js';
import { batchProofPath, bundleOf, contentsPath } from '../export/layout.js';
import { decodeLeaf, type Leaf } from '../leaf.js';
import type { VerifyOptions } from './verify-proof.js';

export interface ProvenBundle {
  /** Log index of its first leaf. */
  readonly first: number;
  readonly leaves: readonly Leaf[];
  /** Not proven: whoever uses one compares it with the hash on a leaf. */
  readonly contents: readonly ReadContent[];
}

/** Bundles of an export whose leaves are all proven to be those of the checkpoint, one inclusion proof each. */
export interface ProvenBundles {
  /** Throws `EXPORT_INVALID` for leaves or tiles that are not those of the checkpoint, `FORMAT_INVALID` for what is no leaf. */
  read(bundle: number): Promise<ProvenBundle>;
  /** The date of a batch, from its proven tally. Throws `EXPORT_INVALID`. */
  dateOf(batch: number): Promise<string>;
}

export function provenBundles(reader: ExportReader, { size, root }: OpenedCheckpoint, { sha256 }: VerifyOptions): ProvenBundles {
  const tiles = tilesOfExport(reader, size);
  const read = async (bundle: number): Promise<ProvenBundle> => {
    const records = await readBundle(reader, bundle, size);
    const hashes = records.map((record) => leafHash(record, sha256));
    const first = bundle * TILE_WIDTH;
    // The proof of one leaf has all others of its bundle in it: with hashes made from the records it proves every one.
    const proof = await proveInclusion(
      {
        tile: async (ref) => (ref.level === 0 && ref.index === bundle ? concatBytes(...hashes.slice(0, ref.width)) : await tiles.tile(ref)),
      },
      first,
      size,
      sha256,
    );
    try {
      verifyInclusion({ index: first, size, leafHash: hashes[0] ?? root, proof, root }, sha256);
    } catch {
      throw exportInvalid('the leaves are not those of the checkpoint');
    }
    const contents = decodeContents(bundle, await readFile(reader, contentsPath(bundle)));
    return { first, leaves: records.map(decodeLeaf), contents };
  };
  const dateOf = async (batch: number): Promise<string> => {
    const { index } = decodeProofBundle(await readTextFile(reader, batchProofPath(batch)));
    if (index < size) {
      const { first, leaves } = await read(bundleOf(index));
      const leaf = leaves[index - first];
      if (leaf?.type === 'tally' && leaf.batch === batch) return leaf.date;
    }
    throw exportInvalid('the proof of a batch is not of its tally');
  };
  return { read, dateOf };
}
