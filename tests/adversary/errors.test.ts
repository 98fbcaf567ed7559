import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as custodian from '../../src/custodian.js';
import * as library from '../../src/index.js';
import * as intake from '../../src/intake.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { attackDeepJson, attackDevice, attackOpening, attackRegistry, DEEP } from './support/entry-attacks.js';
import { ErrorWatch } from './support/error-watch.js';
import { hostileValues } from './support/hostile.js';
import { attackCheck, attackLeakCheck, attackRegister, attackWithGetters } from './support/registration-attacks.js';
import { printFound } from './support/report.js';

/**
 * S8: exceptions forced at every public entry, with canaries in every field. Nothing of them may be in anything an error prints.
 * The same calls to builds that quote: errors-controls.test.ts.
 */
let target: Target;
let keys: intake.PublicKeys;

beforeAll(async () => {
  target = await buildTarget(library.makePolicy('tiny', ['party', 'league']));
  keys = await target.registry.publicKeys();
});
afterAll(async () => target.destroy());

function verdict(name: string, { judged }: ErrorWatch, least: number): void {
  printFound(`canaries in ${judged.thrown} errors of ${name}`, judged.leaks.length, 0);
  expect({ leaks: judged.leaks, uncoded: judged.uncoded }).toEqual({ leaks: [], uncoded: [] });
  expect(judged.thrown).toBeGreaterThanOrEqual(least);
}

describe('a registration with a canary in any place', () => {
  it('checkRegistration', async () => {
    const watch = new ErrorWatch();
    await attackCheck(watch, intake.checkRegistration, keys, hostileValues);
    verdict('checkRegistration', watch, 900);
  });

  it('getters that throw', async () => {
    const watch = new ErrorWatch();
    await attackWithGetters(watch, intake.checkRegistration, keys);
    verdict('checkRegistration with getters', watch, 40);
  });

  it('register, registerGroup, registerMany, makeSubmission', async () => {
    const watch = new ErrorWatch();
    const { registry, clock } = target;
    await attackRegister(watch, { registry, makeSubmission: intake.makeSubmission }, keys, { clock }, hostileValues);
    verdict('register and its kin', watch, 500);
  });

  it('a leak check that refuses says what, not which', async () => {
    const watch = new ErrorWatch();
    await attackLeakCheck(watch, intake.checkRegistration, keys);
    verdict('the leak check', watch, 4);
  });
});

describe('every other entry', () => {
  it('of the registry', async () => {
    const watch = new ErrorWatch();
    await attackRegistry(watch, target.registry, hostileValues);
    verdict('the registry', watch, 300);
  });

  it('openRegistry, policies, aliases', async () => {
    const watch = new ErrorWatch();
    const policy = library.makePolicy('tiny', ['party']);
    await attackOpening(watch, { library, root: target.root, keys: target.custody.keys, policy }, hostileValues);
    verdict('openRegistry and the policy', watch, 300);
  });

  it('of the device and the custodian', async () => {
    const watch = new ErrorWatch();
    const { registry, custody, clock } = target;
    await registry.register(registrationOf(1));
    await registry.publish({ now: true });
    const [id = ''] = await all(registry.sealed.ids());
    const sealed = (await registry.sealed.get(id)) as library.SealedRecord;
    await attackDevice(watch, { intake, custodian, keys, options: { clock }, sealed, shares: custody.shares.vault }, hostileValues);
    verdict('device and custodian', watch, 500);
  });
});

describe('JSON a million deep', () => {
  it.each(DEEP)('%s is refused at once, without a canary', async (open) => {
    const watch = new ErrorWatch();
    const milliseconds = await attackDeepJson(watch, intake.decodePublicKeys, open);
    verdict(`JSON a million deep in ${open}`, watch, 1);
    expect(milliseconds).toBeLessThan(200);
  });
});
