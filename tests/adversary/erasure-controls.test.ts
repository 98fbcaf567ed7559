import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/foundation/random.js';
import type { ShredRow } from '../../src/sealed/ports.js';
import { erasedShred, wrapShred } from '../../src/sealed/shred.js';
import { caught, hex, recordControl } from './support/erasure.js';
import {
  changedRuns,
  CHI_SQUARE_31,
  DAY,
  erasures,
  judgeOrder,
  KEK,
  type Leak,
  laterWindows,
  ORDERS,
  type Seen,
  shredStore,
  SIZE,
  STORE,
  twoAtOnce,
} from './support/erasure-images.js';

/** The attacks of `erasure.test.ts` on erasures that leak: each must find the erased row. */

/** The window has always so many rows before the erased one. The place in the window is the only draw of four bytes; nonces stay random. */
const placed =
  (before: number) =>
  (random: Random): Random => ({
    bytes: (n) => (n === 4 ? Uint8Array.of(0, 0, 0, before) : random.bytes(n)),
  });

const changed = (rows: readonly ShredRow[], at: number, change: Partial<ShredRow>): ShredRow[] =>
  rows.map((row, i) => (i === at ? { ...row, ...change } : row));

/** The id that many steps behind another. */
function idBeside(row: ShredRow | undefined, steps: number): Uint8Array {
  const id = Buffer.from(row?.id ?? []);
  id.writeUIntBE(id.readUIntBE(0, 6) + steps, 0, 6);
  return id;
}

function withZeros(row: ShredRow | undefined, from: number, to: number): Uint8Array {
  return Uint8Array.from(row?.wrapped ?? []).fill(0, from, to);
}

/** For each order an erasure that shows in it. */
const LEAKS: Readonly<Record<string, Leak>> = {
  'place in the window': { random: placed(0) },
  // Ids that tell which records will be erased.
  'rank of id': { trace: (seen, at) => ({ ...seen, after: changed(seen.after, at, { id: new Uint8Array(16) }) }) },
  'gap before it': { trace: (seen, at) => ({ ...seen, after: changed(seen.after, at, { id: idBeside(seen.after.at(at - 1), 1) }) }) },
  'gap after it': {
    trace: (seen, at) => ({ ...seen, after: changed(seen.after, at, { id: idBeside(seen.after[(at + 1) % STORE], -1) }) }),
  },
  // A mark on the row before it is erased, a tombstone with a fixed nonce, one that is not encrypted.
  'bytes before': { trace: (seen, at) => ({ ...seen, before: changed(seen.before, at, { wrapped: withZeros(seen.before[at], 0, 72) }) }) },
  'bytes after': { trace: tombstone(0, 24) },
  'sealed bytes after, without nonce': { trace: tombstone(24, 72) },
};

function tombstone(from: number, to: number): (seen: Seen, at: number) => Seen {
  return (seen, at) => ({ ...seen, after: changed(seen.after, at, { wrapped: withZeros(seen.after[at], from, to) }) });
}

describe('two images around one erasure (S3)', () => {
  it('every order has its leak', () => expect(Object.keys(LEAKS)).toEqual(Object.keys(ORDERS)));

  it.each(Object.entries(LEAKS))('%s: an erasure that shows in it is found every time', async (name, leak) => {
    const ranks = (await erasures('leaky', 256, leak)).get(name) ?? [];
    const { result, statistic } = judgeOrder(name, ranks);
    expect(caught(result)).toBe(true);
    expect([result.hits, result.trials]).toEqual([128, 128]);
    expect(statistic).toBeGreaterThan(CHI_SQUARE_31);
  });

  it('an erasure that changes its row alone is found every time', async () => {
    const { stores, ids, image, random } = await shredStore('naive', STORE);
    let found = 0;
    for (const id of ids) {
      const before = await image();
      const was = (await stores.shred.get(id))?.wrapped as Uint8Array;
      await stores.shred.rewrap([{ was, row: { id, generation: DAY, wrapped: wrapShred(KEK, id, DAY, erasedShred(), { random }) } }]);
      const after = await image();
      const [run, ...others] = changedRuns(before, after);
      if (others.length === 0 && run?.length === 1 && hex((after[run[0] as number] as ShredRow).id) === hex(id)) found++;
    }
    recordControl('one changed row', found, STORE);
    expect(found).toBe(STORE);
  });

  it.each([
    ['first of the first run', 0],
    ['middle of the longest run', SIZE / 2],
    ['last of the longest run', SIZE - 1],
  ])('two erased at once, %s: found where windows have their row there', async (attack, before) => {
    const { results } = await twoAtOnce(512, { random: placed(before) });
    const result = results.find((each) => each.attack === `two at once, ${attack}`);
    expect(result !== undefined && caught(result)).toBe(true);
  });
});

describe('many images (S3)', () => {
  it('a repeated erasure that does not know its tombstone: its windows have the row in common', async () => {
    const { result, avoided } = await laterWindows({ name: 'repeated erasure', erase: true, forgets: true });
    expect(caught(result)).toBe(true);
    expect([result.hits, avoided]).toEqual([result.trials, false]);
  });

  it('a sort without erasure whose window lies around the row that was erased', async () => {
    const { result } = await laterWindows({ name: 'sort without erasure', erase: false, around: 0 });
    expect(caught(result)).toBe(true);
    expect(result.hits).toBe(result.trials);
  });

  it('a sort without erasure that avoids the row: by and by it is the one that never changes again', async () => {
    const { result, avoided } = await laterWindows({ name: 'sort without erasure', erase: false, around: 4 * SIZE });
    recordControl('window that avoids an erased row', avoided ? 1 : 0, 1);
    expect([result.hits, avoided]).toEqual([0, true]);
  });
});
