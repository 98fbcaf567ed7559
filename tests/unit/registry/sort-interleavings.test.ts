import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/testing.js';
import { chooser, scripted } from '../../support/interleave.js';
import { type Change, neverBegins, recordsFirst, sortsAtOnce, stepsOfSort } from '../../support/sort-interleavings.js';
import { type Sealed, sealOnce } from '../../support/sort-world.js';

/**
 * Several sorts of one registry at once, each in a process of its own, and a sender; any of them may die at any store call. When they are gone a
 * sort that nobody disturbs finds, or makes, exactly one of everything of everybody, and nobody is in quarantine. tests/slow has more of them.
 */
const SCHEDULES = 400;
/** Set it to what a failure prints to play it again. */
const SEED = process.env['INTERLEAVE_SEED'] ?? `${performance.timeOrigin}`;
let two: Sealed;
let three: Sealed;
beforeAll(async () => {
  two = await sealOnce(2);
  three = await sealOnce(3);
});

/** Three sorts and a sender, in an order that nobody chose. */
async function atRandom(schedules: number, change?: Change): Promise<readonly string[]> {
  const found: string[] = [];
  for (let i = 0; i < schedules; i++) {
    const seed = `${SEED} ${i}`;
    const problems = await sortsAtOnce(three, 3, chooser(seededRandom(seed).bytes(2048), 3), change);
    for (const problem of problems) found.push(`${seed}: ${problem}`);
  }
  return found;
}

/** One sort stops after any number of calls; another makes any number and dies; the first goes on. */
async function oneAmidAnother(every: number, change?: Change): Promise<readonly string[]> {
  const found: string[] = [];
  const steps = await stepsOfSort(two);
  for (let stop = 0; stop <= steps; stop += every) {
    for (let death = 1; death <= steps; death++) {
      const turns = [
        { program: 2, steps: 2 },
        { program: 0, steps: stop },
        { program: 1, steps: death, dies: true },
      ];
      const problems = await sortsAtOnce(two, 2, scripted(turns), change);
      for (const problem of problems) found.push(`${stop}, ${death}: ${problem}`);
    }
  }
  return found;
}

describe('sorts at once', () => {
  it('three and a sender, whatever order they take and whoever dies', async () => {
    expect(await atRandom(SCHEDULES)).toEqual([]);
  });

  it('one stops anywhere, another dies anywhere, the first goes on', async () => {
    expect(await oneAmidAnother(1)).toEqual([]);
  });

  it('two took a submission and its repetition before a third began with the one and died: both sorts find the record half stored', async () => {
    const found: string[] = [];
    const steps = await stepsOfSort(two);
    for (let death = 1; death <= steps; death++) {
      const turns = [
        // It takes the first; then the repetition comes, and the others take both.
        { program: 2, steps: 3 },
        { program: 3, steps: 2 },
        { program: 0, steps: 3 },
        { program: 1, steps: 3 },
        { program: 2, steps: death, dies: true },
      ];
      for (const problem of await sortsAtOnce(two, 3, scripted(turns))) found.push(`${death}: ${problem}`);
    }
    expect(found).toEqual([]);
  });

  it('control: one that looks for records first puts true ones into quarantine, and leaves some without a claim row', async () => {
    const found = (await oneAmidAnother(1, recordsFirst)).join('\n');
    expect(found).toContain('something true is in quarantine');
    expect(found).toContain('has no claim row');
  });

  it('control: one that does not say that it begins leaves half-written ones', async () => {
    const found = (await atRandom(SCHEDULES, neverBegins)).join('\n');
    expect(found).toContain('something still waits');
  });
});
