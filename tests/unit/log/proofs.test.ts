import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes, toHex } from '../../../src/foundation/bytes.js';
import { leafHash } from '../../../src/log/hashing.js';
import { proveConsistency, proveInclusion, rootOf } from '../../../src/log/prove.js';
import { verifyConsistency } from '../../../src/log/verify-consistency.js';
import { verifyInclusion } from '../../../src/log/verify-inclusion.js';
import { bitFlips, logOf, type MemoryLog, nodeSha256, record } from '../../support/log-fixtures.js';

const INVALID = expect.objectContaining({ code: 'PROOF_INVALID' });
const inclusion = async (log: MemoryLog, index: number, size: number) => ({
  index,
  size,
  leafHash: leafHash(record(index), nodeSha256),
  proof: await proveInclusion(log, index, size, nodeSha256),
  root: await rootOf(log, size, nodeSha256),
});
const consistency = async (log: MemoryLog, from: number, to: number) => ({
  from,
  to,
  fromRoot: await rootOf(log, from, nodeSha256),
  toRoot: await rootOf(log, to, nodeSha256),
  proof: await proveConsistency(log, from, to, nodeSha256),
});
/** Other lists of hashes that are nearly the proof. */
function* spoiled(proof: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (let i = 0; i < proof.length; i++) {
    for (const flipped of bitFlips(proof[i] as Uint8Array)) yield proof.with(i, flipped);
    yield proof.with(i, new Uint8Array([...(proof[i] as Uint8Array), 0]));
    yield proof.with(i, (proof[i] as Uint8Array).slice(0, 31));
    yield proof.toSpliced(i, 1);
    yield proof.toSpliced(i, 0, proof[i] as Uint8Array);
    for (let j = 0; j < i; j++) yield proof.with(i, proof[j] as Uint8Array).with(j, proof[i] as Uint8Array);
  }
  yield [...proof, new Uint8Array(32)];
  yield [new Uint8Array(32), ...proof];
}

describe('small trees', () => {
  let log: MemoryLog;
  beforeAll(async () => {
    log = await logOf(70);
  });

  it('every leaf of every tree up to 70 is proven, at its index only', async () => {
    for (let size = 1; size <= 70; size++)
      for (let index = 0; index < size; index++) {
        const claim = await inclusion(log, index, size);
        verifyInclusion(claim, nodeSha256);
        for (const other of [index - 1, index + 1, size])
          if (other >= 0) expect(() => verifyInclusion({ ...claim, index: other }, nodeSha256)).toThrow(INVALID);
      }
  });

  it('every pair of trees up to 70 is proven consistent', async () => {
    for (let to = 1; to <= 70; to++)
      for (let from = 1; from <= to; from++) {
        const claim = await consistency(log, from, to);
        verifyConsistency(claim, nodeSha256);
        if (from < to) {
          expect(() => verifyConsistency({ ...claim, proof: [] }, nodeSha256)).toThrow(INVALID);
          expect(() => verifyConsistency({ ...claim, fromRoot: claim.toRoot, toRoot: claim.fromRoot }, nodeSha256)).toThrow(INVALID);
        }
      }
  });

  it('every flipped bit, cut, doubled or exchanged hash of an inclusion proof is refused', async () => {
    for (const [index, size] of [
      [0, 2],
      [5, 7],
      [6, 7],
      [64, 70],
    ] as const) {
      const claim = await inclusion(log, index, size);
      for (const proof of spoiled(claim.proof)) expect(() => verifyInclusion({ ...claim, proof }, nodeSha256)).toThrow(INVALID);
      for (const root of bitFlips(claim.root)) expect(() => verifyInclusion({ ...claim, root }, nodeSha256)).toThrow(INVALID);
      for (const leaf of bitFlips(claim.leafHash)) expect(() => verifyInclusion({ ...claim, leafHash: leaf }, nodeSha256)).toThrow(INVALID);
    }
  });

  it('every flipped bit, cut, doubled or exchanged hash of a consistency proof is refused', async () => {
    for (const [from, to] of [
      [1, 2],
      [4, 7],
      [6, 7],
      [63, 70],
      [64, 70],
    ] as const) {
      const claim = await consistency(log, from, to);
      for (const proof of spoiled(claim.proof)) expect(() => verifyConsistency({ ...claim, proof }, nodeSha256)).toThrow(INVALID);
      for (const fromRoot of bitFlips(claim.fromRoot)) expect(() => verifyConsistency({ ...claim, fromRoot }, nodeSha256)).toThrow(INVALID);
      for (const toRoot of bitFlips(claim.toRoot)) expect(() => verifyConsistency({ ...claim, toRoot }, nodeSha256)).toThrow(INVALID);
    }
  });

  it('a tree with one record changed is not consistent: the check is not vacuous', async () => {
    const other = await logOf(7);
    other.tiles.set('0/0', new Uint8Array([...(other.tiles.get('0/0') as Uint8Array)].map((byte, i) => (i === 40 ? byte ^ 1 : byte))));
    const claim = await consistency(other, 6, 7);
    verifyConsistency(claim, nodeSha256);
    const honest = await consistency(log, 6, 7);
    expect(() => verifyConsistency({ ...honest, toRoot: claim.toRoot }, nodeSha256)).toThrow(INVALID);
    expect(() => verifyConsistency({ ...claim, fromRoot: honest.fromRoot }, nodeSha256)).toThrow(INVALID);
  });

  it('the caller’s own mistakes are RangeErrors', async () => {
    for (const [index, size] of [
      [7, 7],
      [-1, 7],
      [0, 0],
      [0.5, 7],
    ] as const)
      await expect(proveInclusion(log, index, size)).rejects.toThrow(RangeError);
    for (const [from, to] of [
      [0, 7],
      [8, 7],
      [-1, 7],
      [1, 2 ** 53],
    ] as const)
      await expect(proveConsistency(log, from, to)).rejects.toThrow(RangeError);
    const claim = await inclusion(log, 3, 7);
    expect(() => verifyInclusion({ ...claim, index: -1 })).toThrow(RangeError);
    expect(() => verifyInclusion({ ...claim, size: 7.5 })).toThrow(RangeError);
    expect(() => verifyInclusion({ ...claim, root: 'x' as unknown as Uint8Array })).toThrow(TypeError);
  });

  it('the default hash is the same', async () => {
    verifyInclusion(await inclusion(log, 3, 70));
    verifyConsistency(await consistency(log, 3, 70));
    expect(toHex(await rootOf(log, 70))).toBe(toHex(log.root as Uint8Array));
    expect(await proveInclusion(log, 3, 70)).toEqual((await inclusion(log, 3, 70)).proof);
  });
});

