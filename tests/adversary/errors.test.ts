import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as custodian from '../../src/custodian.js';
import { ERROR_CODES, makePolicy, openRegistry, type Registration, RegistryError, suggestAliases } from '../../src/index.js';
import * as intake from '../../src/intake.js';
import { all, buildTarget, registrationOf, type Target } from './support/build.js';
import { CANARIES, canariesIn, hostileValues, printed } from './support/hostile.js';
import { printFound } from './support/report.js';

/** S8: exceptions forced at every public entry, with canaries in every field. Nothing of them may be in anything an error prints. */
let target: Target;
/** The call that was made, and which canaries its error shows. */
const leaks: string[] = [];
const uncoded: string[] = [];
let thrown = 0;

beforeAll(async () => {
  target = await buildTarget(makePolicy('tiny', ['party', 'league']));
});
afterAll(async () => target.destroy());

function look(call: string, error: unknown, mustBeCoded: boolean): void {
  thrown++;
  for (const canary of canariesIn(printed(error))) leaks.push(`${call}: canary ${CANARIES.indexOf(canary as (typeof CANARIES)[number])}`);
  const coded = error instanceof RegistryError && ERROR_CODES.includes(error.code);
  const callersBug = error instanceof TypeError || error instanceof RangeError;
  if (mustBeCoded ? !coded : !coded && !callersBug)
    uncoded.push(`${call}: ${error instanceof Error ? error.constructor.name : typeof error}`);
}

async function attempt(call: string, work: () => unknown, mustBeCoded = false): Promise<void> {
  try {
    const result = await work();
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      for (const item of await all(result as AsyncIterable<unknown>))
        for (const canary of canariesIn(printed(item))) leaks.push(`${call}: result shows ${canary.length}`);
    }
  } catch (error) {
    look(call, error, mustBeCoded);
  }
}

function verdict(name: string): void {
  printFound(`canaries in errors of ${name} (${thrown} errors so far)`, leaks.length, 0);
  const found = [leaks.splice(0), uncoded.splice(0)];
  expect({ leaks: found[0], uncoded: found[1] }).toEqual({ leaks: [], uncoded: [] });
}

type Path = readonly string[];
const PLACES: readonly Path[] = [
  [],
  ...['identity', 'contact', 'statement', 'channel', 'claim', 'group', CANARIES[0]].map((name) => [name]),
  ...['names', 'birthDate', 'sex', 'birthplace', 'declared', 'extra', CANARIES[1], '__proto__'].map((name) => ['identity', name]),
  ...[
    'phones',
    'emails',
    'address',
    'workplace',
    'language',
    'safeHours',
    'mayContact',
    'relativesAbroad',
    'ifCaught',
    'attachments',
    'extra',
    CANARIES[0],
  ].map((name) => ['contact', name]),
  ['contact', 'ifCaught', 'to'],
  ['contact', 'ifCaught', CANARIES[0]],
  ...['alias', 'useName', 'categories', 'text', 'evidence', 'origin', 'period', CANARIES[0]].map((name) => ['statement', name]),
  ...['pin', 'language', CANARIES[1]].map((name) => ['claim', name]),
];

function planted(path: Path, value: unknown): Registration {
  if (path.length === 0) return value as Registration;
  const base = structuredClone(registrationOf(3)) as unknown as Record<string, unknown>;
  let place = base;
  for (const name of path.slice(0, -1)) {
    const inner = typeof place[name] === 'object' && place[name] !== null ? place[name] : {};
    place[name] = inner;
    place = inner as Record<string, unknown>;
  }
  Object.defineProperty(place, path.at(-1) as string, { value, enumerable: true, configurable: true, writable: true });
  return base as unknown as Registration;
}

function withGetter(path: Path): Registration {
  const registration = planted(path, undefined) as unknown as Record<string, unknown>;
  let place = registration;
  for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
  const get = (): never => {
    throw new Error(`${CANARIES[0]} ${CANARIES[2]}`);
  };
  Object.defineProperty(place, path.at(-1) as string, { get, enumerable: true });
  return registration as unknown as Registration;
}

