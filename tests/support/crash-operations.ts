import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from '../../src/index.js';
import { exportFolder } from '../../src/sqlite.js';
import type { FixedClock } from '../../src/testing.js';

export interface OperationPlace {
  readonly registry: Registry;
  readonly clock: FixedClock;
  /** A folder beside the registry: requests to apply, `erase.txt` with the id of a record. */
  readonly extra: string;
  readonly dir: string;
}

/** How the child says that its operation failed with a code of the registry … */
export const CODED_EXIT = 10;
/** … and that it failed with anything else. */
export const OTHER_EXIT = 11;

/** What is killed, by name; run by the child that is killed and again by whoever repeats it. */
export const CRASH_OPERATIONS = {
  sort: async ({ registry }: OperationPlace) => {
    await registry.sort();
  },
  publish: async ({ registry }: OperationPlace) => {
    await registry.publish();
  },
  export: async ({ registry, dir }: OperationPlace) => {
    await registry.publish();
    await registry.log.export(exportFolder(siteOf(dir)));
  },
  /** Twice, two days apart: the first replaces the KEK, the second destroys the old one. */
  maintain: async ({ registry, clock }: OperationPlace) => {
    await registry.maintain();
    clock.advanceDays(2);
    await registry.maintain();
  },
  requests: async ({ registry, extra }: OperationPlace) => {
    for (const name of readdirSync(extra).sort()) await registry.apply(new Uint8Array(readFileSync(join(extra, name))));
    await registry.sort();
  },
  erase: async ({ registry, extra }: OperationPlace) => {
    await registry.eraseRecord(readFileSync(join(extra, 'erase.txt'), 'utf8'));
  },
  /** What runs all day: for kills at any instant. */
  day: async ({ registry, clock }: OperationPlace) => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      identity: { names: [`Person ${i}`] },
      statement: { alias: 'jin fu', categories: ['party'] },
    }));
    const source = new Uint8Array(32).fill(7);
    for await (const { rows: done } of registry.registerMany(rows, { source, batchSize: 3 })) if (done % 6 === 0) await registry.sort();
    for (let day = 0; day < 3; day++) {
      await registry.publish();
      await registry.maintain();
      clock.advanceDays(1);
    }
  },
} satisfies Record<string, (place: OperationPlace) => Promise<void>>;

/** Where the killed export writes. */
export function siteOf(dir: string): string {
  return `${dir}-site`;
}

export type CrashOperation = keyof typeof CRASH_OPERATIONS;
