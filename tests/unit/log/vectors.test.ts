import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import { decodeCheckpoint, encodeCheckpoint, openCheckpoint } from '../../../src/log/checkpoint.js';
import { cosign } from '../../../src/log/cosignature.js';
import { leafHash } from '../../../src/log/hashing.js';
import { encodeVerifierKey, openNote, parseNote, parseVerifierKey } from '../../../src/log/note.js';
import { decodeProofBundle, encodeProofBundle } from '../../../src/log/proof-bundle.js';
import { proveConsistency, proveInclusion, rootOf } from '../../../src/log/prove.js';
import { addSignatures, encodeNote } from '../../../src/log/sign-note.js';
import { encodeSignerKey, makeSigner, parseSignerKey, verifierOf } from '../../../src/log/signer-key.js';
import { encodeEntryBundle, entriesPath, pathOfIndex, tilePath, tilesOf } from '../../../src/log/tile.js';
import { verifyInclusion } from '../../../src/log/verify-inclusion.js';
import { decodeAddCheckpoint, encodeAddCheckpoint } from '../../../src/log/witness-request.js';
import { LOG, logOf, nodeSha256, record, records } from '../../support/log-fixtures.js';

interface KeyVector {
  readonly name: string;
  readonly type: 1 | 4;
  readonly seed: string;
  readonly vkey: string;
  readonly skey: string;
}
interface FileVector {
  readonly path: string;
  readonly sha256: string;
}
interface TreeVector {
  readonly size: number;
  readonly root: string;
  readonly tiles: readonly FileVector[];
  readonly bundles: readonly FileVector[];
  readonly inclusion: readonly { readonly index: number; readonly leafHash: string; readonly proof: readonly string[] }[];
  readonly consistency: readonly { readonly from: number; readonly fromRoot: string; readonly proof: readonly string[] }[];
}
interface LogVectors {
  readonly paths: readonly { readonly index: number; readonly path: string }[];
  readonly trees: readonly [TreeVector, TreeVector];
  readonly log: KeyVector;
  readonly witnesses: readonly (KeyVector & { readonly seconds: number; readonly line: string })[];
  readonly checkpoint: { readonly size: number; readonly text: string; readonly note: string; readonly cosigned: string };
  readonly policy: string;
  readonly bundle: { readonly index: number; readonly text: string };
  readonly addCheckpoint: { readonly oldSize: number; readonly text: string };
}

const vectors = JSON.parse(readFileSync(new URL('../../vectors/log.json', import.meta.url), 'utf8')) as LogVectors;
const signerOf = ({ name, seed, type }: KeyVector) => makeSigner(name, new Uint8Array(Buffer.from(seed, 'hex')), type);

describe('tests/vectors/log.json', () => {
  it('is whole', () => {
    const { paths, trees, witnesses } = vectors;
    const parts = trees.map(({ tiles, bundles, inclusion, consistency }) =>
      [tiles, bundles, inclusion, consistency].map(({ length }) => length),
    );
    expect([paths.length, ...parts, witnesses.length]).toEqual([9, [1, 1, 7, 7], [3, 2, 8, 10], 3]);
  });

  it('paths', () => {
    for (const { index, path } of vectors.paths) expect(pathOfIndex(index)).toBe(path);
  });

  it.each(vectors.trees)('the tree of $size records', async (tree) => {
    const log = await logOf(tree.size);
    expect(toHex(log.root as Uint8Array)).toBe(tree.root);
    const tiles = await Promise.all(
      [...tilesOf(tree.size)].map(async (ref) => ({ path: tilePath(ref), sha256: sha256Hex(await log.tile(ref)) })),
    );
    expect(tiles).toEqual(tree.tiles);
    const all = records(tree.size);
    const bundles = [...tilesOf(tree.size)]
      .filter(({ level }) => level === 0)
      .map(({ index, width }) => ({
        path: entriesPath(index, width),
        sha256: sha256Hex(encodeEntryBundle(all.slice(256 * index, 256 * index + width))),
      }));
    expect(bundles).toEqual(tree.bundles);
    for (const { index, leafHash: leaf, proof } of tree.inclusion) {
      expect(toHex(leafHash(record(index)))).toBe(leaf);
      expect((await proveInclusion(log, index, tree.size)).map(toHex)).toEqual(proof);
    }
    for (const { from, fromRoot, proof } of tree.consistency) {
      expect(toHex(await rootOf(log, from))).toBe(fromRoot);
      expect((await proveConsistency(log, from, tree.size)).map(toHex)).toEqual(proof);
    }
  });

  it('keys', () => {
    for (const key of [vectors.log, ...vectors.witnesses]) {
      const signer = signerOf(key);
      expect(encodeSignerKey(signer)).toBe(key.skey);
      expect(parseSignerKey(key.skey)).toEqual(signer);
      expect(encodeVerifierKey(verifierOf(signer))).toBe(key.vkey);
      expect(parseVerifierKey(key.vkey)).toEqual(verifierOf(signer));
    }
    expect(encodeSignerKey(LOG)).toBe(vectors.log.skey);
  });

  it('checkpoint and cosignatures', async () => {
    const { size, text, note, cosigned } = vectors.checkpoint;
    const log = await logOf(size);
    expect(log.checkpoint(signerOf(vectors.log))).toBe(note);
    expect(encodeCheckpoint(decodeCheckpoint(text))).toBe(text);
    for (const witness of vectors.witnesses) {
      expect(cosign(text, signerOf(witness), witness.seconds)).toBe(witness.line);
      const { verified } = openNote(addSignatures(note, [witness.line]), [parseVerifierKey(witness.vkey)]);
      expect(verified).toMatchObject([{ name: witness.name, timestamp: witness.seconds }]);
    }
    expect(
      addSignatures(
        note,
        vectors.witnesses.slice(0, 2).map(({ line }) => line),
      ),
    ).toBe(cosigned);
    expect(encodeNote(parseNote(cosigned))).toBe(cosigned);
    const trust = { key: vectors.log.vkey, policy: vectors.policy };
    expect(openCheckpoint(cosigned, trust).witnesses.map(({ time }) => time)).toEqual(
      vectors.witnesses.slice(0, 2).map(({ seconds }) => seconds),
    );
    expect(() => openCheckpoint(note, trust)).toThrow(expect.objectContaining({ code: 'WITNESSES_TOO_FEW' }));
  });

  it('proof bundle', async () => {
    const { index, text } = vectors.bundle;
    const log = await logOf(300);
    const proof = await proveInclusion(log, index, 300, nodeSha256);
    expect(encodeProofBundle({ index, proof, checkpoint: vectors.checkpoint.cosigned, extra: record(index) })).toBe(text);
    const bundle = decodeProofBundle(text);
    const { size, root } = openCheckpoint(bundle.checkpoint, { key: vectors.log.vkey, policy: vectors.policy });
    verifyInclusion({ index: bundle.index, size, leafHash: leafHash(bundle.extra as Uint8Array), proof: bundle.proof, root });
  });

  it('add-checkpoint', async () => {
    const { oldSize, text } = vectors.addCheckpoint;
    const proof = await proveConsistency(await logOf(300), oldSize, 300);
    expect(encodeAddCheckpoint({ oldSize, proof, checkpoint: vectors.checkpoint.note })).toBe(text);
    expect(decodeAddCheckpoint(text).proof.map(toHex)).toEqual(proof.map(toHex));
  });
});

function sha256Hex(bytes: Uint8Array): string {
  return toHex(nodeSha256(bytes));
}
