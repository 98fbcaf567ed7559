import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { type CustodyPublicKeys, makePolicy, openRegistry, type Registry, type Stores } from '../../src/index.js';
import type { ClaimRow } from '../../src/claims/ports.js';
import { compareBytes } from '../../src/foundation/bytes.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { seededRandom } from '../../src/testing.js';
import { medianT } from './support/timing.js';
import { recordFact } from '../support/fact.js';

/**
 * P5: the time of a look-up says nothing. Two classes of locators, interleaved in a random order; Welch's t of the times without the slowest
 * tenth. |t| < 4.5 is the usual bound for "no leak found" (TVLA); the naive way to answer must be far beyond it.
 */
const ROWS = 4096;
const SAMPLES = 4000;
const RUNS = 5;
const BOUND = 4.5;
const CONTROL = 50;

const random = seededRandom('claim timing');
const dir = mkdtempSync(join(tmpdir(), 'claim-timing-'));
const rows: readonly ClaimRow[] = Array.from({ length: ROWS }, () => ({ locator: random.bytes(32), row: random.bytes(296) }));
/** Other ones for each sample: a repeated question would be answered from caches, which is the same for both classes but less true. */
const known = (i: number): Uint8Array => (rows[(i * 2654435761) % ROWS] as ClaimRow).locator;
const unknown = Array.from({ length: 2 * SAMPLES }, () => random.bytes(32));
let keys: CustodyPublicKeys;

beforeAll(async () => {
  ({ keys } = await createCustody({ quorum: 2, custodians: 2 }));
  await withFreshRegistry((_, stores) => stores.claims.insert(rows));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Opened for each measurement: a counter that met one class of locators before would tell that, which says nothing about who is registered. */
async function withFreshRegistry<T>(work: (registry: Registry, stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openSqliteStores(dir, { create: true });
  const lookUpLimits = { perLocatorPerHour: 10 ** 9, perMinute: 10 ** 9 };
  const registry = await openRegistry({ stores, keys, policy: makePolicy('tiny', ['party']) }, { backend: nodeBackend, lookUpLimits });
  try {
    return await work(registry, stores);
  } finally {
    await registry.close();
  }
}

type Ask = (locator: Uint8Array, registry: Registry, stores: Stores) => Promise<unknown>;

const asLibrary: Ask = async (locator, registry) => registry.lookUp(locator);

/** As one would write it first: look, and make something up only where there is nothing. */
const naively: Ask = async (locator, _, { claims }) => (await claims.get(locator)) ?? fake(await claims.dummySecret());

/** A row is always read, but the dummy derived only where the row is another's. */
const lazily: Ask = async (locator, _, { claims }) => {
  const row = await claims.nearest(locator);
  return row !== undefined && compareBytes(row.locator, locator) === 0 ? row.row : fake(await claims.dummySecret());
};

/** As the library, but where the search found nothing to the right it begins once more at the first row. */
const searchingAgain: Ask = async (locator, registry, { claims }) => {
  const row = await claims.nearest(locator);
  if (row === undefined || compareBytes(row.locator, locator) < 0) await claims.nearest(new Uint8Array(32));
  return registry.lookUp(locator);
};

function fake(secret: Uint8Array): Uint8Array {
  const parts = Array.from({ length: 10 }, (_, i) => nodeBackend.hmacSha256(secret, Uint8Array.of(i)));
  return Uint8Array.from(parts.flatMap((part) => [...part])).slice(0, 296);
}

async function measure(what: string, one: Class, other: Class, asked: Ask = asLibrary): Promise<number> {
  return withFreshRegistry(async (registry, stores) => {
    const ask = (locator: Uint8Array): Promise<unknown> => asked(locator, registry, stores);
    const t = await medianT({ ask, classes: [one, other], samples: SAMPLES, runs: RUNS, random });
    recordFact({ kind: 'timing', name: what, values: { 'median |t|': t.toFixed(2), runs: RUNS, samples: 2 * SAMPLES } });
    process.stdout.write(`  timing ${what}: median |t| ${t.toFixed(2)} over ${RUNS} runs of 2 × ${SAMPLES}\n`);
    return t;
  });
}

type Class = (i: number) => Uint8Array;
const unknownAt: Class = (i) => unknown[i % unknown.length] as Uint8Array;
/** The same place in the tree as `known`, the same row read: only the last bits tell them apart. */
const near: Class = (i) => {
  const locator = known(i).slice();
  locator[31] = (locator[31] as number) ^ 0x55;
  return locator;
};
const last = [...rows].sort((a, b) => compareBytes(b.locator, a.locator))[0]?.locator as Uint8Array;
/** Behind every row, where a search finds nothing to the right. */
const pastTheEnd = new Uint8Array(32).fill(0xff);

describe('the time of a look-up over 4,096 rows on SQLite', () => {
  it('known and unknown', async () => {
    expect(await measure('known / unknown', known, unknownAt)).toBeLessThan(BOUND);
  });

  it('known and one that differs in a few bits, so that the same row is read', async () => {
    expect(await measure('known / near', known, near)).toBeLessThan(BOUND);
  });

  it('the last row and one past it', async () => {
    const [at, after] = [() => last, () => pastTheEnd];
    expect(await measure('last / past the end', at, after)).toBeLessThan(BOUND);
  });

  it('negative control: two classes of one kind differ in nothing', async () => {
    expect(await measure('unknown / unknown', unknownAt, (i) => unknownAt(i + SAMPLES))).toBeLessThan(BOUND);
  });

  it('positive control: asking naively gives it away', async () => {
    expect(await measure('control known / unknown, asked naively', known, unknownAt, naively)).toBeGreaterThan(CONTROL);
  });

  it('positive control: so does a dummy that is derived only where it is needed', async () => {
    expect(await measure('control known / near, dummy only where needed', known, near, lazily)).toBeGreaterThan(CONTROL);
  });

  it('positive controls: asking naively at the end of the rows, and the little that a second search takes', async () => {
    const [at, after] = [() => last, () => pastTheEnd];
    expect(await measure('control last / past the end, asked naively', at, after, naively)).toBeGreaterThan(CONTROL);
    expect(await measure('control last / past the end, searched twice', at, after, searchingAgain)).toBeGreaterThan(BOUND);
  });
});
