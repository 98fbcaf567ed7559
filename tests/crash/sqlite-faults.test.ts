import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../src/custodian.js';
import { openSqliteStores } from '../../src/sqlite.js';
import { fixedClock } from '../../src/testing.js';
import {
  FAULT_CASES,
  FAULT_START,
  type FaultCase,
  type FaultExtra,
  makeFaultExtra,
  openFaultWorld,
  runFault,
} from '../support/crash-fault-cases.js';
import { type FaultKind, methodsOf, STORE_METHODS, STORE_NAMES } from '../support/crash-faults.js';
import { copyOf } from '../support/crash-points.js';

/** The fault table over files (tests/unit/registry/faults.test.ts has all of it in memory): the first and the last call of each method that writes. */
const KINDS: readonly FaultKind[] = ['lost', 'kept'];
const WRITES = [
  'claims.insert',
  'inbox.begin',
  'inbox.countFailure',
  'inbox.drain',
  'inbox.forgetBefore',
  'inbox.put',
  'keys.destroyEpochKey',
  'keys.destroyKek',
  'keys.putEpochKey',
  'keys.putKek',
  'public.addChanges',
  'public.addToPool',
  'public.appendBatch',
  'public.growTree',
  'public.lockNames',
  'public.replaceCheckpoint',
  'shred.insert',
  'shred.rewrap',
  'tidy',
  'vault.insert',
];
const root = mkdtempSync(join(tmpdir(), 'sqlite-faults-'));
const dir = join(root, 'registry');
let custody: Custody;
let extra: FaultExtra;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
  await (await openFaultWorld(await openSqliteStores(dir, { create: true }), custody, fixedClock(FAULT_START))).close();
  const copy = copyOf(dir);
  const stores = await openSqliteStores(copy.dir);
  extra = await makeFaultExtra(stores, custody);
  await stores.close();
  copy.remove();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(one: FaultCase, at: number, kind: FaultKind) {
  const copy = copyOf(dir);
  const stores = await openSqliteStores(copy.dir);
  try {
    return await runFault(stores, custody, extra, one, { at, kind });
  } finally {
    await stores.close();
    copy.remove();
  }
}

describe('a store call over files that fails once', () => {
  const met = new Set<string>();

  it('the table has every method of every store', async () => {
    const stores = await openSqliteStores(dir);
    for (const name of STORE_NAMES) expect(methodsOf(stores[name]), name).toEqual(STORE_METHODS[name]);
    await stores.close();
  });

  it.each(FAULT_CASES)('$name: exactly once everything', async (one) => {
    const { calls, failed, wrong } = await run(one, Number.POSITIVE_INFINITY, 'lost');
    expect({ failed, wrong }).toEqual({ failed: false, wrong: [] });
    const written = WRITES.filter((method) => calls.includes(method));
    for (const method of written) met.add(method);
    const points = new Set(written.flatMap((method) => [calls.indexOf(method), calls.lastIndexOf(method)]));
    const failures: string[] = [];
    for (const at of points) {
      for (const kind of KINDS) {
        const result = await run(one, at, kind);
        if (!result.failed) failures.push(`${calls[at]} (${at}, ${kind}): the fault was swallowed`);
        if (result.wrong.length > 0) failures.push(`${calls[at]} (${at}, ${kind}): ${result.wrong.join(', ')}`);
      }
    }
    expect(failures).toEqual([]);
  });

  it('met every method that writes', () => {
    expect([...met].sort()).toEqual(WRITES);
  });
});
