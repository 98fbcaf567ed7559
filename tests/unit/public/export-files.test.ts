import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { utf8 } from '../../../src/foundation/bytes.js';
import { rootOf } from '../../../src/log/prove.js';
import { encodeContent } from '../../../src/public/content.js';
import { decodeContents, encodeContents } from '../../../src/public/export/contents-file.js';
import { countsCsv, countsOf, encodeCounts } from '../../../src/public/export/export-counts.js';
import { readBundle, tilesOfExport } from '../../../src/public/export/export-reader.js';
import { batchProofPath, contentsPath } from '../../../src/public/export/layout.js';
import { decodeCounts } from '../../../src/public/export/read-counts.js';
import { latestPublication } from '../../../src/vocabulary/latest-publication.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';
import { draftOf, exportOf, type PlannedBatch, readerOf } from '../../support/export-world.js';
import { bytes, statement } from './arbitraries.js';

const invalid = expect.objectContaining({ code: 'EXPORT_INVALID' });
const stored = fc
  .tuple(statement, bytes(32), fc.integer({ min: 0, max: 255 }))
  .map(([{ entryKey, name, period, text }, salt, at]) => ({ at, salt, bytes: encodeContent({ entryKey, name, period, text }) }));
const rows = fc.uniqueArray(stored, { selector: ({ at }) => at, maxLength: 6 }).map((some) => some.sort((a, b) => a.at - b.at));

describe('contents of a bundle', () => {
  it('decode to what was encoded, and encode to what was decoded', () => {
    fc.assert(
      fc.property(rows, fc.nat(10_000), (some, bundle) => {
        const contents = some.map(({ at, ...row }) => ({ ...row, index: 256 * bundle + at }));
        const file = encodeContents(bundle, contents);
        const read = decodeContents(bundle, file);
        expect(read.map(({ index, salt, bytes: content }) => ({ index, salt, bytes: content }))).toEqual(contents);
        expect(encodeContents(bundle, read)).toEqual(file);
        if (contents.length > 0) expect(() => decodeContents(bundle + 1, file)).toThrow(invalid);
      }),
    );
  });

  it('what is no content cannot be smuggled in, not even two as one', () => {
    const content = encodeContent({ entryKey: 'ab'.repeat(32), name: 'jin fu', period: '2026-11', text: undefined });
    const salt = new Uint8Array(32);
    const text = new TextDecoder().decode(content);
    const two = `${text},"index":1,"salt":"${'00'.repeat(32)}"},{"content":${text}`;
    for (const wrong of ['', '{}', 'null', `${text} `, two])
      expect(() => encodeContents(0, [{ index: 2, salt, bytes: utf8(wrong) }]), wrong).toThrow(invalid);
    expect(() => encodeContents(0, [{ index: 2, salt, bytes: Uint8Array.of(0xff) }])).toThrow(invalid);
    expect(decodeContents(0, encodeContents(0, [{ index: 2, salt, bytes: content }]))).toHaveLength(1); // the control
  });
});

describe('counts', () => {
  const empty = { statements: 0, retracted: 0, category: {}, evidence: {}, display: {}, origin: {}, type: {} };
  const source = {
    tally: empty,
    batches: 0,
    firstDate: undefined,
    lastDate: undefined,
    categories: ['party'],
    logSize: 0,
    root: '00'.repeat(32),
  };

  it('of nothing: every word and category, zero', () => {
    const counts = countsOf(source);
    expect(counts).toMatchObject({ asOf: null, total: 0, byCategory: { party: 0 }, perDay: { days: 0, statements: 0 } });
    expect(decodeCounts(encodeCounts(counts))).toEqual(counts);
  });

  it('a category that is no longer configured is still counted, and one called constructor is one', () => {
    const tally = { ...empty, category: { constructor: 2, old: 1 } as Record<string, number> };
    const { byCategory } = countsOf({
      ...source,
      tally,
      batches: 1,
      firstDate: '2026-11-21',
      lastDate: '2026-11-21',
      categories: ['party', 'league'],
    });
    expect(Object.entries(byCategory)).toEqual([
      ['constructor', 2],
      ['league', 0],
      ['old', 1],
      ['party', 0],
    ]);
  });

  it('as a table: the same numbers, a row each', () => {
    const tally = { ...empty, statements: 3, retracted: 1, category: { party: 3 }, origin: { live: 2, import: 1 } };
    const counts = countsOf({ ...source, tally, batches: 2, firstDate: '2026-11-21', lastDate: '2026-11-24', logSize: 6 });
    expect(new TextDecoder().decode(countsCsv(counts)).split('\r\n').slice(0, 9)).toEqual([
      'count,of,value',
      'total,,3',
      'standing,,2',
      'retracted,,1',
      'batches,,2',
      'as-of,,2026-11-24',
      'days,,4',
      'log-size,,6',
      'category,party,3',
    ]);
  });
});

describe('reading an export', () => {
  const plan: readonly PlannedBatch[] = [
    { date: '2026-11-21', statements: Array.from({ length: 100 }, (_, i) => ({ of: i + 1 })) },
    { date: '2026-11-22', statements: Array.from({ length: 200 }, (_, i) => ({ of: i + 101 })) },
  ];

  it('paths are those of tlog-tiles', () => {
    expect([contentsPath(0), contentsPath(1234)]).toEqual(['contents/000.json', 'contents/x001/234.json']);
    expect(batchProofPath(1_234_567)).toBe('batch/x001/x234/567.tlog-proof');
  });

  it('a partial tile that is gone is read from the full one', async () => {
    const draft = draftOf(plan);
    const files = await exportOf(draft);
    const early = await exportOf({ ...draft, records: draft.records.slice(0, 101) });
    expect(files.has('tile/0/000.p/101')).toBe(false);
    // Somebody who still has the checkpoint of 101 leaves reads today's export.
    const root = await rootOf(tilesOfExport(readerOf(files), 101), 101, nodeBackend.sha256);
    expect(root).toEqual(await rootOf(tilesOfExport(readerOf(early), 101), 101, nodeBackend.sha256));
    expect(await readBundle(readerOf(files), 0, 101)).toEqual(draft.records.slice(0, 101));
    await expect(readBundle(readerOf(early), 0, 256)).rejects.toThrow(invalid);
    await expect(tilesOfExport(readerOf(early), 302).tile({ level: 0, index: 1, width: 10 })).rejects.toThrow(invalid);
    await expect(tilesOfExport(readerOf(files), 302).tile({ level: 0, index: 1, width: 47 })).rejects.toThrow(RangeError);
  });
});

describe('the latest day of publication', () => {
  it('is sorting, delay, hold and two days after sealing', () => {
    expect(latestPublication('2026-11-21', makePolicy('tiny', ['party']))).toBe('2026-12-23');
    expect(latestPublication('2026-11-21', makePolicy('standard', ['party']))).toBe('2027-01-19');
  });
});
