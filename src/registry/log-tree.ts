import { equalBytes } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { type Appended, appendRecords } from '../log/append.js';
import { rootOf } from '../log/prove.js';
import type { TileReader } from '../log/tile-reader.js';
import type { PublicStore } from '../public/ports.js';
import type { RegistryContext } from './context.js';

/** Leaves hashed at a time: memory stays flat whatever the size of the register. */
const CHUNK = 65_536;
const HASH_LENGTH = 32;

/** The store's tiles as the log's code reads them. Throws `STORE_INTEGRITY` for one that is missing or too short. */
export function tilesOfStore(store: Pick<PublicStore, 'tile'>): TileReader {
  return {
    async tile({ level, index, width }) {
      const hashes = await store.tile(level, index);
      if (hashes === undefined || hashes.length < width * HASH_LENGTH) throw integrity('a tile of the tree is missing');
      return hashes.subarray(0, width * HASH_LENGTH);
    },
  };
}

/** Gives the leaves of a register of an earlier release their tree; may be interrupted and goes on where it was. Nothing to do: one look. */
export async function growTree({ stores: { public: store }, backend }: RegistryContext): Promise<void> {
  const { logSize, treeSize } = await store.state();
  for await (const { from, appended } of regrown(store, treeSize, logSize, backend.sha256)) await store.growTree(from, appended.tiles);
}

/**
 * Looks again at what is on the disk before anything is signed: hashes the leaves from `from` on once more, and compares every tile that they
 * change. Gives the root. Throws `STORE_INTEGRITY`: leaf and tree do not belong together, and no checkpoint may say that they do.
 */
export async function checkedRoot(
  { stores: { public: store }, backend }: RegistryContext,
  from: number,
  size: number,
): Promise<Uint8Array> {
  for await (const { appended } of regrown(store, from, size, backend.sha256)) {
    for (const { level, index, hashes } of appended.tiles) {
      const stored = await store.tile(level, index);
      if (stored === undefined || !equalBytes(stored.subarray(0, hashes.length), hashes)) throw integrity('a leaf is not in its tile');
    }
  }
  return rootOf(tilesOfStore(store), size, backend.sha256);
}

async function* regrown(
  store: PublicStore,
  from: number,
  to: number,
  sha256: (data: Uint8Array) => Uint8Array,
): AsyncIterable<{ readonly from: number; readonly appended: Appended }> {
  let records: Uint8Array[] = [];
  let size = from;
  const grow = async (): Promise<{ from: number; appended: Appended }> => {
    const appended = await appendRecords(tilesOfStore(store), size, records, sha256);
    const grown = { from: size, appended };
    size += records.length;
    records = [];
    return grown;
  };
  if (from === to) return;
  for await (const { index, bytes } of store.leaves(from)) {
    if (index >= to) break;
    records.push(bytes);
    if (records.length === CHUNK) yield await grow();
  }
  if (records.length > 0) yield await grow();
  if (size !== to) throw integrity('the log has a gap');
}

function integrity(problem: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', problem);
}
