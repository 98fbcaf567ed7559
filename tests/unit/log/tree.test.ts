import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { appendRecords } from '../../../src/log/append.js';
import { EMPTY_ROOT, leafHash, treeHasher } from '../../../src/log/hashing.js';
import { rootOf } from '../../../src/log/prove.js';
import {
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  pathOfIndex,
  TILE_WIDTH,
  tilePath,
  type TileRef,
  tilesOf,
} from '../../../src/log/tile.js';
import { logOf, MemoryLog, naiveRoot, nodeSha256, record, records } from '../../support/log-fixtures.js';

const key = ({ level, index }: Omit<TileRef, 'width'>) => `${level}/${index}`;
const contents = (log: MemoryLog): readonly string[] => [...log.tiles].map(([name, hashes]) => `${name} ${toHex(hashes)}`).sort();
/** The tiles of a tree as 256^l leaves each, by the sentence of C2SP tlog-tiles. */
function naiveTile(leafHashes: readonly Uint8Array[], { level, index, width }: TileRef): Uint8Array {
  const span = TILE_WIDTH ** level;
  return concatBytes(
    ...Array.from({ length: width }, (_, i) => {
      const at = (index * TILE_WIDTH + i) * span;
      return naiveRoot(leafHashes.slice(at, at + span));
    }),
  );
}

describe('hashing', () => {
  const { node } = treeHasher();
  it('is that of RFC 6962', () => {
    expect(toHex(EMPTY_ROOT)).toBe(toHex(nodeSha256(new Uint8Array(0))));
    expect(toHex(leafHash(utf8('a')))).toBe(toHex(nodeSha256(utf8('\0a'))));
    const [left, right] = [leafHash(utf8('a')), leafHash(utf8('b'))];
    expect(toHex(node(left, right))).toBe(toHex(nodeSha256(concatBytes(Uint8Array.of(1), left, right))));
    expect(toHex(leafHash(new Uint8Array(5000)))).toBe(toHex(nodeSha256(new Uint8Array(5001))));
    expect(toHex(leafHash(utf8('a'), nodeSha256))).toBe(toHex(leafHash(utf8('a'))));
  });
  it('an inner node is no leaf, and the order counts', () => {
    const [left, right] = [leafHash(utf8('a')), leafHash(utf8('b'))];
    expect(toHex(node(left, right))).not.toBe(toHex(leafHash(concatBytes(left, right))));
    expect(toHex(node(left, right))).not.toBe(toHex(node(right, left)));
  });
  it('refuses what is no bytes, or not 32 of them', () => {
    expect(() => leafHash('a' as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => node(new Uint8Array(31), EMPTY_ROOT)).toThrow(RangeError);
    expect(() => node(EMPTY_ROOT, new Uint8Array(33))).toThrow(RangeError);
  });
});

describe('paths', () => {
  it.each([
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 0, index: 1234067, width: 5 }, 'tile/0/x001/x234/067.p/5'],
    [{ level: 63, index: 0, width: 255 }, 'tile/63/000.p/255'],
    [{ level: 1, index: 1000, width: 1 }, 'tile/1/x001/000.p/1'],
  ])('%j', (ref, path) => {
    expect(tilePath(ref)).toBe(path);
    expect(entriesPath(ref.index, ref.width)).toBe(path.replace(/tile\/\d+/, 'tile/entries'));
  });
  it('different indexes have different paths that no path is a folder of', () => {
    const index = fc.oneof(fc.nat(2_000_000), fc.maxSafeNat());
    fc.assert(
      fc.property(index, index, (a, b) => {
        expect(pathOfIndex(a) === pathOfIndex(b)).toBe(a === b);
        expect(pathOfIndex(b).startsWith(`${pathOfIndex(a)}/`)).toBe(false);
        expect(Number(pathOfIndex(a).replace(/[x/]/g, ''))).toBe(a);
      }),
    );
  });
  it.each([
    { level: -1, index: 0, width: 1 },
    { level: 64, index: 0, width: 1 },
    { level: 0.5, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 2 ** 53, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
  ])('%j is no tile', (ref) => expect(() => tilePath(ref)).toThrow(RangeError));
  it('a tree of 70,000 records has the tiles the specification counts', () => {
    const tiles = [...tilesOf(70_000)];
    expect(tiles).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273);
    expect(tiles.filter(({ level, width }) => level > 0 || width < 256)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect([...tilesOf(256)]).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect([...tilesOf(0)]).toEqual([]);
    expect(() => [...tilesOf(-1)]).toThrow(RangeError);
  });
});

