import { hash } from 'node:crypto';
import { appendRecords, type Appended } from '../../src/log/append.js';
import { encodeCheckpoint } from '../../src/log/checkpoint.js';
import type { Sha256 } from '../../src/log/hashing.js';
import { signNote } from '../../src/log/sign-note.js';
import { makeSigner, type NoteSigner } from '../../src/log/signer-key.js';
import { HASH_LENGTH, type TileRef } from '../../src/log/tile.js';
import type { TileReader } from '../../src/log/tile-reader.js';

export const nodeSha256: Sha256 = (data) => new Uint8Array(hash('sha256', data, 'buffer'));

export const record = (i: number): Uint8Array => new TextEncoder().encode(`record ${i}`);
export const records = (count: number, from = 0): Uint8Array[] => Array.from({ length: count }, (_, i) => record(from + i));

export const LOG = makeSigner('log.example/register', new Uint8Array(32).fill(1));

/** A log in memory that keeps each tile once, as a store does. */
export class MemoryLog implements TileReader {
  readonly tiles = new Map<string, Uint8Array>();
  readonly reads: TileRef[] = [];
  size = 0;
  root: Uint8Array | undefined;

  tile(ref: TileRef): Promise<Uint8Array> {
    this.reads.push(ref);
    const tile = this.tiles.get(`${ref.level}/${ref.index}`);
    if (tile === undefined || tile.length < ref.width * HASH_LENGTH) return Promise.reject(new Error('no such tile'));
    return Promise.resolve(tile.subarray(0, ref.width * HASH_LENGTH));
  }

  async append(more: readonly Uint8Array[]): Promise<Appended> {
    const appended = await appendRecords(this, this.size, more, nodeSha256);
    for (const { level, index, hashes } of appended.tiles) this.tiles.set(`${level}/${index}`, hashes);
    this.size = appended.size;
    this.root = appended.root;
    return appended;
  }

  /** Its checkpoint, signed. */
  checkpoint(signer: NoteSigner = LOG): string {
    if (this.root === undefined) throw new Error('nothing was appended');
    return signNote(encodeCheckpoint({ origin: signer.name, size: this.size, root: this.root }), [signer]);
  }
}

export async function logOf(size: number): Promise<MemoryLog> {
  const log = new MemoryLog();
  await log.append(records(size));
  return log;
}

/** MTH of RFC 6962 §2.1, word for word: the naive tree the fast one is compared with. */
export function naiveRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  if (leafHashes.length === 0) return nodeSha256(new Uint8Array(0));
  if (leafHashes.length === 1) return leafHashes[0] as Uint8Array;
  let k = 1;
  while (k * 2 < leafHashes.length) k *= 2;
  return nodeSha256(Uint8Array.of(1, ...naiveRoot(leafHashes.slice(0, k)), ...naiveRoot(leafHashes.slice(k))));
}

/** Every copy of `bytes` with one bit flipped. */
export function* bitFlips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++)
    for (let bit = 0; bit < 8; bit++) {
      const flipped = new Uint8Array(bytes);
      flipped[i] = (flipped[i] as number) ^ (1 << bit);
      yield flipped;
    }
}

type Three = readonly [NoteSigner, NoteSigner, NoteSigner];
export const WITNESSES = [1, 2, 3].map((i) =>
  makeSigner(`witness.example/w${i}`, new Uint8Array(32).fill(0x10 + i), 4),
) as unknown as Three;
