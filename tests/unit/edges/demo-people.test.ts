import { describe, expect, it } from 'vitest';
import { Dice } from '../../../src/edges/cli/demo/dice.js';
import { CATEGORIES, inventPeople, MIX } from '../../../src/edges/cli/demo/people.js';
import { folderSource, type PeopleSource, shippedSource } from '../../../src/edges/cli/demo/people-source.js';
import type { Registration } from '../../../src/index.js';
import { checkRegistration } from '../../../src/intake.js';
import { sharedPath } from '../../support/shared.js';

const COUNT = 4000;

function invent(seed: number, count = COUNT, source: PeopleSource = shippedSource()): Registration[] {
  return [...inventPeople(count, source, new Dice(seed), { origin: 'import', years: [2005, 2024] })];
}

/** Share in per cent of the people of whom `holds` is true. */
function percent(people: readonly Registration[], holds: (one: Registration) => boolean): number {
  return (people.filter(holds).length * 100) / people.length;
}

describe('invented people', () => {
  const people = invent(1);

  it('are the same for the same seed, and others for another', () => {
    expect(invent(1, 50)).toEqual(people.slice(0, 50));
    expect(invent(2, 50)).not.toEqual(people.slice(0, 50));
    expect(invent(1, 3).map(({ identity }) => identity)).toMatchInlineSnapshot(`
      [
        {
          "birthDate": "1971-08-04",
          "birthplace": "望江省松林市月牙县",
          "declared": "self",
          "names": [
            "唐梅祥",
          ],
          "sex": "male",
        },
        {
          "birthDate": "1970-10-25",
          "birthplace": "望江省桃源市七里县",
          "declared": "self",
          "names": [
            "周宝永",
          ],
          "sex": "female",
        },
        {
          "birthDate": "1964-03-25",
          "birthplace": "白桦省银杏市东篱县",
          "declared": "self",
          "names": [
            "谢远芳",
          ],
          "sex": "male",
        },
      ]
    `);
  });

  it('all pass every check of a registration', () => {
    for (const one of people.slice(0, 500)) expect(() => checkRegistration(one, { categories: CATEGORIES })).not.toThrow();
  });

  it('are mixed as the table says, within what chance allows', () => {
    for (const [categories, weight] of MIX) {
      const share = percent(people, ({ statement }) => statement.categories.join() === categories.join());
      expect(Math.abs(share - weight)).toBeLessThan(3);
    }
    expect(MIX.reduce((sum, [, weight]) => sum + weight, 0)).toBe(100);
    expect(percent(people, ({ statement }) => statement.evidence === 'stated')).toBeGreaterThan(58);
    expect(percent(people, ({ statement }) => statement.evidence === 'verified')).toBeGreaterThan(6);
    const shown = percent(people, ({ statement }) => statement.useName === true && statement.evidence !== 'stated');
    expect(shown).toBeGreaterThan(1);
    expect(shown).toBeLessThan(5);
    expect(percent(people, ({ statement }) => statement.text !== undefined)).toBeGreaterThan(10);
    expect(percent(people, ({ statement }) => statement.alias !== undefined)).toBeGreaterThan(25);
    expect(percent(people, ({ identity }) => identity.declared === 'relayed')).toBeGreaterThan(3);
  });

  it('come in calls of one to five', () => {
    const calls = new Map<string, number>();
    for (const { group } of people) if (group !== undefined) calls.set(group, (calls.get(group) ?? 0) + 1);
    expect(calls.size).toBeGreaterThan(200);
    expect(Math.max(...calls.values())).toBe(5);
    expect(percent(people, ({ group }) => group === undefined)).toBeGreaterThan(45);
  });

  it('have telephone numbers that no network has given out, and months of their own years', () => {
    for (const { contact, statement } of people) {
      expect(contact?.phones).toEqual([expect.stringMatching(/^\+86 102\d{8}$/)]);
      expect(statement.period).toMatch(/^20(0[5-9]|1\d|2[0-4])-(0[1-9]|1[0-2])$/);
    }
  });
});

describe('dice', () => {
  it('are fair enough and stay inside their bounds', () => {
    const dice = new Dice(7);
    const seen = Array.from({ length: 6 }, () => 0);
    for (let i = 0; i < 6000; i++) seen[dice.below(6)]!++;
    for (const count of seen) expect(Math.abs(count - 1000)).toBeLessThan(150);
    const ends = new Set(Array.from({ length: 200 }, () => dice.between(3, 5)));
    expect([...ends].sort()).toEqual([3, 4, 5]);
    expect(() => dice.pick([])).toThrow(RangeError);
    expect(
      dice.weighted([
        ['never', 0],
        ['always', 1],
      ]),
    ).toBe('always');
    expect(dice.asRandom().bytes(5)).toHaveLength(5);
  });
});

describe.skipIf(sharedPath('data/areas.csv') === undefined)('people from a folder of names and places', () => {
  it('combine historical surnames and given names, in real places', () => {
    const source = folderSource(sharedPath('data') as string);
    expect(source.places).toHaveLength(2978);
    expect(new Set(source.surnames).size).toBeGreaterThan(50);
    expect(source.givenNames.length).toBeGreaterThan(100_000);
    const people = invent(3, 300, source);
    for (const one of people) expect(() => checkRegistration(one, { categories: CATEGORIES })).not.toThrow();
    expect(percent(people, ({ identity }) => /^\p{Script=Han}{2,3}$/u.test(identity.names[0] ?? ''))).toBe(100);
    expect(source.places.some(({ city }) => city.includes('辖'))).toBe(false);
  });
});
