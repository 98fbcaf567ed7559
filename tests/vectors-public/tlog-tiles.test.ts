import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/foundation/bytes.js';
import { treeHasher } from '../../src/log/hashing.js';
import { proveConsistency, proveInclusion, rootOf } from '../../src/log/prove.js';
import { tilePath } from '../../src/log/tile.js';
import type { TileReader } from '../../src/log/tile-reader.js';
import { verifyConsistency } from '../../src/log/verify-consistency.js';
import { verifyInclusion } from '../../src/log/verify-inclusion.js';
import { naiveRoot, nodeSha256 } from '../support/log-fixtures.js';
import { sharedPath } from '../support/shared.js';

const root = sharedPath('vectors/tlog-tiles/sunlight-navigli2025h2');

/** Level-0 tiles of a Certificate Transparency log, and above them the one tile that follows from them. */
function readTiles(): { readonly level0: readonly Uint8Array[]; readonly partial: Uint8Array; readonly reader: TileReader } {
  const file = (path: string): Uint8Array => new Uint8Array(readFileSync(join(root ?? '', path)));
  const level0 = [0, 1, 2, 3].map((index) => file(tilePath({ level: 0, index, width: 256 })));
  const partial = file(tilePath({ level: 0, index: 3, width: 10 }));
  const level1 = concatBytes(...level0.map((tile) => treeHasher(nodeSha256).perfect(tile, 0, 256)));
  const reader: TileReader = {
    tile: ({ level, index, width }) => Promise.resolve((level === 0 ? (level0[index] as Uint8Array) : level1).subarray(0, width * 32)),
  };
  return { level0, partial, reader };
}

describe.skipIf(root === undefined)('tiles of a Sunlight log', () => {
  it('are five files: four full tiles and a partial one, which is the head of a full one', () => {
    const files = readdirSync(root ?? '', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files).toHaveLength(5);
    const { level0, partial } = readTiles();
    expect(level0.map(({ length }) => length)).toEqual([8192, 8192, 8192, 8192]);
    expect(partial).toHaveLength(320);
    expect(toHex((level0[3] as Uint8Array).subarray(0, 320))).toBe(toHex(partial));
  });

  it('give the root of 1024 leaves, and of the 778 of the partial tile', async () => {
    const { level0, reader } = readTiles();
    const all = concatBytes(...level0);
    const leaves = Array.from({ length: 1024 }, (_, i) => all.slice(32 * i, 32 * i + 32));
    for (const size of [1, 256, 257, 778, 1023, 1024])
      expect(toHex(await rootOf(reader, size, nodeSha256))).toBe(toHex(naiveRoot(leaves.slice(0, size))));
  });

  it('proofs out of them verify', async () => {
    const { level0, reader } = readTiles();
    const all = concatBytes(...level0);
    let proofs = 0;
    for (const size of [778, 1024]) {
      const treeRoot = await rootOf(reader, size, nodeSha256);
      for (let index = 0; index < size; index += 37, proofs++) {
        const proof = await proveInclusion(reader, index, size, nodeSha256);
        verifyInclusion({ index, size, leafHash: all.slice(32 * index, 32 * index + 32), proof, root: treeRoot }, nodeSha256);
      }
      for (const from of [1, 255, 256, 512, 777, 778]) {
        const proof = await proveConsistency(reader, from, size, nodeSha256);
        const fromRoot = await rootOf(reader, from, nodeSha256);
        verifyConsistency({ from, to: size, fromRoot, toRoot: treeRoot, proof }, nodeSha256);
        proofs++;
      }
    }
    expect(proofs).toBe(62);
  });
});
