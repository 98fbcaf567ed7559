import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../src/foundation/bytes.js';
import { verifyConsistency } from '../../src/log/verify-consistency.js';
import { verifyInclusion } from '../../src/log/verify-inclusion.js';
import { sharedPath } from '../support/shared.js';

interface MerkleVector {
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [member: string]: unknown;
}

const root = sharedPath('vectors/merkle');

function read(kind: string): readonly { readonly path: string; readonly vector: MerkleVector }[] {
  if (root === undefined) return [];
  const paths = readdirSync(join(root, kind), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
  return paths.sort().map((path) => {
    // Sizes go beyond 2^53: they are kept as the digits in the file.
    const text = readFileSync(join(root, kind, path), 'utf8').replace(/("(?:leafIdx|treeSize|size1|size2)": )(\d+)/g, '$1"$2"');
    return { path, vector: JSON.parse(text) as MerkleVector };
  });
}

const bytes = (value: unknown): Uint8Array => fromBase64(value as string);
const integer = (value: unknown): bigint => BigInt(value as string);

/** Runs every file, and says how many were to be refused and how many exceed 2^53. */
function run(kind: string, sizes: readonly string[], verify: (vector: MerkleVector, proof: readonly Uint8Array[]) => void) {
  const files = read(kind);
  for (const { path, vector } of files) {
    const attempt = () => verify(vector, (vector.proof ?? []).map(bytes));
    if (vector.wantErr) expect(attempt, path).toThrow(expect.objectContaining({ code: 'PROOF_INVALID' }));
    else expect(attempt, path).not.toThrow();
  }
  const large = files.filter(({ vector }) => sizes.some((size) => integer(vector[size]) > BigInt(Number.MAX_SAFE_INTEGER)));
  return { files: files.length, refused: files.filter(({ vector }) => vector.wantErr).length, large: large.length };
}

describe.skipIf(root === undefined)('transparency-dev/merkle', () => {
  it('inclusion', () => {
    const counts = run('inclusion', ['leafIdx', 'treeSize'], (vector, proof) =>
      verifyInclusion({
        index: integer(vector['leafIdx']),
        size: integer(vector['treeSize']),
        leafHash: bytes(vector['leafHash']),
        root: bytes(vector['root']),
        proof,
      }),
    );
    expect(counts).toEqual({ files: 98, refused: 92, large: 2 });
  });

  it('consistency', () => {
    const counts = run('consistency', ['size1', 'size2'], (vector, proof) =>
      verifyConsistency({
        from: integer(vector['size1']),
        to: integer(vector['size2']),
        fromRoot: bytes(vector['root1']),
        toRoot: bytes(vector['root2']),
        proof,
      }),
    );
    expect(counts).toEqual({ files: 98, refused: 92, large: 0 });
  });
});
