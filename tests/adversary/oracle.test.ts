import { afterEach, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import { buildTarget, type Target } from './support/build.js';
import { poisonFor } from './support/poison.js';
import { printFound } from './support/report.js';
import { askAlike, askWrongly, hijack, markRecord, stopOthers, TAKEOVERS, takeOver, takeOverTogether } from './support/sender-attacks.js';

/**
 * P5 and P8 against a sender with a device of his own making: he learns nothing, overwrites nothing, stops nothing, unbalances nothing.
 * Controls: oracle-controls.test.ts.
 */
let target: Target;

afterEach(async () => target.destroy());

async function fresh(): Promise<Target> {
  target = await buildTarget(makePolicy('tiny', ['party', 'league']));
  return target;
}

describe('accept answers everybody alike', () => {
  it('new, repeated, re-wrapped, sorted before, published before, noise: undefined, and nothing visible changes', async () => {
    const { registry } = await fresh();
    const { answers, changes } = await askAlike(target);
    printFound('answers that differ', answers, 0);
    printFound('submissions that change anything visible', changes, 0);
    expect({ answers, changes }).toEqual({ answers: 0, changes: 0 });
    expect((await registry.counts()).total).toBe(2);
    expect(await registry.health()).toMatchObject({ problems: [], records: 2, entries: 2, inbox: { waiting: 0, quarantined: 1 } });
  });

  it('what is wrong from outside has a named code, the same before and after a victim registered, and stores nothing', async () => {
    await fresh();
    const { unnamed, differing, stored } = await askWrongly(target);
    printFound('wrong submissions without their code', unnamed, 0);
    printFound('refusals that differ once a victim registered', differing, 0);
    printFound('submissions stored with a refusal', stored, 0);
    expect({ unnamed, differing, stored }).toEqual({ unnamed: 0, differing: 0, stored: 0 });
  });
});

describe('somebody else’s entry or record', () => {
  it('a statement under a published entry’s key is quarantined and changes nothing', async () => {
    const { registry } = await fresh();
    const overwritten = await hijack(target);
    printFound('entries overwritten', overwritten, 0);
    expect(overwritten).toBe(0);
    expect(await registry.health()).toMatchObject({ problems: [], records: 1, entries: 1, inbox: { quarantined: 1 } });
  });

  it.each(TAKEOVERS)('%s: one record, one entry, one claim, and they are the victim’s; the books still balance', async (name, take) => {
    await fresh();
    const { health, unbalanced, changed } = await takeOver(target, take);
    const { records, entries, claims, inbox, problems } = health;
    printFound(
      `books out of balance after ${name} (${records} records, ${entries} entries, ${claims} claims, ${inbox.quarantined} quarantined)`,
      unbalanced,
      0,
    );
    printFound(`victims changed by ${name}`, changed, 0);
    expect({ problems, unbalanced, changed }).toEqual({ problems: [], unbalanced: 0, changed: 0 });
  });

  it.each(TAKEOVERS)('the same within one sort batch: %s', async (name, take) => {
    await fresh();
    const { health, unbalanced } = await takeOverTogether(target, take);
    printFound(`books out of balance after ${name}, one batch`, unbalanced, 0);
    expect({ problems: health.problems, unbalanced }).toEqual({ problems: [], unbalanced: 0 });
  });

  it('a record that is larger than all others is not taken in', async () => {
    await fresh();
    const sizes = await markRecord(target);
    printFound('sizes of records besides the one', sizes, 0);
    expect(sizes).toBe(0);
  });
});

describe('poison', () => {
  it('nothing a stranger can send stops the sort or the publication of the others', async () => {
    await fresh();
    const poison = await poisonFor(target);
    const { stopped, quarantined } = await stopOthers(target, poison);
    printFound(`statements stopped by ${poison.length} poisoned submissions (${quarantined} quarantined)`, stopped, 0);
    expect(stopped).toBe(0);
  });
});
