import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES, makePolicy, RegistryError } from '../../src/index.js';
import * as intake from '../../src/intake.js';
import * as person from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { CANARIES, canariesIn, hostileValues, printed } from './support/hostile.js';
import { printFound, printFoundControl } from './support/report.js';

/** S8 and P9 at the boundaries that people who come back use, and groups: whatever is put in, no error quotes it. The rest: errors.test.ts. */
/** A valid phrase of nobody. */
const PHRASE = `${'abandon '.repeat(11)}about`;
let target: Target;
let claim: person.Claim;
let thrown = 0;
const leaks: string[] = [];
const uncoded: string[] = [];

beforeAll(async () => {
  target = await buildTarget(makePolicy('tiny', ['party']));
  const { registry } = target;
  const { claim: phrase } = await registry.register({ ...registrationOf(1), claim: 'words' });
  await registry.publish({ now: true });
  claim = await person.findClaim(phrase?.reveal() ?? '', async (locator) => registry.lookUp(locator));
});
afterAll(async () => target.destroy());

async function attempt(call: string, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    thrown++;
    if (canariesIn(printed(error)).length > 0) leaks.push(call);
    const coded = error instanceof RegistryError && ERROR_CODES.includes(error.code);
    if (!coded && !(error instanceof TypeError) && !(error instanceof RangeError)) uncoded.push(call);
  }
}

function verdict(name: string, least: number): void {
  printFound(`S8 canaries in ${thrown} errors of ${name}`, leaks.length, 0);
  expect({ leaks, uncoded }).toEqual({ leaks: [], uncoded: [] });
  expect(thrown).toBeGreaterThan(least);
  thrown = 0;
}

/** A value that throws when it is looked at throws the caller's own error. */
const quiet = (): (readonly [string, unknown])[] => hostileValues().filter(([shape]) => !/throws/u.test(shape));

describe('hostile values', () => {
  it('to the registry: look-ups, requests, states, changes, erasure, groups', async () => {
    const { registry } = target;
    const { entryId, recordId } = claim;
    for (const [shape, value] of quiet()) {
      const bad = value as never;
      await attempt(`lookUp ${shape}`, () => registry.lookUp(bad));
      await attempt(`apply ${shape}`, () => registry.apply(bad));
      await attempt(`entryStatus ${shape}`, () => registry.entryStatus(bad));
      await attempt(`recordStatus ${shape}`, () => registry.recordStatus(bad));
      await attempt(`eraseRecord ${shape}`, () => registry.eraseRecord(bad));
      await attempt(`changeEntry id ${shape}`, () => registry.changeEntry(bad, { retract: true }));
      await attempt(`changeEntry ${shape}`, () => registry.changeEntry(entryId, bad));
      for (const member of ['text', 'name', 'evidence', 'retract', 'removeContent', 'veto', CANARIES[0]])
        if (typeof value !== 'string' || member !== 'text')
          await attempt(`${member} ${shape}`, () => registry.changeEntry(entryId, { [member]: bad } as never));
      await attempt(`registerGroup shared ${shape}`, () =>
        registry.registerGroup([registrationOf(2, { categories: [] })], { shared: bad }),
      );
      await attempt(`recordStatus of a text ${shape}`, () => registry.recordStatus(`${recordId}${shape}`));
    }
    verdict('the registry', 200);
  });

  it('to the person’s side: phrases, PINs, look-ups, wishes, replies', async () => {
    const { registry, clock } = target;
    const keys = await registry.publicKeys();
    const options = { clock, backend: nodeBackend };
    const lookUp = async (locator: Uint8Array) => registry.lookUp(locator);
    for (const [shape, value] of quiet()) {
      const bad = value as never;
      await attempt(`findClaim phrase ${shape}`, () => person.findClaim(bad, lookUp));
      await attempt(`findClaim answer ${shape}`, () => person.findClaim(PHRASE, async () => bad));
      // Calling a class as a function, the engine names it: a name of the caller's program, no input.
      if (shape !== 'class') await attempt(`findClaim lookUp ${shape}`, () => person.findClaim(PHRASE, bad));
      await attempt(`makeRequest wish ${shape}`, () => person.makeRequest(claim, bad, keys, options));
      await attempt(`makeRequest operation ${shape}`, () => person.makeRequest(claim, { operation: bad }, keys, options));
      await attempt(`makeRequest text ${shape}`, () =>
        person.makeRequest(claim, { operation: 'amend', number: bad, text: bad }, keys, options),
      );
      await attempt(`makeRequest name ${shape}`, () =>
        person.makeRequest(claim, { operation: 'show-name', number: 1, name: bad }, keys, options),
      );
      await attempt(`makeRequest claim ${shape}`, () => person.makeRequest(bad, { operation: 'retract' }, keys, options));
      await attempt(`makeRequest keys ${shape}`, () => person.makeRequest(claim, { operation: 'retract' }, bad, options));
      await attempt(`readReply claim ${shape}`, () => person.readReply(bad, { operation: 'retract', number: 0, attempt: 0 }, lookUp));
      await attempt(`readReply place ${shape}`, () => person.readReply(claim, bad, lookUp));
      await attempt(`readReply answer ${shape}`, () =>
        person.readReply(claim, { operation: 'retract', number: 0, attempt: 0 }, async () => bad),
      );
      await attempt(`makeGroup ${shape}`, () => intake.makeGroup(bad, keys, options));
      await attempt(`makeGroup member ${shape}`, () => intake.makeGroup([bad], keys, options));
    }
    verdict('the person’s side', 200);
  });

  it('a claim in a log shows neither phrase nor key', () => {
    const { kappa, replySeed } = claim.secret.reveal();
    const shown = printed(claim);
    const found = [kappa, replySeed].filter(
      (bytes) => shown.includes(Buffer.from(bytes).toString('hex')) || shown.includes([...bytes.subarray(0, 6)].join(', ')),
    ).length;
    printFound('S8 keys in a printed claim', found, 0);
    expect(found).toBe(0);
    expect(shown).toContain('[secret]');
  });

  it('control: an error that quotes is noticed', () => {
    const found = canariesIn(printed(new Error(`bad phrase ${CANARIES[1]}`)));
    printFoundControl('S8 canaries in an error that quotes', found.length);
    expect(found).toEqual([CANARIES[1]]);
  });
});