const named = (path: Path): string =>
  `registration.${path.map((name) => (CANARIES.includes(name as (typeof CANARIES)[number]) ? '<canary>' : name)).join('.')}`;

describe('a registration with a canary in any place', () => {
  it('checkRegistration', async () => {
    const keys = await target.registry.publicKeys();
    for (const path of PLACES)
      for (const [shape, value] of hostileValues())
        await attempt(`${named(path)} = ${shape}`, () => intake.checkRegistration(planted(path, value), keys), true);
    verdict('checkRegistration');
    expect(thrown).toBeGreaterThan(900);
  });

  it('getters that throw', async () => {
    const keys = await target.registry.publicKeys();
    for (const path of PLACES.filter(({ length }) => length > 0))
      await attempt(`${named(path)} with a getter`, () => intake.checkRegistration(withGetter(path), keys), true);
    verdict('checkRegistration with getters');
  });

  it('register, registerGroup, registerMany, makeSubmission', async () => {
    const { registry } = target;
    const keys = await registry.publicKeys();
    const places: readonly Path[] = [
      [],
      ['identity'],
      ['identity', 'names'],
      ['statement'],
      ['statement', 'categories'],
      ['claim'],
      ['claim', 'pin'],
      ['group'],
    ];
    for (const path of places) {
      for (const [shape, value] of hostileValues()) {
        const call = `${named(path)} = ${shape}`;
        const bad = () => planted(path, value);
        if (path.length < 2 || path[0] === 'claim') await attempt(`register ${call}`, () => registry.register(bad()), true);
        await attempt(`makeSubmission ${call}`, () => intake.makeSubmission(bad(), keys, { clock: target.clock }), true);
        await attempt(`registerGroup ${call}`, () => registry.registerGroup([bad()]), true);
        // A generator that yields a proxy looks at its `then` by itself: that error is the caller's own, before the library sees anything.
        const callersOwn = path.length === 0 && shape === 'proxy that throws';
        if (!callersOwn) await attempt(`registerMany ${call}`, () => registry.registerMany(once(bad())), true);
      }
    }
    verdict('register and its kin');
  });

  it('a leak check that refuses says what, not which', async () => {
    const keys = await target.registry.publicKeys();
    const person = { names: [CANARIES[0], CANARIES[1]] };
    const contact = { phones: [CANARIES[2]], emails: [CANARIES[3]] };
    for (const text of CANARIES) {
      const statement = { alias: 'jin fu', categories: ['party'], text: `I, ${text}, leave` };
      await expect(async () => intake.checkRegistration({ identity: person, contact, statement }, keys)).rejects.toThrow();
      await attempt(
        `leak of ${CANARIES.indexOf(text)}`,
        () => intake.checkRegistration({ identity: person, contact, statement }, keys),
        true,
      );
    }
    verdict('the leak check');
  });
});

async function* once(registration: Registration) {
  yield registration;
}