describe('a tree of 300,000 records', () => {
  const SIZE = 300_000;
  let log: MemoryLog;
  beforeAll(async () => {
    log = await logOf(SIZE);
  });

  it('inclusion: any leaf, any size; few tiles are read, each once', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 1, max: SIZE }), fc.nat(), async (size, any) => {
      const index = any % size;
      log.reads.length = 0;
      const proof = await proveInclusion(log, index, size, nodeSha256);
      const read = log.reads.map(({ level, index: at }) => `${level}/${at}`);
      expect(new Set(read).size).toBe(read.length);
      // At most two of each of the three levels: the leaf's own and the right edge's.
      expect(read.length).toBeLessThanOrEqual(6);
      verifyInclusion({ ...(await inclusion(log, index, size)), proof }, nodeSha256);
    });
    await fc.assert(property, {
      numRuns: 100,
      examples: [
        [SIZE, SIZE - 1],
        [65_536, 0],
        [65_537, 65_536],
        [257, 255],
      ],
    });
  });

  it('consistency: any two sizes', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 1, max: SIZE }), fc.nat(), async (to, any) => {
      const from = 1 + (any % to);
      log.reads.length = 0;
      await proveConsistency(log, from, to, nodeSha256);
      expect(log.reads.length).toBeLessThanOrEqual(6);
      const claim = await consistency(log, from, to);
      verifyConsistency(claim, nodeSha256);
      if (from < to) expect(equalBytes(claim.fromRoot, claim.toRoot)).toBe(false);
    });
    await fc.assert(property, {
      numRuns: 100,
      examples: [
        [SIZE, 65_535],
        [65_537, 65_535],
        [512, 255],
      ],
    });
  });
});

