import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { replay } from '../../../src/verify.js';
import { draftOf, exportOf, readerOf, SMALL_PLAN, TRUST } from '../../support/export-world.js';

const FAST = { sha256: nodeBackend.sha256 };

describe('replay of an honest export', () => {
  it('says what was recomputed', async () => {
    const lines: string[] = [];
    const report = await replay(readerOf(await exportOf(draftOf(SMALL_PLAN))), TRUST, { explain: (line) => lines.push(line) });
    expect(report).toMatchObject({ batches: 3, statements: 8, contents: 6, withheld: 2, signatures: 2 });
    expect(report.sentence).toBe(
      '8 statements (3 retracted) in 3 batches up to 2026-11-24: every published count was recomputed from the log and agrees.',
    );
    expect(report.counts).toMatchObject({
      total: 8,
      standing: 5,
      retracted: 3,
      byCategory: { league: 1, party: 8, pioneers: 0 },
      byDisplay: { alias: 7, name: 1 },
      byEvidence: { stated: 0, contact: 7, verified: 1 },
      byOrigin: { live: 7, import: 1 },
      perDay: { days: 4, statements: 7 },
    });
    expect(lines).toHaveLength(4);
  });

  it('of one statement in one batch', async () => {
    const sentence = async (statements: readonly { readonly of: number }[]): Promise<string> =>
      (await replay(readerOf(await exportOf(draftOf([{ date: '2026-11-21', statements }]))), TRUST, FAST)).sentence;
    expect(await sentence([{ of: 1 }])).toMatch(/^1 statement \(0 retracted\) in 1 batch up to 2026-11-21: /);
    expect(await sentence([])).toMatch(/^0 statements \(0 retracted\) in 1 batch up to 2026-11-21: /);
  });

  it('of several bundles and levels, with progress', async () => {
    const statements = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ of: from + i }));
    const plan = [
      { date: '2026-11-21', statements: statements(1, 300) },
      { date: '2026-11-22' },
      {
        date: '2026-11-23',
        statements: statements(301, 255),
        changes: [
          { of: 2, kind: 'text', by: 'holder', value: 'New.' },
          { of: 290, kind: 'retraction', by: 'holder' },
        ],
      },
    ] as const;
    const seen: (readonly [number, number])[] = [];
    const report = await replay(readerOf(await exportOf(draftOf(plan))), TRUST, { ...FAST, onProgress: (...at) => seen.push(at) });
    expect(report).toMatchObject({ batches: 3, statements: 555, contents: 555, withheld: 0, signatures: 2 });
    expect(seen).toEqual([
      [256, 560],
      [512, 560],
      [560, 560],
    ]);
  });
});
