import { describe, expect, it, onTestFinished } from 'vitest';
import { held } from './support/erasure.js';
import { COMPANY, joinsOf, looksLikeErasure, oddities } from './support/erasure-join-attacks.js';
import { play, quietSort, world } from './support/erasure-join-world.js';
import { boundOf } from './support/report.js';

/** The attacks and what is asked: `support/erasure-join-attacks.ts`. The same on builds that leak: `erasure-join-controls.test.ts`. */
const ROUNDS = 104;
/** Records that are there before; with the people's own more than a window. */
const EARLIER = 500;

describe('two images around a sort that erases a record and removes a text of one person', () => {
  it(`join them no better than 1 in ${COMPANY}, over ${ROUNDS} erasures`, async () => {
    const made = await world(ROUNDS, EARLIER);
    onTestFinished(() => made.target.destroy());
    const rounds = await play(made);
    expect(rounds.flatMap(oddities)).toEqual([]);
    const bound = boundOf(1 / COMPANY, ROUNDS);
    const broken: string[] = [];
    for (const [attack, hits] of joinsOf(rounds))
      if (!held({ attack, hits, trials: ROUNDS, chance: 1 / COMPANY, bound })) broken.push(attack);
    expect(broken).toEqual([]);

    expect(looksLikeErasure(await quietSort(made))).toBe(true);
    expect((await made.target.registry.health()).ok).toBe(true);
  }, 900_000);
});
