import { beforeAll, expect, it } from 'vitest';
import { RegistryError } from '../../../src/foundation/errors.js';
import { decodeLeaf } from '../../../src/public/leaf.js';
import { printTally, RunningCounts } from '../../../src/public/replay/running-counts.js';
import { eraseShreds, recordStatuses } from '../../../src/registry/erase.js';
import { maintainRegistry } from '../../../src/registry/maintain.js';
import { publishBatch } from '../../../src/registry/publish.js';
import { sortInbox } from '../../../src/registry/sort.js';
import type { Stores } from '../../../src/registry/stores.js';
import { seededRandom } from '../../../src/testing.js';
import { logProblems } from '../../support/crash-fault-log.js';
import { type Change, withMethods } from '../../support/sort-interleavings.js';
import { chooser, interleave, type Program } from '../../support/interleave.js';
import { type Sealed, sealOnce } from '../../support/sort-world.js';

/**
 * One person is published, another waits; both ask for things. Sorts, publications, an erasure and a maintenance in processes of their own, some of
 * which die. When a last one of each has run undisturbed, everything that was asked for is done once, and every count of the log is right.
 */
const SCHEDULES = 80;
/** Set it to what a failure prints to play it again. */
const SEED = process.env['INTERLEAVE_SEED'] ?? `${performance.timeOrigin}`;
let sealed: Sealed;
beforeAll(async () => {
  sealed = await sealOnce(2, [
    { person: 0, wish: { operation: 'retract' } },
    { person: 0, wish: { operation: 'remove-content' } },
    { person: 0, wish: { operation: 'erase' } },
    { person: 1, wish: { operation: 'amend', number: 1, text: 'Another text.' } },
    { person: 1, wish: { operation: 'retract' } },
  ]);
});

async function play(seed: string, change: Change = (stores) => stores): Promise<readonly string[]> {
  const stores = await sealed.stores();
  const context = sealed.context(stores);
  const [first, ...others] = sealed.rows;
  await stores.inbox.put([first as (typeof sealed.rows)[number]]);
  await publishBatch(context, { now: true });
  await stores.inbox.put([...others, ...sealed.requests]);
  const victim = sealed.people[0]?.inner.recordId as Uint8Array;
  const now: Program = async (own) => publishBatch(sealed.context(change(own)), { now: true });
  const programs: readonly Program[] = [
    async (own) => sortInbox(sealed.context(own)),
    now,
    now,
    async (own) => publishBatch(sealed.context(change(own)), {}),
    async (own) => eraseShreds(sealed.context(own), [victim]),
    async (own) => maintainRegistry(sealed.context(own)),
  ];
  const ended = await interleave(stores, programs, chooser(seededRandom(seed).bytes(4096), 3));
  const problems = ended.flatMap((one) => (one.end !== 'failed' || isRetryable(one.error) ? [] : [`failed: ${String(one.error)}`]));
  try {
    for (let i = 0; i < 3; i++) await publishBatch(context, { now: true });
  } catch (error) {
    problems.push(`the last publication fails: ${String(error)}`);
  }
  return [...problems, ...(await publicProblems(stores)), ...(await sealedProblems(stores))];
}

/** What nobody may build: appends a batch behind whatever is there now. */
const blind: Change = (stores) => ({
  ...stores,
  public: withMethods(stores.public, {
    appendBatch: async (batch) => {
      const { logSize, lastBatch } = await stores.public.state();
      const summary = { ...batch.summary, batch: (lastBatch?.batch ?? 0) + 1 };
      return stores.public.appendBatch({ ...batch, summary, expectedSize: logSize });
    },
  }),
});

function isRetryable(error: unknown): boolean {
  return error instanceof RegistryError && error.retryable;
}

async function publicProblems(stores: Stores): Promise<readonly string[]> {
  const problems: string[] = [...(await logProblems(stores).catch((error: unknown) => [String(error)]))];
  const counts = new RunningCounts();
  const leaves: string[] = [];
  let promised: string | undefined;
  for await (const { bytes } of stores.public.leaves(0)) {
    const leaf = decodeLeaf(bytes);
    if (leaf.type === 'tally') {
      if (printTally(counts) !== printTally(leaf.before) || (promised ?? printTally(leaf.before)) !== printTally(counts))
        problems.push('a tally is wrong');
      promised = printTally(leaf.after);
    } else leaves.push(leaf.type);
    counts.add(leaf);
  }
  if (promised !== printTally(counts)) problems.push('the last tally is wrong');
  const found = leaves.sort().join();
  if (found.replace('amendment,', '') !== 'removal,retraction,retraction,statement,statement') problems.push(found);
  const [removed, retracted] = await Promise.all(sealed.people.map(({ entryId }) => stores.public.entry(entryId)));
  if (removed?.content !== undefined || removed?.changed?.retractedAt === undefined) problems.push('0 is not removed and retracted');
  if (retracted?.content === undefined || retracted.changed?.retractedAt === undefined) problems.push('1 is not retracted');
  return problems;
}

async function sealedProblems(stores: Stores): Promise<readonly string[]> {
  const ids = sealed.people.map(({ inner }) => inner.recordId);
  const statuses = await recordStatuses(sealed.context(stores), ids);
  const left = [(await stores.inbox.waiting()).count, await stores.inbox.quarantineSize(), await stores.claims.count()];
  const all = `${statuses.join()}; waiting, in quarantine, claims: ${left.join()}`;
  return all === 'erased,sealed; waiting, in quarantine, claims: 0,0,7' ? [] : [all];
}

it('requests, sorts, publications, an erasure and a maintenance at once: each is done once, and every count is right', async () => {
  const found: string[] = [];
  for (let i = 0; i < SCHEDULES; i++) for (const problem of await play(`${SEED} ${i}`)) found.push(`${SEED} ${i}: ${problem}`);
  expect(found).toEqual([]);
});

it('control: a publisher that appends behind whatever is there signs wrong counts', async () => {
  const found = new Set<string>();
  for (let i = 0; i < 10 * SCHEDULES && !found.has('a tally is wrong'); i++)
    for (const problem of await play(`${SEED} ${i}`, blind)) found.add(problem);
  expect(found).toContain('a tally is wrong');
});
