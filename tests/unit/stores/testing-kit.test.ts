import { describe, expect, test } from 'vitest';
import { today } from '../../../src/foundation/clock.js';
import { toHex } from '../../../src/foundation/bytes.js';
import type { Stores } from '../../../src/registry/stores.js';
import { createMemoryStores, fixedClock, seededRandom, storeConformance } from '../../../src/testing.js';

test('fixedClock stands still until it is moved', () => {
  const clock = fixedClock(Date.UTC(2026, 0, 31, 23, 59));
  const day = today(clock);
  expect(clock.now()).toBe(clock.now());
  clock.advanceDays(2);
  expect(today(clock)).toBe(day + 2);
  clock.advanceDays(-2);
  expect(today(clock)).toBe(day);
  expect(() => clock.advanceDays(0.5)).toThrow(RangeError);
  expect(() => fixedClock(Number.NaN)).toThrow(RangeError);
});

test('seededRandom repeats itself for the same seed and calls, and only then', () => {
  const [a, b, c] = [seededRandom('seed'), seededRandom('seed'), seededRandom('other')];
  const stream = [a.bytes(16), a.bytes(16), a.bytes(100)].map(toHex);
  expect([b.bytes(16), b.bytes(16), b.bytes(100)].map(toHex)).toEqual(stream);
  expect(toHex(c.bytes(16))).not.toBe(stream[0]);
  expect(new Set(stream).size).toBe(3);
  expect(seededRandom('seed').bytes(0).length).toBe(0);
});

describe('the suite finds stores that break their promises (controls)', () => {
  const broken: readonly (readonly [string, (stores: Stores) => void])[] = [
    ['vault: insert-if-absent, never upsert', ({ vault }) => replace(vault, 'get', async () => undefined)],
    [
      'inbox: a seen id is skipped, also after it was drained and within one call',
      ({ inbox }) => replace(inbox, 'put', async () => ({ duplicates: [], differing: [] })),
    ],
    ['shred: rewrap replaces the bytes that were read, and only those', ({ shred }) => replace(shred, 'rewrap', async () => [])],
    [
      'public: a batch made for another state is STORE_BUSY and changes nothing',
      ({ public: store }) => replace(store, 'appendBatch', async () => {}),
    ],
    ['keys: epoch keys are kept with their public half and die with it', ({ keys }) => replace(keys, 'destroyEpochKey', async () => {})],
    ['claims: rows by locator, insert-if-absent', ({ claims }) => replace(claims, 'count', async () => 12)],
    [
      'inbox: an import step is taken where it begins, and nowhere else',
      ({ inbox }) => {
        const put = inbox.put.bind(inbox);
        replace(inbox, 'put', (rows, step) =>
          put(rows, step && { ...step, importId: new Uint8Array(16).fill(step.fromRow) }).catch(() => put(rows)),
        );
      },
    ],
    [
      'inbox: rows by the day they arrived, whatever their epoch says',
      ({ inbox }) => {
        const take = inbox.take.bind(inbox);
        replace(inbox, 'take', (limit) => take(limit));
      },
    ],
    ['keys: a key that exists is never replaced', ({ keys }) => replace(keys, 'epochPublicKeys', async () => [])],
    ['stores: after closing every call is REGISTRY_CLOSED', ({ claims }) => replace(claims, 'count', async () => 0)],
    ['settings: written once', ({ settings }) => replace(settings, 'put', async () => {})],
  ];
  test.each(broken)('%s', async (name, breakIt) => {
    const found = storeConformance.find((one) => one.name === name);
    await expect(found?.run(async () => ({ stores: createMemoryStores() }))).resolves.toBeUndefined();
    const stores = createMemoryStores();
    breakIt(stores);
    await expect(found?.run(async () => ({ stores }))).rejects.toThrow(/^expected: /);
  });
});

function replace<T extends object, K extends keyof T>(store: T, method: K, other: T[K]): void {
  Object.defineProperty(store, method, { value: other });
}
