import { describe, expect, it } from 'vitest';
import { rewriteWindow, WINDOW } from '../../src/registry/shred-window.js';
import { held } from './support/erasure.js';
import { changedRuns, CHI_SQUARE_31, erasures, judgeOrder, laterWindows, shredStore, twoAtOnce } from './support/erasure-images.js';

/**
 * S3: somebody has an image of the shred store from before an erasure and one from after. Which of the changed rows is the erased one?
 * Small windows and stores: what is asked is whether the place is uniform, and that takes thousands of trials, not large windows.
 * The same attacks on erasures that leak: `erasure-controls.test.ts`.
 */
const TRIALS = 4096;

describe('two images around one erasure (S3)', () => {
  it('show a window of the right size in which every row is as likely the erased one', async () => {
    const broken: string[] = [];
    for (const [name, ranks] of await erasures('window', TRIALS)) {
      const { result, statistic } = judgeOrder(name, ranks);
      if (!held(result)) broken.push(name);
      if (statistic >= CHI_SQUARE_31) broken.push(`${name}, χ²`);
    }
    expect(broken).toEqual([]);
  });

  it('two erased at once: a particular one is still no likelier anywhere than 1 in a window', async () => {
    const trials = 2048;
    const { results, overlapped } = await twoAtOnce(trials);
    // The windows must really overlap: that is where the middle is likelier than the ends.
    expect(overlapped).toBeGreaterThan(trials / 3);
    for (const result of results) expect(held(result), result.attack).toBe(true);
  });

  it('outside a sort the window has 1,024 rows', async () => {
    const { context, image, ids } = await shredStore('default', 1500);
    const before = await image();
    await rewriteWindow(context, [ids[0] as Uint8Array]);
    expect(changedRuns(before, await image()).map(({ length }) => length)).toEqual([WINDOW]);
    expect(WINDOW).toBe(1024);
  });
});

describe('many images (S3)', () => {
  it.each([
    ['repeated erasure', 'changes a window elsewhere: two around one row would leave what they have in common', true],
    ['sort without erasure', 'changes a window too, anywhere', false],
  ] as const)('a %s %s', async (name, _, erase) => {
    const { result, avoided } = await laterWindows({ name, erase });
    expect(held(result)).toBe(true);
    expect(avoided).toBe(false);
  });
});
