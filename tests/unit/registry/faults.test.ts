import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { createMemoryStores, fixedClock } from '../../../src/testing.js';
import {
  FAULT_CASES,
  FAULT_START,
  type FaultCase,
  type FaultExtra,
  makeFaultExtra,
  openFaultWorld,
  runFault,
  UNSAFE_CASE,
} from '../../support/crash-fault-cases.js';
import { faultWitness, logProblems } from '../../support/crash-fault-log.js';
import { type FaultKind, faultyStores, methodsOf, STORE_METHODS, STORE_NAMES } from '../../support/crash-faults.js';

/**
 * The fault table: each store call of each operation fails once, "lost" (nothing was stored) and once "kept" (all of it was, and only the
 * answer is an error). Whoever called repeats the call. tests/crash has the same over files.
 */
const KINDS: readonly FaultKind[] = ['lost', 'kept'];
let custody: Custody;
let extra: FaultExtra;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
  extra = await makeFaultExtra(createMemoryStores(), custody);
});

/** Methods that no operation of the registry calls at all, or only its creation (below). */
const NEVER_CALLED = ['inbox.quarantined', 'log.putKey', 'public.batches', 'public.entry', 'settings.put'];

describe('a store call that fails once', () => {
  const met = new Set<string>();

  it('the table has every method of every store', () => {
    const stores = createMemoryStores();
    for (const name of STORE_NAMES) expect(methodsOf(stores[name]), name).toEqual(STORE_METHODS[name]);
  });

  it.each(FAULT_CASES)('$name: exactly once everything', async (one) => {
    const run = (at: number, kind: FaultKind) => runFault(createMemoryStores(), custody, extra, one, { at, kind });
    const { calls, failed, wrong } = await run(Number.POSITIVE_INFINITY, 'lost');
    expect({ failed, wrong }).toEqual({ failed: false, wrong: [] });
    for (const call of calls) met.add(call);
    const failures: string[] = [];
    let faults = 0;
    for (const kind of KINDS) {
      for (const [at, call] of calls.entries()) {
        const result = await run(at, kind);
        if (result.failed) faults++;
        if (result.wrong.length > 0) failures.push(`${call} (${at}, ${kind}): ${result.wrong.join(', ')}`);
      }
    }
    expect(failures).toEqual([]);
    expect(faults).toBe(2 * calls.length); // no fault is swallowed
  });

  it.each(KINDS)('creation (%s): one registry, and the same', async (kind) => {
    const clock = fixedClock(FAULT_START);
    const sound = faultyStores(createMemoryStores(), Number.POSITIVE_INFINITY, kind);
    await openFaultWorld(sound.stores, custody, clock);
    expect(sound.calls).toContain('settings.put');
    for (const at of sound.calls.keys()) {
      const memory = createMemoryStores();
      const { stores } = faultyStores(memory, at, kind);
      await expect(openFaultWorld(stores, custody, clock)).rejects.toMatchObject({ code: kind === 'kept' ? 'STORE_BUSY' : 'STORE_FAILED' });
      const registry = await openFaultWorld(memory, custody, clock);
      await registry.maintain();
      expect((await registry.publicKeys()).epochs).toHaveLength(15);
      expect(await memory.keys.epochs()).toHaveLength(15);
    }
  });

  it('finds a call that may not be repeated (the positive control)', async () => {
    const { calls } = await runFault(createMemoryStores(), custody, extra, UNSAFE_CASE, { at: Number.POSITIVE_INFINITY, kind: 'lost' });
    const put = calls.indexOf('inbox.put');
    const run = (kind: FaultKind) => runFault(createMemoryStores(), custody, extra, UNSAFE_CASE, { at: put, kind });
    expect((await run('lost')).wrong).toEqual([]);
    expect((await run('kept')).wrong).toContain('7 records, 7 entries');
  });

  it('finds a log without its tree, and one that no witness has seen (the positive control)', async () => {
    const found = async (name: string) => {
      const stores = createMemoryStores();
      const clock = fixedClock(FAULT_START);
      const { before } = FAULT_CASES.find((one) => one.name === name) as FaultCase;
      await before({ registry: await openFaultWorld(stores, custody, clock), stores, clock, extra });
      return logProblems(stores, faultWitness());
    };
    expect(await found('look up')).toEqual(['the witness has not signed']);
    expect(await found('publish, of a log that an earlier release left without its tree')).toEqual(['a tree of 0 over 6 leaves']);
  });

  it('met every method', () => {
    const all = STORE_NAMES.flatMap((name) => STORE_METHODS[name].map((method) => `${name}.${method}`));
    expect(all.filter((method) => !met.has(method)).sort()).toEqual(NEVER_CALLED);
  });
});
