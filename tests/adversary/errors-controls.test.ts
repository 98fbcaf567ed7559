import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as custodian from '../../src/custodian.js';
import * as library from '../../src/index.js';
import * as intake from '../../src/intake.js';
import * as person from '../../src/person.js';
import { nodeBackend } from '../../src/sqlite.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { attackDeepJson, attackDevice, attackOpening, attackRegistry, DEEP } from './support/entry-attacks.js';
import { ErrorWatch } from './support/error-watch.js';
import { CANARIES, canariesIn, printed } from './support/hostile.js';
import { failing, Quoting, QUOTING_WAYS, visibleValues } from './support/quoting.js';
import { attackCheck, attackLeakCheck, attackRegister, attackWithGetters } from './support/registration-attacks.js';
import { printFoundControl } from './support/report.js';
import { attackPerson, attackReturns } from './support/return-attacks.js';

/** The calls of errors.test.ts and s8-returning-errors.test.ts to builds that quote what they were given, or fail with no code. */
let target: Target;
let keys: intake.PublicKeys;
let claim: person.Claim;
let sealed: library.SealedRecord;

beforeAll(async () => {
  target = await buildTarget(library.makePolicy('tiny', ['party', 'league']));
  const { registry } = target;
  keys = await registry.publicKeys();
  const { claim: phrase } = await registry.register({ ...registrationOf(1), claim: 'words' });
  await registry.publish({ now: true });
  claim = await person.findClaim(phrase?.reveal() ?? '', async (locator) => registry.lookUp(locator));
  const [id = ''] = await all(registry.sealed.ids());
  sealed = (await registry.sealed.get(id)) as library.SealedRecord;
});
afterAll(async () => target.destroy());

/** How a build changes each interface it is called through. */
type Build = <T extends object>(api: T) => T;

const ATTACKS: readonly (readonly [name: string, attack: (watch: ErrorWatch, build: Build) => Promise<unknown>])[] = [
  ['checkRegistration', async (watch, build) => attackCheck(watch, build(intake).checkRegistration, keys, visibleValues)],
  ['the leak check', async (watch, build) => attackLeakCheck(watch, build(intake).checkRegistration, keys)],
  [
    'register and its kin',
    async (watch, build) => {
      const takers = { registry: build(target.registry), makeSubmission: build(intake).makeSubmission };
      return attackRegister(watch, takers, keys, { clock: target.clock }, visibleValues);
    },
  ],
  ['the registry', async (watch, build) => attackRegistry(watch, build(target.registry), visibleValues)],
  [
    'openRegistry and the policy',
    async (watch, build) => {
      const policy = library.makePolicy('tiny', ['party']);
      return attackOpening(watch, { library: build(library), root: target.root, keys: target.custody.keys, policy }, visibleValues);
    },
  ],
  [
    'device and custodian',
    async (watch, build) => {
      const given = { keys, options: { clock: target.clock }, sealed, shares: target.custody.shares.vault };
      return attackDevice(watch, { intake: build(intake), custodian: build(custodian), ...given }, visibleValues);
    },
  ],
  [
    'deep JSON',
    async (watch, build) => {
      for (const open of DEEP) await attackDeepJson(watch, build(intake).decodePublicKeys, open);
    },
  ],
  ['the registry, by those who return', async (watch, build) => attackReturns(watch, build(target.registry), claim, visibleValues)],
  [
    'the person’s side',
    async (watch, build) => {
      const given = { claim, keys, options: { clock: target.clock, backend: nodeBackend } };
      const lookUp = async (locator: Uint8Array) => target.registry.lookUp(locator);
      return attackPerson(watch, { person: build(person), makeGroup: build(intake).makeGroup, ...given, lookUp }, visibleValues);
    },
  ],
];

/** The entry of a call, without the shape it was given. */
const entries = (calls: readonly string[]): string[] => [...new Set(calls.map((call) => call.replace(/ = [^=]*$/u, '')))].sort();

