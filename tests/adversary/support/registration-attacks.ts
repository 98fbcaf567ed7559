import type { Registration, Registry } from '../../../src/index.js';
import type * as Intake from '../../../src/intake.js';
import { registrationOf } from './build.js';
import type { ErrorWatch } from './error-watch.js';
import { CANARIES, type HostileValue } from './hostile.js';

/** Registrations with a canary in any place, given to everything that takes one. */
type Path = readonly string[];
type Check = typeof Intake.checkRegistration;

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

/** Those at which validation hands over to something else. */
const CORNERS: readonly Path[] = [
  [],
  ['identity'],
  ['identity', 'names'],
  ['statement'],
  ['statement', 'categories'],
  ['claim'],
  ['claim', 'pin'],
  ['group'],
];

export async function attackCheck(watch: ErrorWatch, check: Check, keys: Intake.PublicKeys, values: () => readonly HostileValue[]) {
  for (const path of PLACES)
    for (const [shape, value] of values()) await watch.attempt(`${named(path)} = ${shape}`, () => check(planted(path, value), keys), true);
}

export async function attackWithGetters(watch: ErrorWatch, check: Check, keys: Intake.PublicKeys) {
  for (const path of PLACES.filter(({ length }) => length > 0))
    await watch.attempt(`${named(path)} = a getter`, () => check(withGetter(path), keys), true);
}

export interface Takers {
  readonly registry: Pick<Registry, 'register' | 'registerGroup' | 'registerMany'>;
  readonly makeSubmission: typeof Intake.makeSubmission;
}

export async function attackRegister(
  watch: ErrorWatch,
  { registry, makeSubmission }: Takers,
  keys: Intake.PublicKeys,
  options: Intake.MakeSubmissionOptions,
  values: () => readonly HostileValue[],
) {
  for (const path of CORNERS) {
    for (const [shape, value] of values()) {
      const call = `${named(path)} = ${shape}`;
      const bad = () => planted(path, value);
      if (path.length < 2 || path[0] === 'claim') await watch.attempt(`register ${call}`, () => registry.register(bad()), true);
      await watch.attempt(`makeSubmission ${call}`, () => makeSubmission(bad(), keys, options), true);
      await watch.attempt(`registerGroup ${call}`, () => registry.registerGroup([bad()]), true);
      // A generator that yields a proxy looks at its `then` by itself: that error is the caller's own, before the library sees anything.
      const callersOwn = path.length === 0 && shape === 'proxy that throws';
      if (!callersOwn) await watch.attempt(`registerMany ${call}`, () => registry.registerMany(once(bad())), true);
    }
  }
}

/** What is sealed stands in the text too: the leak check must refuse it, and not say which it found. */
export async function attackLeakCheck(watch: ErrorWatch, check: Check, keys: Intake.PublicKeys) {
  const identity = { names: [CANARIES[0], CANARIES[1]] };
  const contact = { phones: [CANARIES[2]], emails: [CANARIES[3]] };
  for (const [i, canary] of CANARIES.entries()) {
    const statement = { alias: 'jin fu', categories: ['party'], text: `I, ${canary}, leave` };
    await watch.attempt(`leak of ${i}`, () => check({ identity, contact, statement }, keys), true);
  }
}

export async function* once(registration: Registration) {
  yield registration;
}

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

function named(path: Path): string {
  return `registration.${path.map((name) => (CANARIES.includes(name as (typeof CANARIES)[number]) ? '<canary>' : name)).join('.')}`;
}
