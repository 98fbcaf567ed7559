import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import { RegistryError, replay } from '../../src/verify.js';
import {
  draftOf,
  exportOf,
  type Files,
  type PlannedBatch,
  readerOf,
  rememberingVerify,
  SMALL_PLAN,
  TRUST,
} from '../support/export-world.js';

const CODES = ['REPLAY_FAILED', 'EXPORT_INVALID', 'NOTE_INVALID', 'PROOF_INVALID', 'WITNESSES_TOO_FEW'];
const OPTIONS = { sha256: nodeBackend.sha256, ed25519Verify: rememberingVerify() };

async function refusal(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  try {
    await replay(readerOf(files), TRUST, OPTIONS);
    return 'accepted';
  } catch (error) {
    return error instanceof RegistryError ? error.code : String(error);
  }
}

async function flipAll(files: Files, path: string, bits: (length: number) => readonly number[]): Promise<number> {
  const bytes = files.get(path) as Uint8Array;
  const altered = new Map(files);
  const chosen = bits(bytes.length);
  for (const bit of chosen) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    altered.set(path, flipped);
    expect(CODES, `${path}, bit ${bit}`).toContain(await refusal(altered));
  }
  return chosen.length;
}

const every = (length: number): readonly number[] => Array.from({ length: 8 * length }, (_, bit) => bit);
/** One bit of every `step`-th byte, another one each time. */
const sampled =
  (step: number) =>
  (length: number): readonly number[] =>
    Array.from({ length: Math.floor(length / step) }, (_, i) => 8 * step * i + (i % 8));

describe('a flipped bit anywhere in an export is noticed', () => {
  let small: Files;
  let large: Files;
  beforeAll(async () => {
    small = await exportOf(draftOf(SMALL_PLAN));
    const statements = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ of: from + i }));
    const plan: readonly PlannedBatch[] = [
      { date: '2026-11-21', statements: statements(1, 270) },
      { date: '2026-11-22', statements: statements(271, 10), changes: [{ of: 3, kind: 'text', by: 'holder', value: 'New.' }] },
    ];
    large = await exportOf(draftOf(plan));
  });

  it('positive control: unflipped exports pass', async () => {
    expect(await refusal(small)).toBe('accepted');
    expect(await refusal(large)).toBe('accepted');
  });

  it('in a small one: every bit of checkpoint, tile and counts, and of every fourth byte elsewhere', async () => {
    let flips = 0;
    // Rules of publication stand nowhere else, so nobody can say that they were altered: docs/spec/export.md says so too.
    for (const path of [...small.keys()].filter((each) => each !== 'log.json'))
      flips += await flipAll(
        small,
        path,
        ['checkpoint', 'counts.json', 'counts.csv', 'tile/0/000.p/20'].includes(path) ? every : sampled(4),
      );
    expect(small.size).toBe(10);
    expect(flips).toBeGreaterThan(10_000);
  });

  it('in one of several tiles and levels: sampled bytes of every file', async () => {
    expect([...large.keys()].filter((path) => path.startsWith('tile/'))).toHaveLength(5);
    for (const [path, bytes] of large)
      if (path !== 'log.json') await flipAll(large, path, sampled(Math.max(1, Math.floor(bytes.length / 25))));
  });

  it('every file left out, cut short or longer by a byte is noticed', async () => {
    for (const [path, bytes] of small) {
      const without = new Map(small);
      without.delete(path);
      expect(CODES, path).toContain(await refusal(without));
      for (const altered of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0x0a), new Uint8Array(0)])
        expect(CODES, path).toContain(await refusal(new Map(small).set(path, altered)));
    }
  });
});
