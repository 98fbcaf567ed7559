import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy } from '../../src/index.js';
import * as intake from '../../src/intake.js';
import * as person from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { encodingsOf, encodingsOfBytes } from './support/encodings.js';
import { ErrorWatch } from './support/error-watch.js';
import { hostileValues, printed } from './support/hostile.js';
import { printFound, printFoundControl } from './support/report.js';
import { attackPerson, attackReturns } from './support/return-attacks.js';
import { PatternSet } from './support/scan.js';
import { asPrinted } from './support/sinks.js';

/**
 * S8 and P9 at the boundaries that people who come back use, and groups: whatever is put in, no error quotes it. The rest: errors.test.ts;
 * the same calls to builds that quote: errors-controls.test.ts.
 */
let target: Target;
let phrase: string;
let claim: person.Claim;

beforeAll(async () => {
  target = await buildTarget(makePolicy('tiny', ['party']));
  const { registry } = target;
  const registered = await registry.register({ ...registrationOf(1), claim: 'words' });
  await registry.publish({ now: true });
  phrase = registered.claim?.reveal() ?? '';
  claim = await person.findClaim(phrase, async (locator) => registry.lookUp(locator));
});
afterAll(async () => target.destroy());

function verdict(name: string, { judged }: ErrorWatch, least: number): void {
  printFound(`S8 canaries in ${judged.thrown} errors of ${name}`, judged.leaks.length, 0);
  expect({ leaks: judged.leaks, uncoded: judged.uncoded }).toEqual({ leaks: [], uncoded: [] });
  expect(judged.thrown).toBeGreaterThan(least);
}

describe('hostile values', () => {
  it('to the registry: look-ups, requests, states, changes, erasure, groups', async () => {
    const watch = new ErrorWatch();
    await attackReturns(watch, target.registry, claim, hostileValues);
    verdict('the registry', watch, 350);
  });

  it('to the person’s side: phrases, PINs, look-ups, wishes, replies', async () => {
    const { registry, clock } = target;
    const watch = new ErrorWatch();
    const given = { claim, keys: await registry.publicKeys(), options: { clock, backend: nodeBackend } };
    const lookUp = async (locator: Uint8Array) => registry.lookUp(locator);
    await attackPerson(watch, { person, makeGroup: intake.makeGroup, ...given, lookUp }, hostileValues);
    verdict('the person’s side', watch, 300);
  });
});

describe('a claim in a log', () => {
  /** Which of phrase and keys a text shows, in whatever disguise. */
  function shownIn(text: string): string[] {
    const { kappa, replySeed } = claim.secret.reveal();
    const secrets = { phrase: encodingsOf(phrase), kappa: encodingsOfBytes(kappa), replySeed: encodingsOfBytes(replySeed) };
    const shown = asPrinted(Buffer.from(text));
    return Object.entries(secrets).flatMap(([name, needles]) => {
      const set = new PatternSet();
      for (const { bytes } of needles) set.add(bytes);
      return set.scan(shown).length > 0 ? [name] : [];
    });
  }

  it('shows neither phrase nor key', () => {
    const shown = printed(claim);
    const found = shownIn(shown);
    printFound('S8 phrases and keys in a printed claim', found.length, 0);
    expect(found).toEqual([]);
    expect(shown).toContain('[secret]');
  });

  it('control: a claim that shows them is noticed, however it is printed', () => {
    const { kappa, replySeed } = claim.secret.reveal();
    const text = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
    const careless: readonly unknown[] = [
      { secret: { kappa, replySeed }, phrase },
      { secret: { kappa: [...kappa], replySeed: text(replySeed) }, phrase: { value: phrase } },
      new Map<string, unknown>([
        ['secret', [kappa, replySeed]],
        [phrase, 1],
      ]),
      { kappa: text(kappa).toString('hex'), replySeed: text(replySeed).toString('base64'), url: `?p=${encodeURIComponent(phrase)}` },
      {
        kappa: text(kappa).toString('hex').toUpperCase(),
        replySeed: text(replySeed).toString('base64url'),
        phrase: text(Buffer.from(phrase)),
      },
      {
        both: Buffer.concat([Buffer.from('v1'), kappa, replySeed]).toString('base64'),
        phrase: Buffer.from(phrase, 'utf16le').toString('base64'),
      },
      Object.defineProperty({}, 'hidden', { value: { kappa, replySeed, phrase }, enumerable: false }),
      Object.assign(new Error('no'), { cause: { kappa, replySeed, phrase } }),
      JSON.stringify({ kappa, replySeed, phrase }),
      inspect({ claim: { kappa, replySeed, phrase } }, { compact: false }),
    ];
    const found = careless.map((leaky) => shownIn(printed(leaky)));
    printFoundControl(`S8 phrases and keys in ${careless.length} printed claims of careless builds`, found.flat().length);
    expect(found).toEqual(careless.map(() => ['phrase', 'kappa', 'replySeed']));
    expect(shownIn(printed({ secret: { kappa } }))).toEqual(['kappa']);
  });
});
