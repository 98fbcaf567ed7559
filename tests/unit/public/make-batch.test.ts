import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, toHex, fromHex } from '../../../src/foundation/bytes.js';
import { addIncrements, incrementsOf, tallyFromCounters } from '../../../src/public/counts/counters.js';
import { countsFrom } from '../../../src/public/counts/counts.js';
import { entryFromRow } from '../../../src/public/entry.js';
import { selectDue } from '../../../src/public/hold.js';
import { decodeLeaf, type StatementLeaf } from '../../../src/public/leaf.js';
import { type BatchDraft, makeBatch } from '../../../src/public/make-batch.js';
import type { EntryRow, PoolItem, PublicState } from '../../../src/public/ports.js';
import type { Statement } from '../../../src/public/statement.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';
import { idOfPublicKey } from '../../../src/vocabulary/ids.js';
import { bytes, example, idOf, keyOf, poolItem, statement } from './arbitraries.js';

const empty: PublicState = {
  logSize: 0,
  treeSize: 0,
  lastBatch: undefined,
  lastRegularDay: undefined,
  firstDay: undefined,
  counters: new Map(),
};
const tiny = makePolicy('tiny', ['party', 'league', 'pioneers']);
const salt = new Uint8Array(32).fill(7);
const itemOf = (change: Partial<Statement> = {}, number = 1, dueDay = 0): PoolItem =>
  poolItem({ ...example, ...change, entryKey: keyOf(number) }, entryIdOf(number), salt, dueDay);
const entryIdOf = (number: number): Uint8Array => idOfPublicKey(fromHex(keyOf(number)));
const integrity = expect.objectContaining({ code: 'STORE_INTEGRITY' });

function batchOf(items: readonly PoolItem[], state = empty, day = 20_000, policy: { k: number; maxHoldDays: number } = tiny): BatchDraft {
  return makeBatch({ state, selection: selectDue(items, day, policy), day, extra: false, policy }) as BatchDraft;
}

/** What a store does with a batch, for the tests. */
function apply(state: PublicState, batch: BatchDraft): PublicState {
  expect(batch.expectedSize).toBe(state.logSize);
  return {
    logSize: state.logSize + batch.leaves.length,
    treeSize: state.logSize + batch.leaves.length,
    lastBatch: batch.summary,
    lastRegularDay: batch.summary.extra ? state.lastRegularDay : batch.summary.day,
    firstDay: state.firstDay ?? batch.summary.day,
    counters: addIncrements(state.counters, batch.increments),
  };
}

function rowsOf(batch: BatchDraft): EntryRow[] {
  return batch.entries.map(({ id, salt: rowSalt, content }, i) => ({
    id,
    index: batch.expectedSize + 1 + i,
    leaf: batch.leaves[i + 1] as Uint8Array,
    salt: rowSalt,
    content,
  }));
}

