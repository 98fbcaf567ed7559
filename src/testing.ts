/**
 * `cryptonym/testing`: for the tests of programs that use the library, and for whoever writes stores of their own.
 * Nothing here belongs into a running registry: the clock stands still and the randomness is known.
 */
import { nearestCases } from './testing/claims-cases.js';
import type { StoreCase } from './testing/conformance.js';
import { inboxCases } from './testing/inbox-cases.js';
import { claimCases, keyCases, settingsCases } from './testing/key-cases.js';
import { logCases } from './testing/log-cases.js';
import { publicCases } from './testing/public-cases.js';
import { publicChangeCases } from './testing/public-change-cases.js';
import { wholeCases } from './testing/whole-cases.js';
import { shredCases, vaultCases } from './testing/sealed-cases.js';

export { createMemoryStores } from './stores/memory/create-stores.js';
export type { StoreCase, StoreFixture } from './testing/conformance.js';
export { type FixedClock, fixedClock } from './testing/fixed-clock.js';
export { seededRandom } from './testing/seeded-random.js';

/** What any implementation of `Stores` must pass: `for (const { name, run } of storeConformance) test(name, () => run(make))`. */
export const storeConformance: readonly StoreCase[] = [
  ...inboxCases,
  ...vaultCases,
  ...shredCases,
  ...publicCases,
  ...publicChangeCases,
  ...logCases,
  ...claimCases,
  ...nearestCases,
  ...keyCases,
  ...settingsCases,
  ...wholeCases,
];