describe('entry bundles', () => {
  it('come back as they were', () => {
    const bundles = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(bundles, (bundle) => {
        const encoded = encodeEntryBundle(bundle);
        expect(decodeEntryBundle(encoded, bundle.length)).toEqual(bundle);
        if (bundle.length < 256)
          expect(() => decodeEntryBundle(encoded, bundle.length + 1)).toThrow(expect.objectContaining({ code: 'EXPORT_INVALID' }));
        if (bundle.length > 1)
          expect(() => decodeEntryBundle(encoded, bundle.length - 1)).toThrow(expect.objectContaining({ code: 'EXPORT_INVALID' }));
        expect(() => decodeEntryBundle(encoded.slice(0, -1), bundle.length)).toThrow(expect.objectContaining({ code: 'EXPORT_INVALID' }));
      }),
    );
  });
  it('hold records of 0 to 65,535 bytes, 1 to 256 of them', () => {
    const longest = new Uint8Array(65_535).fill(7);
    expect(decodeEntryBundle(encodeEntryBundle([longest, new Uint8Array(0)]), 2)).toEqual([longest, new Uint8Array(0)]);
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
    expect(() => encodeEntryBundle([])).toThrow(RangeError);
    expect(() => encodeEntryBundle(records(257))).toThrow(RangeError);
    expect(() => decodeEntryBundle(new Uint8Array(2), 0)).toThrow(RangeError);
  });
});

describe('append', () => {
  const leaves = records(600).map((each) => leafHash(each, nodeSha256));

  it('every size from 0 to 600, one record at a time, has the naive tree’s root and tiles', async () => {
    const log = new MemoryLog();
    expect(toHex(await rootOf(log, 0))).toBe(toHex(EMPTY_ROOT));
    expect(await log.append([])).toEqual({ size: 0, root: EMPTY_ROOT, tiles: [] });
    for (let size = 1; size <= 600; size++) {
      const { root } = await log.append([record(size - 1)]);
      const naive = toHex(naiveRoot(leaves.slice(0, size)));
      expect(toHex(root), `size ${size}`).toBe(naive);
      expect(toHex(await rootOf(log, size, nodeSha256)), `size ${size}`).toBe(naive);
    }
    const tiles = [...tilesOf(600)];
    expect([...log.tiles.keys()].sort()).toEqual(tiles.map(key).sort());
    for (const ref of tiles) expect(toHex(await log.tile(ref))).toBe(toHex(naiveTile(leaves, ref)));
  });

  it('splits of any kind end in the same tree', async () => {
    const whole = await logOf(600);
    const property = fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 }), async (parts) => {
      const log = new MemoryLog();
      for (const part of [...parts, 600]) await log.append(records(Math.min(part, 600 - log.size), log.size));
      expect(toHex(log.root as Uint8Array)).toBe(toHex(whole.root as Uint8Array));
      expect(contents(log)).toEqual(contents(whole));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('gives each changed tile once, reads one tile a level, and asks for no more than the tree has', async () => {
    const log = await logOf(70_000);
    log.reads.length = 0;
    const { tiles, size } = await log.append(records(300, 70_000));
    expect(size).toBe(70_300);
    expect(log.reads).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(tiles.map(key).sort()).toEqual(['0/273', '0/274', '1/1']);
    log.reads.length = 0;
    expect((await log.append([])).tiles).toEqual([]);
    expect(toHex(log.root as Uint8Array)).toBe(toHex(await rootOf(log, 70_300, nodeSha256)));
  });

  it('a full tile leaves nothing to read on its level', async () => {
    const log = await logOf(65_536);
    expect(log.tiles.get('2/0')).toHaveLength(32);
    log.reads.length = 0;
    const { tiles } = await log.append([record(65_536)]);
    expect(log.reads).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(tiles.map(key)).toEqual(['0/256']);
  });

  it('refuses a reader that gives another length, records that are too long, and sizes that are none', async () => {
    const short = { tile: () => Promise.resolve(new Uint8Array(32)) };
    await expect(appendRecords(short, 2, [])).rejects.toThrow(RangeError);
    await expect(appendRecords(short, 0, [new Uint8Array(65_536)])).rejects.toThrow(RangeError);
    await expect(appendRecords(short, 0, ['a' as unknown as Uint8Array])).rejects.toThrow(TypeError);
    for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) await expect(appendRecords(short, size, [])).rejects.toThrow(RangeError);
    await expect(appendRecords(short, Number.MAX_SAFE_INTEGER, records(1))).rejects.toThrow(RangeError);
  });
});
