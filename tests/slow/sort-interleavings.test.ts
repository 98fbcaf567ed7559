import { beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../src/testing.js';
import { chooser, scripted } from '../support/interleave.js';
import { sortsAtOnce, stepsOfSort } from '../support/sort-interleavings.js';
import { type Sealed, sealOnce } from '../support/sort-world.js';

/** More of tests/unit/registry/sort-interleavings.test.ts: longer by chance, and three sorts in every third order. */
const SCHEDULES = 10_000;
const EVERY = 3;
/** Set it to what a failure prints to play it again. */
const SEED = process.env['INTERLEAVE_SEED'] ?? `${performance.timeOrigin}`;
let three: Sealed;
let two: Sealed;
beforeAll(async () => {
  three = await sealOnce(3);
  two = await sealOnce(2);
});

it('four sorts and a sender, whatever order they take and whoever dies', async () => {
  const found: string[] = [];
  for (let i = 0; i < SCHEDULES; i++) {
    const seed = `${SEED} ${i}`;
    const problems = await sortsAtOnce(three, 4, chooser(seededRandom(seed).bytes(4096), 4));
    for (const problem of problems) found.push(`${seed}: ${problem}`);
  }
  expect(found).toEqual([]);
});

it('two stop anywhere, a third dies anywhere, the two go on', async () => {
  const found: string[] = [];
  const steps = await stepsOfSort(two);
  for (let first = 0; first <= steps; first += EVERY)
    for (let second = 0; second <= steps; second += EVERY)
      for (let death = 1; death <= steps; death += EVERY) {
        const turns = [
          { program: 3, steps: 2 },
          { program: 0, steps: first },
          { program: 1, steps: second },
          { program: 2, steps: death, dies: true },
        ];
        for (const problem of await sortsAtOnce(two, 3, scripted(turns))) found.push(`${first}, ${second}, ${death}: ${problem}`);
      }
  expect(found).toEqual([]);
});
