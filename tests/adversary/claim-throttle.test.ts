import { describe, expect, it, onTestFinished } from 'vitest';
import { makeClaim } from '../../src/claims/make-claim.js';
import { systemRandom } from '../../src/foundation/random.js';
import { LookUpCounter, type LookUpLimits } from '../../src/registry/look-up-limits.js';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry, RegistryError } from '../../src/index.js';
import { nodeBackend } from '../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../src/testing.js';
import { hex } from './support/erasure.js';
import { printFound, printFoundControl } from './support/report.js';

const START = Date.UTC(2026, 10, 21, 9);
const MINUTE = 60_000;

function counter(limits: Partial<LookUpLimits> = {}) {
  const clock = { at: START, now: () => clock.at };
  return { clock, counter: new LookUpCounter(limits, { clock, backend: nodeBackend, random: systemRandom }) };
}

/** What the measures ask of a counter. */
type Counter = Pick<LookUpCounter, 'admit' | 'remembered'>;

/** True if it was admitted. */
function tried(target: Counter, locator: Uint8Array): boolean {
  try {
    target.admit(locator);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CLAIM_THROTTLED', retryable: true, message: 'too many look-ups; try again later' });
    return false;
  }
}

const TRIES = 15;

/** What so many look-ups of a locator say, one after the other. */
async function answers(lookUp: Registry['lookUp'], locator: Uint8Array): Promise<string[]> {
  const said: string[] = [];
  for (let i = 0; i < TRIES; i++) {
    said.push(
      await lookUp(locator).then(
        (answer) => `${answer.length} bytes`,
        (error: Error) => JSON.stringify(error),
      ),
    );
  }
  return said;
}

const differing = (known: readonly string[], unknown: readonly string[]): number => known.filter((each, i) => each !== unknown[i]).length;

/** A registry that has one claim. */
async function registryOfOne() {
  const stores = createMemoryStores();
  const clock = fixedClock(START);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { clock, backend: nodeBackend });
  onTestFinished(() => registry.close());
  const { row } = makeClaim(new Uint8Array(32), 'words', systemRandom);
  await stores.claims.insert([row]);
  return { registry, locator: row.locator, other: systemRandom.bytes(32) };
}

/** Three look-ups of one locator a minute, for a day: how many of any hour, wherever it begins, are answered at most, and how many in all. */
function answeredInADay({ clock, counter: target }: ReturnType<typeof counter>): { readonly most: number; readonly all: number } {
  const locator = systemRandom.bytes(32);
  const admitted: number[] = [];
  for (let minute = 0; minute < 24 * 60; minute++) {
    clock.at = START + minute * MINUTE;
    for (let i = 0; i < 3; i++) if (tried(target, locator)) admitted.push(clock.at);
  }
  const most = Math.max(...admitted.map((from) => admitted.filter((at) => at >= from && at < from + 60 * MINUTE).length));
  return { most, all: admitted.length };
}

/** Of two hundred look-ups of as many locators in one minute, how many are answered. */
const answeredAtOnce = (target: Counter): number =>
  Array.from({ length: 200 }, () => tried(target, systemRandom.bytes(32))).filter(Boolean).length;

/** Look-ups of so many locators, a quarter of them each hour: how many were remembered at most, and how many answered. */
function remembering(target: Counter, clock: { at: number }, locators: number): { readonly most: number; readonly admitted: number } {
  let most = 0;
  let admitted = 0;
  for (let i = 0; i < locators; i++) {
    if (i % (locators / 4) === 0) clock.at += 60 * MINUTE;
    if (isAdmitted(target, numbered(i))) admitted++;
    most = Math.max(most, target.remembered);
  }
  return { most, admitted };
}

function numbered(i: number): Uint8Array {
  const locator = new Uint8Array(32);
  new DataView(locator.buffer).setUint32(0, i);
  return locator;
}

/** What memory is allowed: an hour's locators and those of the hour before. */
const MOST_REMEMBERED = 72_000;