describe('a batch', () => {
  it('of nothing is one tally leaf on a regular day, and none at all when it is extra', () => {
    const request = { state: empty, selection: selectDue([], 1, tiny), day: 1, policy: tiny };
    expect(makeBatch({ ...request, extra: true })).toBeUndefined();
    const batch = makeBatch({ ...request, extra: false });
    expect([batch?.leaves.length, batch?.entries.length, batch?.summary.statements, batch?.summary.smallestCell]).toEqual([1, 0, 0, 0]);
  });

  it('has a tally first, then leaves in id order, and says what it adds', () => {
    const items = [itemOf({}, 1), itemOf({ categories: ['party'], origin: 'import' }, 2)];
    const batch = batchOf(items);
    expect(batch.summary).toEqual({ batch: 1, day: 20_000, extra: false, statements: 2, live: 1, smallestCell: 1 });
    expect(batch.entries.map(({ id }) => toHex(id))).toEqual(items.map(({ id }) => toHex(id)).sort());
    expect(new Map([...batch.increments].sort())).toEqual(
      new Map([
        ['category:league', 1],
        ['category:party', 2],
        ['display:alias', 2],
        ['evidence:stated', 2],
        ['origin:import', 1],
        ['origin:live', 1],
        ['statements', 2],
        ['type:statement', 2],
        ['type:tally', 1],
      ]),
    );
    expect(decodeLeaf(batch.leaves[0] as Uint8Array)).toEqual({
      type: 'tally',
      batch: 1,
      date: '2024-10-04',
      before: { statements: 0, retracted: 0, category: {}, evidence: {}, display: {}, origin: {}, type: {} },
      after: {
        statements: 2,
        retracted: 0,
        category: { league: 1, party: 2 },
        evidence: { stated: 2 },
        display: { alias: 2 },
        origin: { live: 1, import: 1 },
        type: { tally: 1, statement: 2 },
      },
    });
  });

  it('coarsening changes the period and nothing else', () => {
    const [kept] = rowsOf(batchOf([itemOf()]));
    const [coarse] = rowsOf(batchOf([itemOf()], empty, 20_000, { k: 20, maxHoldDays: 28 }));
    const { contentHash: a, ...first } = entryFromRow(kept as EntryRow);
    const { contentHash: b, ...second } = entryFromRow(coarse as EntryRow);
    expect(second).toEqual({ ...first, period: 'earlier' });
    expect(a).not.toBe(b);
  });

  it('a small cell that was not coarsened is refused, whoever chose it', () => {
    const selection = { publish: [{ item: itemOf(), coarsen: false }], smallestCell: 1 };
    expect(() => makeBatch({ state: empty, selection, day: 1, extra: false, policy: { k: 2 } })).toThrow(RangeError);
  });

  it.each([
    ['another cell', { cell: 'party' }],
    ['another digest', { digest: new Uint8Array(32) }],
    ['another salt', { salt: new Uint8Array(32) }],
    ['an id that is not of its key', { id: idOf(1) }],
    ['a broken statement', { statement: new Uint8Array(5) }],
    ['another statement', { statement: poolItem({ ...example, entryKey: keyOf(1), name: 'wan shun' }, idOf(1), salt, 0).statement }],
  ])('a pool item with %s stops it', (_, change) => {
    expect(() => batchOf([{ ...itemOf(), ...change }])).toThrow(integrity);
  });

  it('an id that lies twice in the pool stops it', () => {
    expect(() => batchOf([itemOf(), itemOf()])).toThrow(integrity);
  });

  it('many batches: tallies chain, counters and entries can be recomputed from the leaves alone', () => {
    const pools = fc.array(fc.array(fc.tuple(statement, bytes(32)), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(pools, (given) => {
        let state = empty;
        let counters: ReadonlyMap<string, number> = new Map();
        let number = 0;
        for (const [i, pool] of given.entries()) {
          const own = pool.map(([value]) => ({ ...value, entryKey: keyOf(number++) }));
          const items = own.map((value, at) =>
            poolItem(value, idOfPublicKey(fromHex(value.entryKey)), (pool[at] as [Statement, Uint8Array])[1], 0),
          );
          const batch = batchOf(items, state, 20_000 + i);
          const [tally, ...leaves] = batch.leaves.map(decodeLeaf);
          if (tally?.type !== 'tally') throw new Error('the tally comes first');
          expect(tally.batch).toBe(i + 1);
          expect(tally.before).toEqual(tallyFromCounters(counters));
          expect(Object.values(tally.before.type).reduce((sum, count) => sum + count, 0)).toBe(state.logSize);
          counters = addIncrements(counters, incrementsOf(leaves as StatementLeaf[]));
          expect(tally.after).toEqual(tallyFromCounters(counters));
          expect([...batch.entries].sort((a, b) => compareBytes(a.id, b.id))).toEqual(batch.entries);

          const entries = rowsOf(batch).map(entryFromRow);
          expect(new Set(entries.map(({ name, text, period, entryKey }) => JSON.stringify([name, text, period, entryKey])))).toEqual(
            new Set(own.map(({ name, text, period, entryKey }) => JSON.stringify([name, text, period, entryKey]))),
          );
          state = apply(state, batch);
        }
        expect(state.counters).toEqual(counters);
        expect(countsFrom(state, tiny).total).toBe(number);
      }),
      { numRuns: 60 },
    );
  });
});

describe('counts', () => {
  it('before anything was published', () => {
    expect(countsFrom(empty, tiny)).toEqual({
      total: 0,
      byCategory: { party: 0, league: 0, pioneers: 0 },
      standing: 0,
      retracted: 0,
      byEvidence: { stated: 0, contact: 0, verified: 0 },
      byDisplay: { alias: 0, name: 0 },
      byOrigin: { live: 0, import: 0 },
      batches: 0,
      perDay: { average: 0, days: 0, statements: 0 },
      asOf: undefined,
      policy: { preset: 'tiny', k: 1, linkable: true },
      note: 'These are statements, not persons. A statement may be in several categories, so their sum may exceed the total.',
    });
  });

  it('after three batches: imports do not enter the average, a category that is no longer configured stays', () => {
    let state = apply(empty, batchOf([itemOf({}, 1), itemOf({ categories: ['old'] }, 2)], empty, 20_000));
    state = apply(state, batchOf([itemOf({ origin: 'import' }, 3)], state, 20_001));
    state = apply(state, batchOf([itemOf({ display: 'name', evidence: 'contact' }, 4)], state, 20_002));
    const counts = countsFrom(
      { ...state, counters: addIncrements(state.counters, new Map([['retracted', 1]])) },
      makePolicy('standard', ['party', 'league', 'pioneers']),
    );
    expect(Object.keys(counts).slice(0, 2)).toEqual(['total', 'byCategory']);
    expect(Object.entries(counts.byCategory)).toEqual([
      ['party', 3],
      ['league', 3],
      ['pioneers', 0],
      ['old', 1],
    ]);
    expect(counts).toMatchObject({
      total: 4,
      standing: 3,
      retracted: 1,
      byEvidence: { stated: 3, contact: 1, verified: 0 },
      byDisplay: { alias: 3, name: 1 },
      byOrigin: { live: 3, import: 1 },
      batches: 3,
      latestBatch: { batch: 3, date: '2024-10-06', statements: 1 },
      perDay: { average: 1, days: 3, statements: 3 },
      asOf: '2024-10-06',
      policy: { preset: 'standard', k: 20, linkable: false },
    });
  });

  it('the average has two decimals', () => {
    const state = apply(empty, batchOf([itemOf()], empty, 20_000));
    const later = { ...state, lastBatch: { ...(state.lastBatch as NonNullable<PublicState['lastBatch']>), day: 20_002 } };
    expect(countsFrom(later, tiny).perDay).toEqual({ average: 0.33, days: 3, statements: 1 });
  });
});

describe('entries', () => {
  const [row] = rowsOf(batchOf([itemOf()])) as [EntryRow];

  it('show the statement under its register number', () => {
    expect(entryFromRow(row)).toMatchObject({
      entryId: toHex(entryIdOf(1)),
      registerNumber: 1,
      batch: 1,
      type: 'statement',
      categories: ['league', 'party'],
      display: 'alias',
      evidence: 'stated',
      origin: 'live',
      name: 'jin fu',
      text: 'I withdraw.',
      period: '2026-11',
      removed: false,
      entryKey: keyOf(1),
    });
  });

  it('keep their leaf when the content is removed', () => {
    const { name, text, period, entryKey, removed, categories } = entryFromRow({ ...row, content: undefined, salt: undefined });
    expect({ name, text, period, entryKey, removed, categories }).toEqual({
      name: undefined,
      text: undefined,
      period: undefined,
      entryKey: undefined,
      removed: true,
      categories: ['league', 'party'],
    });
  });

  it.each([
    ['another salt', { salt: new Uint8Array(32) }],
    ['no salt', { salt: undefined }],
    ['a short salt', { salt: new Uint8Array(3) }],
    ['another content', { content: new TextEncoder().encode('{}') }],
    ['a tally for a leaf', { leaf: batchOf([itemOf()]).leaves[0] as Uint8Array }],
    ['a broken leaf', { leaf: new Uint8Array(3) }],
    ['the id of another key', { id: entryIdOf(2) }],
  ])('are refused with %s', (_, change) => {
    expect(() => entryFromRow({ ...row, ...change })).toThrow(integrity);
  });
});