describe('every other entry', () => {
  it('of the registry', async () => {
    const { registry } = target;
    for (const [shape, value] of hostileValues()) {
      const bad = value as never;
      const calls: Record<string, () => unknown> = {
        'register id': () => registry.register(registrationOf(1), { id: bad }),
        'register options': () => registry.register(registrationOf(1, { categories: [] }), bad),
        registerGroup: () => registry.registerGroup(bad),
        'registerGroup options': () => registry.registerGroup([], bad),
        registerMany: () => registry.registerMany(bad),
        'registerMany source': () => registry.registerMany(once(registrationOf(1, { categories: [] })), { source: bad }),
        'registerMany batchSize': () => registry.registerMany(once(registrationOf(1, { categories: [] })), { batchSize: bad }),
        accept: () => registry.accept(bad),
        acceptMany: () => registry.acceptMany(bad),
        'acceptMany member': () => registry.acceptMany([bad]),
        'publish at': () => registry.publish({ at: bad }),
        'publish options': () => registry.publish(bad),
        'entries from': () => registry.entries({ from: bad }),
        'entries limit': () => registry.entries({ limit: bad }),
        'entries options': () => registry.entries(bad),
        'sealed.get': () => registry.sealed.get(bad),
      };
      // Options and iterables of the caller's own making may throw the caller's own errors.
      const callersOwn = /throws/u.test(shape)
        ? [
            'register options',
            'registerGroup',
            'registerGroup options',
            'registerMany',
            'acceptMany',
            'publish options',
            'publish at',
            'entries options',
            'accept',
            'acceptMany member',
            'registerMany source',
          ]
        : [];
      for (const [name, call] of Object.entries(calls)) if (!callersOwn.includes(name)) await attempt(`${name} = ${shape}`, call);
    }
    verdict('the registry');
  });

  it('openRegistry, policies, aliases', async () => {
    const { keys } = target.custody;
    const policy = makePolicy('tiny', ['party']);
    const dir = join(target.root, 'new');
    for (const [shape, value] of hostileValues()) {
      if (/throws/u.test(shape)) continue;
      const bad = value as never;
      await attempt(`openRegistry = ${shape}`, () => openRegistry(bad));
      await attempt(`openRegistry dir = ${shape}`, () =>
        openRegistry({ dir: typeof value === 'string' ? join(target.root, value.slice(0, 40)) : bad }),
      );
      await attempt(`openRegistry keys = ${shape}`, () => openRegistry({ dir, keys: bad, policy }));
      await attempt(`openRegistry vault key = ${shape}`, () => openRegistry({ dir, keys: { ...keys, vault: bad }, policy }));
      await attempt(`openRegistry policy = ${shape}`, () => openRegistry({ dir, keys, policy: bad }));
      await attempt(`openRegistry categories = ${shape}`, () =>
        openRegistry({ dir, keys, policy: { ...policy, categories: [{ id: bad }] } }),
      );
      await attempt(`openRegistry stores = ${shape}`, () => openRegistry({ stores: bad }));
      await attempt(`makePolicy preset = ${shape}`, () => makePolicy(bad, ['party']));
      await attempt(`makePolicy categories = ${shape}`, () => makePolicy('tiny', bad));
      await attempt(`makePolicy category = ${shape}`, () => makePolicy('tiny', [bad]));
      await attempt(`makePolicy label = ${shape}`, () =>
        makePolicy('tiny', [
          { id: 'party', label: bad },
          { id: 'party', label: bad },
        ]),
      );
      await attempt(`suggestAliases count = ${shape}`, () => suggestAliases(bad));
      await attempt(`suggestAliases avoid = ${shape}`, () => suggestAliases(1, { avoid: bad }));
      await attempt(`suggestAliases avoid member = ${shape}`, () => suggestAliases(1, { avoid: [bad] }));
    }
    verdict('openRegistry and the policy');
  });

  it('of the device and the custodian', async () => {
    const keys = await target.registry.publicKeys();
    const [share] = target.custody.shares.vault;
    const [id] = await idsOf(target);
    const sealed = await target.registry.sealed.get(id);
    if (sealed === undefined || share === undefined) throw new Error('a record and a share are there');
    for (const [shape, value] of hostileValues()) {
      if (/throws/u.test(shape)) continue;
      const bad = value as never;
      const text = typeof value === 'string' ? value : shape;
      const calls: Record<string, () => unknown> = {
        'makeSubmission keys': () => intake.makeSubmission(registrationOf(1), bad),
        'makeSubmission vault key': () => intake.makeSubmission(registrationOf(1), { ...keys, vault: bad }, { clock: target.clock }),
        'makeSubmission epochs': () => intake.makeSubmission(registrationOf(1), { ...keys, epochs: bad }, { clock: target.clock }),
        'makeSubmission groupId': () => intake.makeSubmission(registrationOf(1), keys, { clock: target.clock, groupId: bad }),
        rewrapSubmission: () => intake.rewrapSubmission(bad, keys, { clock: target.clock }),
        decodePublicKeys: () => intake.decodePublicKeys(bad),
        'decodePublicKeys of JSON': () =>
          intake.decodePublicKeys(new TextEncoder().encode(JSON.stringify({ [CANARIES[0]]: text, vault: text }))),
        'decodePublicKeys of text': () => intake.decodePublicKeys(new TextEncoder().encode(text)),
        encodePublicKeys: () => intake.encodePublicKeys(bad),
        'openRecord record': () => custodian.openRecord(bad, [share], ['identity']),
        'openRecord id': () => custodian.openRecord({ ...sealed, recordId: bad }, target.custody.shares.vault, ['identity']),
        'openRecord body': () => custodian.openRecord({ ...sealed, identity: bad }, target.custody.shares.vault, ['identity']),
        'openRecord shares': () => custodian.openRecord(sealed, bad, ['identity']),
        'openRecord share': () => custodian.openRecord(sealed, [bad], ['identity']),
        'openRecord compartments': () => custodian.openRecord(sealed, [share], bad),
        'openRecord compartment': () => custodian.openRecord(sealed, target.custody.shares.vault, [bad]),
        openRecordWithKey: () => custodian.openRecordWithKey(sealed, bad, ['identity']),
        inspectShare: () => custodian.inspectShare(bad),
        'inspectShare of armour': () => custodian.inspectShare(`-----BEGIN CRYPTONYM SHARE-----\n${text}\n-----END CRYPTONYM SHARE-----`),
        decodeSealedRecord: () => custodian.decodeSealedRecord(bad),
        encodeSealedRecord: () => custodian.encodeSealedRecord(bad),
        'createCustody quorum': () => custodian.createCustody({ quorum: bad }),
        'createCustody custodians': () => custodian.createCustody({ custodians: bad }),
      };
      const slow = ['createCustody quorum', 'createCustody custodians'];
      for (const [name, call] of Object.entries(calls))
        if (value !== undefined || !slow.includes(name)) await attempt(`${name} = ${shape}`, call);
    }
    verdict('device and custodian');
  });
});