describe.each(ATTACKS)('%s of a careless build', (name, attack) => {
  it('quotes: every call with a canary is noticed, at every entry, wherever the error holds it', async () => {
    const quoting = new Quoting();
    const watch = new ErrorWatch();
    await attack(watch, (api) => quoting.of(api));
    const { attempts, thrown, leaks } = watch.judged;
    printFoundControl(`canaries in errors of ${name}, a build that quotes`, leaks.length);
    expect([leaks.length, thrown]).toEqual([quoting.shown, attempts.length]);
    expect(entries(leaks)).toEqual(entries(attempts));
  });

  it('fails with no code: every call is noticed', async () => {
    for (const fail of [
      () => new Error('no'),
      () => 'no',
      () => Object.assign(new library.RegistryError('OPEN_FAILED', 'no'), { code: 'NEW' }),
    ]) {
      const watch = new ErrorWatch();
      await attack(watch, (api) => failing(api, fail));
      expect(watch.judged.uncoded).toHaveLength(watch.judged.attempts.length);
      expect(watch.judged.leaks).toEqual([]);
    }
  });
});

describe('what is quoted elsewhere', () => {
  it('in what a call lists', async () => {
    const quoting = new Quoting();
    const watch = new ErrorWatch();
    await attackRegistry(watch, quoting.listing(target.registry), visibleValues);
    printFoundControl('canaries in what a careless build lists', watch.judged.leaks.length);
    expect(watch.judged.leaks.length).toBe(quoting.shown);
    expect(entries(watch.judged.leaks)).toEqual(entries(watch.judged.attempts));
  });

  it('by a getter that throws, passed on', async () => {
    const watch = new ErrorWatch();
    const careless = (registration: unknown): never => {
      JSON.stringify(registration);
      throw new library.RegistryError('REGISTRATION_INVALID', 'no');
    };
    await attackWithGetters(watch, careless, keys);
    printFoundControl('canaries in errors of checkRegistration with getters, a build that looks', watch.judged.leaks.length);
    expect(watch.judged.leaks).toEqual(watch.judged.attempts);
    expect(watch.judged.uncoded).toHaveLength(watch.judged.attempts.length);
  });

  it('by the platform: JSON.parse', async () => {
    const watch = new ErrorWatch();
    await attackDeepJson(watch, (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as never, '[');
    expect(watch.judged).toMatchObject({ leaks: ['decodePublicKeys of ['], uncoded: ['decodePublicKeys of [: SyntaxError'] });
  });

  it('a decoder that takes its time', async () => {
    const slow = (): never => {
      const until = performance.now() + 200;
      while (performance.now() < until);
      throw new library.RegistryError('JSON_INVALID', 'no');
    };
    expect(await attackDeepJson(new ErrorWatch(), slow, '[')).toBeGreaterThanOrEqual(200);
  });
});

describe('what is no leak', () => {
  it('a coded error without input; the caller’s bug where that is allowed', async () => {
    for (const fail of [
      () => new library.RegistryError('OPEN_FAILED', 'could not open'),
      () => new TypeError('no'),
      () => new RangeError('no'),
    ]) {
      const watch = new ErrorWatch();
      await attackRegistry(watch, failing(target.registry, fail), visibleValues);
      expect(watch.judged).toMatchObject({ thrown: watch.judged.attempts.length, leaks: [], uncoded: [] });
    }
    const strict = new ErrorWatch();
    await attackCheck(strict, failing(intake, () => new TypeError('no')).checkRegistration, keys, visibleValues);
    expect(strict.judged.uncoded).toHaveLength(strict.judged.attempts.length);
  });

  it('and there are enough shapes in which one would show', () => {
    expect(visibleValues().length).toBeGreaterThan(QUOTING_WAYS);
    expect(visibleValues().length).toBeGreaterThanOrEqual(16);
    expect(canariesIn(printed(new Error(`Unexpected token in "${CANARIES[1].slice(0, 9)}..."`)))).toEqual([CANARIES[1]]);
  });
});
