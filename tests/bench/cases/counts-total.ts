import { systemRandom } from '../../../src/foundation/random.js';
import type { Counts, Registry } from '../../../src/index.js';
import { appendRecords } from '../../../src/log/append.js';
import { encodeContent } from '../../../src/public/content.js';
import { addIncrements, incrementsOf, tallyFromCounters } from '../../../src/public/counts/counters.js';
import { encodeLeaf, type StatementLeaf } from '../../../src/public/leaf.js';
import type { NewBatch, PoolItem, PublicStore } from '../../../src/public/ports.js';
import { tilesOfStore } from '../../../src/registry/log-tree.js';
import { nodeBackend, openSqliteStores } from '../../../src/sqlite.js';
import { type Candidate, must } from '../harness.js';
import { FLAT } from '../support/bench-case.js';
import type { BenchCase } from '../support/bench-case.js';
import { poolItem } from '../support/statements.js';
import type { Workshop } from '../support/workshop.js';

/** The same at both sizes, so that nothing but the number of entries differs. */
const BATCHES = 20;
const CATEGORY = 'league';

/** A count is read from counters and never scans: it must cost the same at `smallest` and at `largest` entries. */
export function countsTotalCase(smallest: number, largest: number): BenchCase {
  return {
    name: 'counts.total{sqlite}',
    build: async (workshop) => ({
      measure: 'cpu',
      against: `the same at ${smallest.toLocaleString('en')} entries; here ${largest.toLocaleString('en')}, both in ${BATCHES} batches (flat: 1.00)`,
      unit: 'call',
      times: 3000,
      target: FLAT,
      candidate: reader(await withEntries(workshop, largest), largest),
      baseline: reader(await withEntries(workshop, smallest), smallest),
    }),
  };
}

function reader(registry: Registry, entries: number): Candidate {
  let counts: Counts | undefined;
  return {
    run: async (times) => {
      for (let i = 0; i < times; i++) counts = await registry.counts();
    },
    check: () => must(counts?.total === entries && counts.byCategory[CATEGORY] === entries, 'a count is wrong'),
  };
}

/** Batches straight into the public store, with the same leaf and content for every entry: sealing so many would take an hour. */
async function withEntries(workshop: Workshop, entries: number): Promise<Registry> {
  const folder = await workshop.blankCopy();
  const stores = await openSqliteStores(folder);
  const item = poolItem([CATEGORY]);
  for (let batch = 0; batch < BATCHES; batch++) {
    const items = Array.from({ length: entries / BATCHES }, (_, i) => ({ ...item, id: idAt(batch / BATCHES + i / entries) }));
    await stores.public.addToPool(items);
    await stores.public.appendBatch(await batchOf(stores.public, items));
  }
  must((await stores.public.check()).length === 0, 'the counters are not what the rows say');
  await stores.close();
  return workshop.open(folder);
}

/** Spread over the whole range and in order, so that filling the store takes seconds and not minutes; counting is no different for it. */
function idAt(part: number): Uint8Array {
  const id = systemRandom.bytes(16);
  new DataView(id.buffer, id.byteOffset).setUint32(0, Math.floor(part * 2 ** 32));
  return id;
}

async function batchOf(store: PublicStore, items: readonly PoolItem[]): Promise<NewBatch> {
  const state = await store.state();
  const batch = (state.lastBatch?.batch ?? 0) + 1;
  const leaf: StatementLeaf = {
    type: 'statement',
    batch,
    categories: [CATEGORY],
    display: 'alias',
    evidence: 'stated',
    origin: 'live',
    contentHash: '0'.repeat(64),
  };
  const increments = incrementsOf(items.map(() => leaf));
  const before = tallyFromCounters(state.counters);
  const after = tallyFromCounters(addIncrements(state.counters, increments));
  const bytes = encodeLeaf(leaf);
  const leaves = [encodeLeaf({ type: 'tally', batch, date: '2026-11-21', before, after }), ...items.map(() => bytes)];
  const { tiles } = await appendRecords(tilesOfStore(store), state.logSize, leaves, nodeBackend.sha256);
  const content = encodeContent({ entryKey: '0'.repeat(64), name: 'jin fu', period: '2026-11', text: undefined });
  return {
    summary: { batch, day: batch, extra: false, statements: items.length, live: items.length, smallestCell: items.length },
    expectedSize: state.logSize,
    leaves,
    tiles,
    entries: items.map(({ id, digest, salt }) => ({ id, digest, salt, content })),
    increments,
  };
}
