import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import { type Custody, createCustody } from '../../src/custodian.js';
import { compareBytes, toHex } from '../../src/foundation/bytes.js';
import { makeSubmission } from '../../src/intake.js';
import { submissionIdOf } from '../../src/registry/accept.js';
import { openStores } from '../../src/registry/open-registry.js';
import { inlineOpener, type Opener } from '../../src/registry/opener.js';
import type { Stores } from '../../src/registry/stores.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../src/testing.js';
import { makePolicy } from '../../src/vocabulary/policy.js';

/**
 * Somebody who sees a submission on its way knows the id it will have in the inbox, and can send rubbish whose ids lie around it. A sort that
 * counted company by the page of the inbox would sort the victim alone, for some 100 MB and no valid registration (decision 006).
 */
const START = Date.UTC(2026, 10, 21, 9);
const PEOPLE = 80;
const PAGE = 2048;
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

/** Opens what people sent and calls the rest what it is, without the work of finding out. */
function openerOf(ids: ReadonlySet<string>): Opener {
  const opener = inlineOpener({ backend: nodeBackend });
  return {
    ...opener,
    open: async (jobs, keys, settings) => {
      const isOfPeople = jobs.map(({ submission }) => ids.has(toHex(submissionIdOf(submission, nodeBackend))));
      const opened = (
        await opener.open(
          jobs.filter((_, i) => isOfPeople[i]),
          keys,
          settings,
        )
      ).values();
      return isOfPeople.map((is) => (is ? (opened.next().value ?? 'failed') : 'failed'));
    },
  };
}

async function openWorld() {
  const ids = new Set<string>();
  const clock = fixedClock(START);
  const stores = createMemoryStores();
  const seen = watched(stores);
  const policy = makePolicy('standard', ['party']);
  const registry = await openStores({ stores, keys: custody.keys, policy }, { clock, backend: nodeBackend, opener: openerOf(ids) });
  const keys = await registry.publicKeys();
  const people = Array.from({ length: PEOPLE }, (_, i) => {
    const registration = { identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } };
    const { bytes } = makeSubmission(registration, keys, { clock, backend: nodeBackend });
    return { bytes, id: submissionIdOf(bytes, nodeBackend) };
  }).sort((a, b) => compareBytes(a.id, b.id));
  for (const { id } of people) ids.add(toHex(id));
  await registry.acceptMany(people.map(({ bytes }) => bytes));
  return { registry, clock, seen, people };
}

/** `count` submissions that do not open, with ids between the two. */
function rubbish(like: Uint8Array, count: number, from: Uint8Array, to: Uint8Array, seed: string): readonly Uint8Array[] {
  const random = seededRandom(seed);
  const found: Uint8Array[] = [];
  const bytes = like.slice();
  while (found.length < count) {
    bytes.set(random.bytes(12), 40);
    const id = submissionIdOf(bytes, nodeBackend);
    if (compareBytes(from, id) < 0 && compareBytes(id, to) < 0) found.push(bytes.slice());
  }
  return found;
}

describe('rubbish around a victim in the inbox', () => {
  it('control: without it all are sorted together', async () => {
    const { registry, seen } = await openWorld();
    expect(await registry.sort()).toMatchObject({ sorted: PEOPLE });
    expect(seen.batches.map(({ length }) => length)).toEqual([PEOPLE]);
  });

  it('makes no smaller company for anybody, today or tomorrow', async () => {
    const { registry, clock, seen, people } = await openWorld();
    const [before, victim, after] = people.slice(PEOPLE / 2 - 1, PEOPLE / 2 + 2);
    if (before === undefined || victim === undefined || after === undefined) throw new Error('people are there');
    await registry.acceptMany(rubbish(victim.bytes, PAGE, before.id, victim.id, 'below'));
    await registry.acceptMany(rubbish(victim.bytes, PAGE, victim.id, after.id, 'above'));
    await registry.sort();
    clock.advanceDays(1);
    await registry.sort();
    expect(seen.batches.map(({ length }) => length)).toEqual([PEOPLE]);
    // And no more of the inbox is in memory than a page, however much of it stays.
    expect(seen.mostTaken).toBeLessThanOrEqual(PAGE);
  });
});
