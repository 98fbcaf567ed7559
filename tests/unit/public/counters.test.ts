import { describe, expect, it } from 'vitest';
import type { ChangeLeaf } from '../../../src/public/change-leaf.js';
import { addIncrements, countedCategories, incrementsOf, tallyFromCounters } from '../../../src/public/counts/counters.js';
import { countsFrom } from '../../../src/public/counts/counts.js';
import type { StatementLeaf } from '../../../src/public/leaf.js';
import type { PublicState } from '../../../src/public/ports.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';

const HASH = 'ab'.repeat(32);
const statement = (change: Partial<StatementLeaf> = {}): StatementLeaf => ({
  type: 'statement',
  batch: 1,
  categories: ['party'],
  display: 'alias',
  evidence: 'stated',
  origin: 'live',
  contentHash: HASH,
  ...change,
});
const about = { batch: 2, entry: 1, by: 'registry' } as const;
const amendment = (kind: 'text' | 'name'): ChangeLeaf => ({ ...about, type: 'amendment', number: 1, kind, contentHash: HASH });
const raise = (from: 'stated' | 'contact', to: 'contact' | 'verified'): ChangeLeaf => ({ type: 'raise', batch: 2, entry: 1, from, to });
const retraction: ChangeLeaf = { ...about, type: 'retraction' };
const removal: ChangeLeaf = { ...about, type: 'removal' };

const incremented = (...leaves: (StatementLeaf | ChangeLeaf)[]) => Object.fromEntries(incrementsOf(leaves));

describe('what each leaf adds to the counters', () => {
  it('none: the batch’s tally', () => {
    expect(incremented()).toEqual({ 'type:tally': 1 });
  });

  it('a statement: itself, its evidence, display, origin and each category', () => {
    expect(incremented(statement({ categories: ['league', 'party'], evidence: 'contact', display: 'name', origin: 'import' }))).toEqual({
      'type:tally': 1,
      'type:statement': 1,
      statements: 1,
      'evidence:contact': 1,
      'display:name': 1,
      'origin:import': 1,
      'category:league': 1,
      'category:party': 1,
    });
  });

  it('a raise: moves one entry to better evidence', () => {
    const expected = { 'type:tally': 1, 'type:raise': 1, 'evidence:stated': -1, 'evidence:verified': 1 };
    expect(incremented(raise('stated', 'verified'))).toEqual(expected);
  });

  it('an amendment that shows the name: moves one entry to display by name; one of the text moves nothing', () => {
    expect(incremented(amendment('name'))).toEqual({ 'type:tally': 1, 'type:amendment': 1, 'display:alias': -1, 'display:name': 1 });
    expect(incremented(amendment('text'))).toEqual({ 'type:tally': 1, 'type:amendment': 1 });
  });

  it('a retraction: is counted as retracted; a removal: takes nothing from any count', () => {
    expect(incremented(retraction)).toEqual({ 'type:tally': 1, 'type:retraction': 1, retracted: 1 });
    expect(incremented(removal)).toEqual({ 'type:tally': 1, 'type:removal': 1 });
  });

  it('a counter that ends where it began is absent, and one that goes on afterwards is there', () => {
    expect(incremented(statement(), raise('stated', 'contact'))).not.toHaveProperty(['evidence:stated']);
    expect(incremented(statement(), raise('stated', 'contact'), statement())).toMatchObject({
      'evidence:stated': 1,
      'evidence:contact': 1,
    });
  });
});

describe('counters', () => {
  it('add up, also to nothing and with what was not there', () => {
    const sum = addIncrements(
      new Map([['a', 2]]),
      new Map([
        ['a', -2],
        ['b', 3],
      ]),
    );
    expect(Object.fromEntries(sum)).toEqual({ a: 0, b: 3 });
  });

  it('name their categories in order, whatever the order they came in; what is no category id is none', () => {
    const names = ['category:zeta', 'statements', 'category:alpha', 'category:', 'category:Not An Id', 'origin:live', 'category:mid'];
    expect(countedCategories(new Map(names.map((name) => [name, 1])))).toEqual(['alpha', 'mid', 'zeta']);
  });

  it('become a tally without zeros', () => {
    const counters = addIncrements(
      new Map(),
      incrementsOf([statement({ categories: ['league', 'party'] }), raise('stated', 'contact'), retraction]),
    );
    expect(tallyFromCounters(addIncrements(counters, new Map([['category:league', -1]])))).toEqual({
      statements: 1,
      retracted: 1,
      category: { party: 1 },
      evidence: { contact: 1 },
      display: { alias: 1 },
      origin: { live: 1 },
      type: { tally: 1, statement: 1, raise: 1, retraction: 1 },
    });
  });
});

describe('statements a day', () => {
  const policy = makePolicy('tiny', ['party']);
  const lastBatch = { batch: 3, day: 20_005, extra: false, statements: 1, live: 1, smallestCell: 1 };
  const state = (change: Partial<PublicState>): PublicState => ({
    logSize: 10,
    treeSize: 10,
    lastBatch: undefined,
    lastRegularDay: undefined,
    firstDay: undefined,
    counters: new Map([['origin:live', 7]]),
    ...change,
  });

  it('are counted from the first batch’s day to the last one’s, both included', () => {
    expect(countsFrom(state({ lastBatch, firstDay: 20_003 }), policy).perDay).toEqual({ average: 2.33, days: 3, statements: 7 });
    expect(countsFrom(state({ lastBatch, firstDay: 20_005 }), policy).perDay).toEqual({ average: 7, days: 1, statements: 7 });
  });

  it('are none while either day is unknown', () => {
    const none = { average: 0, days: 0, statements: 7 };
    expect(countsFrom(state({}), policy).perDay).toEqual(none);
    expect(countsFrom(state({ lastBatch }), policy).perDay).toEqual(none);
    expect(countsFrom(state({ firstDay: 20_003 }), policy).perDay).toEqual(none);
  });
});
