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
  /** Whoever repeats `accept` sends only what was not answered: from this one on. */
  readonly from?: number;
  /** Called for each call of the registry that returned: from then on its caller may forget what it has sent. */
  readonly answered?: () => void;
}

/** How the child says that its operation failed with a code of the registry … */
export const CODED_EXIT = 10;
/** … with anything else … */
export const OTHER_EXIT = 11;
/** … or because the disk is full, and that the same may be asked again. */
export const FULL_EXIT = 12;
/** The disk was full, the same registry was asked again, and then it could. */
export const SECOND_TIME_EXIT = 13;
/** Added for each call that was answered before: on a full disk nothing but the exit code gets out. */
export const ANSWERED_EXIT = 20;

/**
 * Did it end as it must where the disk has no room for this call? SQLite does not say why it could not truncate, and an I/O error may be a dying
 * disk: only there the code may be one that promises nothing. (A file system that copies on write can lack room for that, others cannot.)
 */
export function isFullExit(exit: number, call: string): boolean {
  const code = exit % ANSWERED_EXIT;
  return code === FULL_EXIT || (call === 'ftruncate' && code === CODED_EXIT);
}

/**
 * Did it end with a code that promises nothing, as it must where the disk fails otherwise? SQLite does not say why the index of its log could
 * not grow: that counts as a full disk.
 */
export function isFailedExit(exit: number, call: string): boolean {
  const code = exit % ANSWERED_EXIT;
  return code === CODED_EXIT || (call === 'pwrite64' && code === FULL_EXIT);
}

export const IMPORT_ROWS = 5;
export const IMPORT_BATCH = 2;
/** `Person 0` and so on: who a day imports. */
export const DAY_PEOPLE = 12;

const row = (i: number) => ({ identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } });

/** What is killed, by name; run by the child that is killed and again by whoever repeats it. */
export const CRASH_OPERATIONS = {
  /** Opens and closes: what is left of another operation is its own. */
  nothing: async () => undefined,
  sort: async ({ registry }: OperationPlace) => {
    await registry.sort();
  },
  accept: async ({ registry, extra, from = 0, answered }: OperationPlace) => {
    for (const name of readdirSync(extra).sort().slice(from)) {
      await registry.accept(new Uint8Array(readFileSync(join(extra, name))));
      answered?.();
    }
  },
  import: async ({ registry, answered }: OperationPlace) => {
    const rows = Array.from({ length: IMPORT_ROWS }, (_, i) => row(i));
    for await (const _ of registry.registerMany(rows, { source: new Uint8Array(32).fill(8), batchSize: IMPORT_BATCH })) answered?.();
  },
  publish: async ({ registry, answered }: OperationPlace) => {
    await registry.publish();
    answered?.();
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
  erase: async ({ registry, extra, answered }: OperationPlace) => {
    await registry.eraseRecord(readFileSync(join(extra, 'erase.txt'), 'utf8'));
    answered?.();
  },
  /** What runs all day: for kills at any instant. */
  day: async ({ registry, clock }: OperationPlace) => {
    const rows = Array.from({ length: DAY_PEOPLE }, (_, i) => row(i));
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
