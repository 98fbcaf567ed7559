import { systemRandom } from '../../../src/foundation/random.js';
import type { Registry } from '../../../src/index.js';
import { openSqliteStores } from '../../../src/sqlite.js';
import { type Candidate, must } from '../harness.js';
import { type BenchCase, FLAT } from '../support/bench-case.js';
import type { Workshop } from '../support/workshop.js';

const ROW_LENGTH = 296;
const PER_CALL = 50_000;
/** Asked again and again in turn; as many known as unknown. */
const KNOWN = 500;

/** A look-up searches a tree and derives a dummy: it must cost the same at `smallest` and at `largest` claims, found or not. */
export function claimLookUpCase(smallest: number, largest: number): BenchCase {
  return {
    name: 'claim.lookup{sqlite}',
    build: async (workshop) => ({
      measure: 'cpu',
      against: `the same at ${smallest.toLocaleString('en')} claims; here ${largest.toLocaleString('en')}; half of the locators known (flat: 1.00)`,
      unit: 'look-up',
      times: 2 * KNOWN,
      target: FLAT,
      candidate: await withClaims(workshop, largest),
      baseline: await withClaims(workshop, smallest),
    }),
  };
}

async function withClaims(workshop: Workshop, claims: number): Promise<Candidate> {
  const folder = await workshop.blankCopy();
  const stores = await openSqliteStores(folder);
  const known: { readonly locator: Uint8Array; readonly row: Uint8Array }[] = [];
  for (let done = 0; done < claims; done += PER_CALL) {
    const rows = Array.from({ length: Math.min(PER_CALL, claims - done) }, (_, i) => ({
      locator: locatorAt((done + i) / claims),
      row: systemRandom.bytes(ROW_LENGTH),
    }));
    await stores.claims.insert(rows);
    const step = Math.ceil(claims / KNOWN);
    known.push(...rows.filter((_, i) => (done + i) % step === 0));
  }
  must((await stores.claims.count()) === claims, 'claims are missing');
  await stores.close();
  // The limits are there against guessing, not for the bench.
  const limits = { perLocatorPerHour: Number.MAX_SAFE_INTEGER, perMinute: Number.MAX_SAFE_INTEGER };
  const registry: Registry = await workshop.open(folder, { lookUpLimits: limits });
  const unknown = known.map(() => systemRandom.bytes(32));
  let found = 0;
  return {
    run: async (times) => {
      found = 0;
      for (let i = 0; i < times; i++) {
        const at = i % known.length;
        const one = known[at] as (typeof known)[number];
        const answer = await registry.lookUp(i % 2 === 0 ? one.locator : (unknown[at] as Uint8Array));
        if (answer[0] === one.row[0] && answer[ROW_LENGTH - 1] === one.row[ROW_LENGTH - 1]) found++;
      }
    },
    check: (times) => must(found >= Math.floor(times / 2), 'a look-up gave another row'),
  };
}

/** Spread over the whole range and in order, so that filling the store takes seconds and not minutes; for look-ups that is no difference. */
function locatorAt(part: number): Uint8Array {
  const locator = systemRandom.bytes(32);
  new DataView(locator.buffer, locator.byteOffset).setUint32(0, Math.floor(part * 2 ** 32));
  return locator;
}
