import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import { type Custody, createCustody } from '../../src/custodian.js';
import { compareBytes, equalBytes, fromHex, toHex } from '../../src/foundation/bytes.js';
import { today } from '../../src/foundation/clock.js';
import { makeSubmission } from '../../src/intake.js';
import { submissionIds } from '../../src/registry/accept.js';
import { openStores } from '../../src/registry/open-registry.js';
import { inlineOpener, type Opener } from '../../src/registry/opener.js';
import type { Stores } from '../../src/registry/stores.js';
import type { InboxRow } from '../../src/sealed/ports.js';
import { createMemoryStores, fixedClock } from '../../src/testing.js';
import { makePolicy } from '../../src/vocabulary/policy.js';

/**
 * Somebody who sees a submission on its way knows the id it will have in the inbox, and can send rubbish whose ids lie around it. A sort that
 * counted company by the page of the inbox would sort the victim alone, for some 100 MB and no valid registration (decision 006).
 */
const START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 80;
const PAGE = 2048;
/** Shorter than a submission, which only the door looks at. */
const NOISE = new Uint8Array(16);
let custody: Custody;
beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 2 });
});

/** How many records each transaction of the vault brought, and the most rows that were ever taken from the inbox at once. */
function watched(stores: Stores) {
  const seen = { batches: [] as string[][], mostTaken: 0 };
  const insert = stores.vault.insert.bind(stores.vault);
  stores.vault.insert = async (rows) => {
    if (rows.length > 0) seen.batches.push(rows.map(({ id }) => toHex(id)));
    await insert(rows);
  };
  const take = stores.inbox.take.bind(stores.inbox);
  stores.inbox.take = async (...asked) => {
    const rows = await take(...asked);
    seen.mostTaken = Math.max(seen.mostTaken, rows.length);
    return rows;
  };
  return seen;
}

/** As the opener, without the work of finding out that noise is noise. */
function quickOpener(): Opener {
  const opener = inlineOpener({ backend: nodeBackend });
  return {
    ...opener,
    open: async (jobs, keys, settings) => {
      const isNoise = jobs.map(({ submission }) => equalBytes(submission, NOISE));
      const sealed = jobs.filter((_, i) => isNoise[i] === false);
      const opened = (await opener.open(sealed, keys, settings)).values();
      return isNoise.map((is) => (is ? 'failed' : (opened.next().value ?? 'failed')));
    },
  };
}

async function openWorld() {
  const clock = fixedClock(START);
  const stores = createMemoryStores();
  const seen = watched(stores);
  const policy = makePolicy('standard', ['party']);
  const registry = await openStores({ stores, keys: custody.keys, policy }, { clock, backend: nodeBackend, opener: quickOpener() });
  const keys = await registry.publicKeys();
  const people = Array.from({ length: PEOPLE }, (_, i) => {
    const registration = { identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } };
    const { bytes } = makeSubmission(registration, keys, { clock, backend: nodeBackend });
    return { bytes, id: submissionIds(nodeBackend)(bytes) };
  }).sort((a, b) => compareBytes(a.id, b.id));
  await registry.acceptMany(people.map(({ bytes }) => bytes));
  return { registry, stores, clock, seen, people };
}

/** `PAGE` rows that do not open, with ids between the two: found by trying (an id is a hash of what the sender chooses), here just made. */
function rubbish(like: InboxRow, from: Uint8Array, to: Uint8Array): readonly InboxRow[] {
  const [low, high] = [from, to].map((id) => BigInt(`0x${toHex(id)}`));
  if (low === undefined || high === undefined) throw new Error('two ids are there');
  const step = (high - low) / BigInt(PAGE + 2);
  const idAt = (i: number): Uint8Array => fromHex((low + step * BigInt(i + 1)).toString(16).padStart(32, '0'));
  return Array.from({ length: PAGE }, (_, i) => ({ ...like, id: idAt(i) }));
}

describe('rubbish around a victim in the inbox', () => {
  it('control: without it all are sorted together', async () => {
    const { registry, seen } = await openWorld();
    expect(await registry.sort()).toMatchObject({ sorted: PEOPLE });
    expect(seen.batches.map(({ length }) => length)).toEqual([PEOPLE]);
  });

  it('makes no smaller company for anybody, today or tomorrow', async () => {
    const { registry, stores, clock, seen, people } = await openWorld();
    const [before, victim, after] = people.slice(PEOPLE / 2 - 1, PEOPLE / 2 + 2);
    if (before === undefined || victim === undefined || after === undefined) throw new Error('people are there');
    const day = today(clock);
    const like: InboxRow = { id: victim.id, epoch: day, arrivedDay: day, submission: NOISE };
    await stores.inbox.put([...rubbish(like, before.id, victim.id), ...rubbish(like, victim.id, after.id)]);
    await registry.sort();
    clock.advanceDays(1);
    await registry.sort();
    expect(seen.batches.map(({ length }) => length)).toEqual([PEOPLE]);
    // And no more of the inbox is in memory than a page, however much of it stays.
    expect(seen.mostTaken).toBeLessThanOrEqual(PAGE);
  });
});