describe('whoever tries PINs of a phrase, or phrases at random', () => {
  it('gets the same refusal for a known and an unknown locator, after the same number of look-ups', async () => {
    const { registry, locator, other } = await registryOfOne();
    const known = await answers(registry.lookUp, locator);
    const unknown = await answers(registry.lookUp, other);
    printFound('refusals that differ between known and unknown locators', differing(known, unknown), 0);
    expect(unknown).toEqual(known);
    expect(known.filter((each) => each === '296 bytes')).toHaveLength(10);
    expect(JSON.parse(known[10] as string)).toMatchObject({ code: 'CLAIM_THROTTLED', retryable: true });
    for (const wrong of [new Uint8Array(31), 'text', undefined])
      await expect(registry.lookUp(wrong as Uint8Array)).rejects.toBeInstanceOf(wrong instanceof Uint8Array ? RangeError : TypeError);
  });

  it('control: a throttle that counts what is there alone, and one that words its refusal for it', async () => {
    const { registry, locator, other } = await registryOfOne();
    const isKnown = (asked: Uint8Array): boolean => hex(asked) === hex(locator);
    const countsKnown: Registry['lookUp'] = async (asked) => (isKnown(asked) ? registry.lookUp(asked) : new Uint8Array(296));
    const never = differing(await answers(countsKnown, locator), await answers(countsKnown, other));
    printFoundControl('refusals that differ, of a throttle for known locators', never);
    expect(never).toBe(TRIES - 10);

    const fresh = await registryOfOne();
    const names: Registry['lookUp'] = async (asked) =>
      fresh.registry.lookUp(asked).catch((error: RegistryError) => {
        if (hex(asked) !== hex(fresh.locator)) throw error;
        throw new RegistryError(error.code, 'too many look-ups of this claim', { retryable: true });
      });
    const worded = differing(await answers(names, fresh.locator), await answers(names, fresh.other));
    printFoundControl('refusals that differ, of a throttle with two wordings', worded);
    expect(worded).toBe(TRIES - 10);
  });

  it('no hour, wherever it begins, has more than ten look-ups of one locator, and a refused one does not count', () => {
    const { most, all } = answeredInADay(counter());
    printFound('most look-ups in any hour', most, 10);
    expect(most).toBe(10);
    expect(all).toBeGreaterThanOrEqual(12 * 10);
  });

  it('control: without the limit of a locator every look-up of the hour is answered', () => {
    const { most } = answeredInADay(counter({ perLocatorPerHour: 10 ** 9 }));
    printFoundControl('most look-ups in any hour, without the limit', most, 10);
    expect(most).toBe(180);
  });

  it('all together: no more than the limit of a minute; the next minute is free again; control: without it all are answered', () => {
    const { clock, counter: target } = counter({ perMinute: 50 });
    expect([answeredAtOnce(target), answeredAtOnce(target)]).toEqual([50, 0]);
    clock.at += MINUTE;
    expect(answeredAtOnce(target)).toBe(50);
    const unlimited = answeredAtOnce(counter({ perMinute: 10 ** 9 }).counter);
    printFoundControl('look-ups of all in a minute, without the limit', unlimited);
    expect(unlimited).toBe(200);
  });

  it('a million locators take bounded memory, whatever the limits', () => {
    const { clock, counter: target } = counter({ perMinute: 10 ** 9 });
    const { most, admitted } = remembering(target, clock, 10 ** 6);
    printFound('locators remembered of a million', most, MOST_REMEMBERED);
    expect(most).toBe(MOST_REMEMBERED);
    expect(admitted).toBe(4 * 36_000);
    clock.at += 3 * 60 * MINUTE;
    target.admit(numbered(0));
    expect(target.remembered).toBe(1);
  });

  it('control: a counter that forgets nothing remembers more than that of a tenth of them', () => {
    const seen = new Set<string>();
    const hoarder: Counter = {
      admit: (locator) => void seen.add(hex(locator)),
      get remembered() {
        return seen.size;
      },
    };
    const { most } = remembering(hoarder, { at: START }, 10 ** 5);
    printFoundControl('locators remembered of 100,000 by a counter that forgets none', most, MOST_REMEMBERED);
    expect(most).toBeGreaterThan(MOST_REMEMBERED);
  });

  it('a clock that jumps neither locks anybody out for good nor grows the memory', () => {
    const { clock, counter: target } = counter();
    const locator = systemRandom.bytes(32);
    for (const jump of [0, -5 * 365, 5 * 365, 0]) {
      clock.at = START + jump * 24 * 60 * MINUTE;
      expect(tried(target, locator)).toBe(true);
      expect(target.remembered).toBe(1);
    }
  });

  it('refuses limits that are none', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => counter({ perMinute: wrong })).toThrow(RangeError);
      expect(() => counter({ perLocatorPerHour: wrong })).toThrow(RangeError);
    }
  });
});

/** Without an assertion each time, for a million of them. */
function isAdmitted(target: Counter, locator: Uint8Array): boolean {
  try {
    target.admit(locator);
    return true;
  } catch {
    return false;
  }
}