describe('proofs that are too long for the tree they name, though their hashes fit', () => {
  const [a, b] = [leafHash(record(0)), leafHash(record(1))];
  const root = nodeSha256(Uint8Array.of(1, ...b, ...a));
  const higher = nodeSha256(Uint8Array.of(1, ...b, ...root));

  it('inclusion', () => {
    verifyInclusion({ index: 1, size: 2, leafHash: a, proof: [b], root });
    expect(() => verifyInclusion({ index: 0, size: 1, leafHash: a, proof: [b], root })).toThrow(INVALID);
    expect(() => verifyInclusion({ index: 1, size: 2, leafHash: a, proof: [b, b], root: higher })).toThrow(INVALID);
  });
  it('too short: the last of a larger tree', () => {
    expect(() => verifyInclusion({ index: 0, size: 2, leafHash: a, proof: [], root: a })).toThrow(INVALID);
    expect(() => verifyInclusion({ index: 3, size: 4, leafHash: a, proof: [b], root })).toThrow(INVALID);
  });
  it('consistency', () => {
    verifyConsistency({ from: 1, to: 2, fromRoot: b, toRoot: root, proof: [a] });
    const tooLong = nodeSha256(Uint8Array.of(1, ...a, ...root));
    expect(() => verifyConsistency({ from: 1, to: 2, fromRoot: b, toRoot: tooLong, proof: [a, a] })).toThrow(INVALID);
    // from 3 to 4: [leaf 2, leaf 3, root of 0 and 1], and one hash more on top of both trees.
    const [c, d] = [leafHash(record(2)), leafHash(record(3))];
    const node = (left: Uint8Array, right: Uint8Array) => nodeSha256(Uint8Array.of(1, ...left, ...right));
    const claim = { from: 3, to: 4, fromRoot: node(root, c), toRoot: node(root, node(c, d)), proof: [c, d, root] };
    verifyConsistency(claim);
    const topped = { ...claim, fromRoot: node(a, claim.fromRoot), toRoot: node(a, claim.toRoot), proof: [...claim.proof, a] };
    expect(() => verifyConsistency(topped)).toThrow(INVALID);
    expect(() => verifyConsistency({ from: 1, to: 3, fromRoot: b, toRoot: root, proof: [a] })).toThrow(INVALID);
  });
});

describe('edges', () => {
  const [a, b] = [leafHash(record(0)), leafHash(record(1))];
  it('consistency from nothing, from more, and of equal sizes', () => {
    const claim = { from: 1, to: 1, fromRoot: a, toRoot: a, proof: [] };
    verifyConsistency(claim);
    for (const wrong of [{ proof: [b] }, { toRoot: b }, { from: 0, to: 0 }, { from: 0 }, { from: 2 }, { from: 0, proof: [a] }])
      expect(() => verifyConsistency({ ...claim, ...wrong })).toThrow(INVALID);
    for (const from of [1, 2, 3]) expect(() => verifyConsistency({ ...claim, from, to: 4 })).toThrow(INVALID);
  });
  it('leaf hashes of another length', () => {
    const short = a.slice(0, 31);
    expect(() => verifyInclusion({ index: 0, size: 1, leafHash: short, proof: [], root: short })).toThrow(INVALID);
    expect(() => verifyInclusion({ index: 0, size: 2, leafHash: short, proof: [b], root: a })).toThrow(INVALID);
    verifyInclusion({ index: 0, size: 1, leafHash: a, proof: [], root: a });
    expect(() => verifyInclusion({ index: 0, size: 0, leafHash: a, proof: [], root: a })).toThrow(INVALID);
  });
});

describe('sizes beyond 2^53', () => {
  it('are counted exactly', () => {
    // Sizes that differ in the last bit only: as a double they would be one.
    const big = 2n ** 60n + 1n;
    const leaf = leafHash(record(0));
    expect(() => verifyInclusion({ index: big - 1n, size: big, leafHash: leaf, proof: [], root: leaf })).toThrow(INVALID);
    const claim = { from: big - 1n, to: big, fromRoot: leaf, toRoot: leaf, proof: [] };
    expect(() => verifyConsistency(claim)).toThrow(INVALID);
    verifyConsistency({ ...claim, from: big });
    // The last leaf of a tree of 2^60 + 1 has one sibling: the root of all the others.
    const sibling = leafHash(record(1));
    const root = nodeSha256(Uint8Array.of(1, ...sibling, ...leaf));
    verifyInclusion({ index: big - 1n, size: big, leafHash: leaf, proof: [sibling], root });
    verifyConsistency({ from: big - 1n, to: big, fromRoot: sibling, toRoot: root, proof: [leaf] });
  });
});
