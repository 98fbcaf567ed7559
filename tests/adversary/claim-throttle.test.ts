import { describe, expect, it } from 'vitest';
import { makeClaim } from '../../src/claims/make-claim.js';
import { systemRandom } from '../../src/foundation/random.js';
import { LookUpCounter, type LookUpLimits } from '../../src/registry/look-up-limits.js';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { nodeBackend } from '../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../src/testing.js';
import { printFound } from './support/report.js';

const START = Date.UTC(2026, 10, 21, 9);
const MINUTE = 60_000;

function counter(limits: Partial<LookUpLimits> = {}) {
  const clock = { at: START, now: () => clock.at };
  return { clock, counter: new LookUpCounter(limits, { clock, backend: nodeBackend, random: systemRandom }) };
}

/** True if it was admitted. */
function tried(target: LookUpCounter, locator: Uint8Array): boolean {
  try {
    target.admit(locator);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CLAIM_THROTTLED', retryable: true, message: 'too many look-ups; try again later' });
    return false;
  }
}

describe('whoever tries PINs of a phrase, or phrases at random', () => {
  it('gets the same refusal for a known and an unknown locator, after the same number of look-ups', async () => {
    const stores = createMemoryStores();
    const clock = fixedClock(START);
    const { keys } = await createCustody({ quorum: 2, custodians: 2 });
    const registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { clock, backend: nodeBackend });
    const { row } = makeClaim(new Uint8Array(32), 'words', systemRandom);
    await stores.claims.insert([row]);
    const outcomes = async (locator: Uint8Array): Promise<string[]> => {
      const results: string[] = [];
      for (let i = 0; i < 15; i++) {
        const result = await registry.lookUp(locator).then(
          (answer) => `${answer.length} bytes`,
          (error: Error) => JSON.stringify(error),
        );
        results.push(result);
      }
      return results;
    };
    const known = await outcomes(row.locator);
    const unknown = await outcomes(systemRandom.bytes(32));
    printFound('refusals that differ between known and unknown locators', known.filter((each, i) => each !== unknown[i]).length, 0);
    expect(unknown).toEqual(known);
    expect(known.filter((each) => each === '296 bytes')).toHaveLength(10);
    expect(JSON.parse(known[10] as string)).toMatchObject({ code: 'CLAIM_THROTTLED', retryable: true });
    for (const wrong of [new Uint8Array(31), 'text', undefined])
      await expect(registry.lookUp(wrong as Uint8Array)).rejects.toBeInstanceOf(wrong instanceof Uint8Array ? RangeError : TypeError);
    await registry.close();
  });

  it('no hour, wherever it begins, has more than ten look-ups of one locator, and a refused one does not count', () => {
    const { clock, counter: target } = counter();
    const locator = systemRandom.bytes(32);
    const admitted: number[] = [];
    for (let minute = 0; minute < 24 * 60; minute++) {
      clock.at = START + minute * MINUTE;
      for (let i = 0; i < 3; i++) if (tried(target, locator)) admitted.push(clock.at);
    }
    const most = Math.max(...admitted.map((from) => admitted.filter((at) => at >= from && at < from + 60 * MINUTE).length));
    printFound('most look-ups in any hour', most, 10);
    expect(most).toBe(10);
    expect(admitted.length).toBeGreaterThanOrEqual(12 * 10);
  });

  it('all together: no more than the limit of a minute; the next minute is free again', () => {
    const { clock, counter: target } = counter({ perMinute: 50 });
    const round = () => Array.from({ length: 200 }, () => tried(target, systemRandom.bytes(32))).filter(Boolean).length;
    expect([round(), round()]).toEqual([50, 0]);
    clock.at += MINUTE;
    expect(round()).toBe(50);
  });

  it('a million locators take bounded memory, whatever the limits', () => {
    const { clock, counter: target } = counter({ perMinute: 10 ** 9 });
    const numbered = (i: number): Uint8Array => {
      const locator = new Uint8Array(32);
      new DataView(locator.buffer).setUint32(0, i);
      return locator;
    };
    let most = 0;
    let admitted = 0;
    for (let i = 0; i < 10 ** 6; i++) {
      if (i % 250_000 === 0) clock.at += 60 * MINUTE;
      if (isAdmitted(target, numbered(i))) admitted++;
      most = Math.max(most, target.remembered);
    }
    printFound('locators remembered of a million', most, 72_000);
    expect(most).toBe(72_000);
    expect(admitted).toBe(4 * 36_000);
    clock.at += 3 * 60 * MINUTE;
    target.admit(numbered(0));
    expect(target.remembered).toBe(1);
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

  it('positive control: with the limits off, every look-up is answered', () => {
    const { counter: target } = counter({ perMinute: 10 ** 9, perLocatorPerHour: 10 ** 9 });
    const locator = systemRandom.bytes(32);
    const answered = Array.from({ length: 10_000 }, () => tried(target, locator)).filter(Boolean).length;
    printFound('look-ups of one locator without limits', answered, 10_000);
    expect(answered).toBe(10_000);
  });
});

/** Without an assertion each time, for a million of them. */
function isAdmitted(target: LookUpCounter, locator: Uint8Array): boolean {
  try {
    target.admit(locator);
    return true;
  } catch {
    return false;
  }
}