async function idsOf({ registry }: Target): Promise<[string]> {
  await registry.register(registrationOf(1));
  await registry.publish({ now: true });
  return [(await all(registry.sealed.ids()))[0] as string];
}

describe('JSON a million deep', () => {
  it.each([['['], ['{"a":'], ['[{"a":']])('%s is refused at once, without a canary', async (open) => {
    const bytes = new TextEncoder().encode(open.repeat(Math.ceil(1_000_000 / open.length)) + CANARIES[0]);
    const begin = performance.now();
    await attempt('decodePublicKeys', () => intake.decodePublicKeys(bytes), true);
    expect(performance.now() - begin).toBeLessThan(200);
    verdict('deep JSON');
  });
});

describe('control', () => {
  it('an error that quotes is noticed, wherever it quotes', () => {
    const quoting: unknown[] = [
      new Error(`bad name ${CANARIES[0]}`),
      Object.assign(new Error('x'), { details: { field: CANARIES[1] } }),
      new Error('x', { cause: new Error(CANARIES[2]) }),
      Object.assign(new Error('x'), { issues: [{ keys: [CANARIES[3]] }] }),
      Object.defineProperty(new Error('x'), 'hidden', { value: CANARIES[0], enumerable: false }),
      new Error(`Unexpected token in "${CANARIES[1].slice(0, 9)}..."`),
      CANARIES[0],
    ];
    expect(quoting.filter((error) => canariesIn(printed(error)).length === 0)).toEqual([]);
    try {
      JSON.parse(CANARIES[1]);
    } catch (error) {
      expect(canariesIn(printed(error))).toEqual([CANARIES[1]]);
    }
    expect(canariesIn(printed(new RegistryError('OPEN_FAILED', 'could not open')))).toEqual([]);
  });
});
