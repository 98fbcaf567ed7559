import { describe, expect, it } from 'vitest';
import type { AmendmentLeaf, RaiseLeaf, WithdrawalLeaf } from '../../../src/public/change-leaf.js';
import { decodeLeaf, type Leaf, type StatementLeaf } from '../../../src/public/leaf.js';
import { replayState } from '../../../src/public/replay/replay-state.js';
import type { TallyLeaf } from '../../../src/public/tally.js';
import { draftOf, edited, retallied, SMALL_PLAN } from '../../support/export-world.js';

/**
 * Log indexes of the small plan: 0 tally, 1–4 statements; 5 tally, 6–8 statements, 9 amendment of 1, 10 raise of 2, 11 retraction of 3;
 * 12 tally, 13 statement, 14 amendment of 1, 15 retraction of 2, 16 name of 4, 17 retraction and 18 removal of 6, 19 removal of 7.
 */
const honest = draftOf(SMALL_PLAN);
const leafAt = (index: number): Leaf => decodeLeaf(honest.records[index] as Uint8Array);

type Edit = (leaf: Leaf, index: number) => Leaf | undefined | readonly Leaf[];
const at =
  (index: number, change: Record<string, unknown>): Edit =>
  (leaf, i) =>
    i === index ? { ...leaf, ...change } : leaf;
const instead =
  (index: number, ...leaves: readonly Leaf[]): Edit =>
  (leaf, i) =>
    i === index ? leaves : leaf;
const behind = (index: number, ...leaves: readonly Leaf[]): Edit => instead(index, leafAt(index), ...leaves);

const statement: StatementLeaf = leafAt(13) as StatementLeaf;
const amendment = (change: Partial<AmendmentLeaf>): AmendmentLeaf => ({
  type: 'amendment',
  batch: 3,
  entry: 8,
  number: 1,
  kind: 'text',
  by: 'registry',
  contentHash: 'ab'.repeat(32),
  ...change,
});
const raise = (change: Partial<RaiseLeaf>): RaiseLeaf => ({
  type: 'raise',
  batch: 3,
  entry: 8,
  from: 'contact',
  to: 'verified',
  ...change,
});
const withdrawal = (type: WithdrawalLeaf['type'], entry: number): WithdrawalLeaf => ({ type, batch: 3, entry, by: 'registry' });

interface Broken {
  readonly what: string;
  readonly edit: Edit;
  /** The first leaf that disagrees. */
  readonly leaf: number;
  readonly says: RegExp;
}

/** `careful`: tallies are made to fit, so that only the rule itself can refuse. */
const CAREFUL: readonly Broken[] = [
  { what: 'a batch number is left out', edit: at(12, { batch: 4 }), leaf: 12, says: /its batch is wrong/ },
  { what: 'a batch number comes twice', edit: at(5, { batch: 1 }), leaf: 5, says: /its batch is wrong/ },
  { what: 'no tally stands first', edit: instead(0), leaf: 0, says: /its batch is wrong/ },
  { what: 'a leaf says that it is of the batch before', edit: at(13, { batch: 2 }), leaf: 13, says: /its batch is wrong/ },
  { what: 'a leaf says that it is of the batch after', edit: at(3, { batch: 2 }), leaf: 3, says: /its batch is wrong/ },
  { what: 'a change of a tally', edit: at(10, { entry: 5 }), leaf: 10, says: /its entry is wrong/ },
  { what: 'a change of a change', edit: at(15, { entry: 9 }), leaf: 15, says: /its entry is wrong/ },
  { what: 'a change of a statement of the same batch', edit: at(19, { entry: 13 }), leaf: 19, says: /its entry is wrong/ },
  { what: 'a change of what is not there yet', edit: at(19, { entry: 100 }), leaf: 19, says: /its entry is wrong/ },
  { what: 'a statement behind a change', edit: behind(19, statement), leaf: 20, says: /its place is wrong/ },
  {
    what: 'changes not by register number',
    edit: instead(15, withdrawal('retraction', 8), leafAt(15)),
    leaf: 16,
    says: /its place is wrong/,
  },
  {
    what: 'removal before retraction',
    edit: (leaf, i) => (i === 17 ? leafAt(18) : i === 18 ? leafAt(17) : leaf),
    leaf: 18,
    says: /its place is wrong/,
  },
  { what: 'amendment number 2 first', edit: at(9, { number: 2 }), leaf: 9, says: /its number is wrong/ },
  { what: 'an amendment number twice', edit: at(14, { number: 1 }), leaf: 14, says: /its number is wrong/ },
  { what: 'an amendment number left out', edit: at(14, { number: 3 }), leaf: 14, says: /its number is wrong/ },
  { what: 'an amendment after a retraction', edit: behind(14, amendment({ entry: 3 })), leaf: 15, says: /was withdrawn/ },
  { what: 'an amendment after a removal', edit: behind(19, amendment({ entry: 7 })), leaf: 20, says: /was withdrawn/ },
  { what: 'a raise after a retraction', edit: behind(14, raise({ entry: 3 })), leaf: 15, says: /was withdrawn/ },
  { what: 'a second retraction', edit: behind(15, withdrawal('retraction', 3)), leaf: 16, says: /was withdrawn/ },
  { what: 'a second removal', edit: behind(19, withdrawal('removal', 7)), leaf: 20, says: /was withdrawn/ },
  { what: 'a name twice', edit: behind(16, amendment({ entry: 4, number: 2, kind: 'name' })), leaf: 17, says: /has a name/ },
  {
    what: 'a name where one was published',
    edit: (leaf, i) => (i === 4 ? ({ ...leaf, display: 'name' } as Leaf) : leaf),
    leaf: 16,
    says: /has a name/,
  },
  { what: 'a name without evidence', edit: at(4, { evidence: 'stated' }), leaf: 16, says: /has no evidence/ },
  {
    what: 'evidence raised from what it is not',
    edit: at(10, { from: 'contact', to: 'verified' }),
    leaf: 10,
    says: /its evidence is wrong/,
  },
  {
    what: 'evidence raised twice from the same',
    edit: behind(14, raise({ entry: 2, from: 'stated', to: 'verified' })),
    leaf: 15,
    says: /its evidence is wrong/,
  },
];

/** Tallies are left as they were: the careless liar. */
const CARELESS: readonly Broken[] = [
  { what: 'a statement is left out', edit: instead(7), leaf: 5, says: /counts after the batch are wrong/ },
  { what: 'a statement is added', edit: behind(13, statement), leaf: 12, says: /counts after the batch are wrong/ },
  { what: 'a category is another', edit: at(2, { categories: ['party'] }), leaf: 0, says: /counts after the batch are wrong/ },
  { what: 'an evidence is another', edit: at(13, { evidence: 'verified' }), leaf: 12, says: /counts after the batch are wrong/ },
  { what: 'a retraction is left out', edit: instead(15), leaf: 12, says: /counts after the batch are wrong/ },
  { what: 'a raise is left out', edit: instead(10), leaf: 5, says: /counts after the batch are wrong/ },
  {
    what: 'before is not the after of before',
    edit: (leaf, i) => (i === 5 ? { ...(leaf as TallyLeaf), before: (leafAt(0) as TallyLeaf).before } : leaf),
    leaf: 5,
    says: /counts before the batch are wrong/,
  },
  {
    what: 'the first before is not zero',
    edit: (leaf, i) => (i === 0 ? { ...(leaf as TallyLeaf), before: (leaf as TallyLeaf).after } : leaf),
    leaf: 0,
    says: /counts before the batch are wrong/,
  },
  { what: 'a whole batch is left out', edit: (leaf, i) => (i >= 5 && i < 12 ? undefined : leaf), leaf: 5, says: /its batch is wrong/ },
];

function replayed(records: readonly Uint8Array[]): unknown {
  const state = replayState();
  try {
    for (const record of records) state.add(decodeLeaf(record));
    state.closeBatch();
    return state;
  } catch (error) {
    return error;
  }
}

describe('rules of leaves', () => {
  it('positive control: honest leaves pass, and tallies made again are the same', () => {
    expect(replayed(honest.records)).toMatchObject({ size: 20, firstDate: '2026-11-21' });
    expect(retallied(honest).records).toEqual(honest.records);
  });

  it.each(CAREFUL)('$what', ({ edit, leaf, says }) => {
    const error = replayed(retallied(edited(honest, edit)).records);
    expect(error).toMatchObject({ code: 'REPLAY_FAILED', details: { leaf } });
    expect((error as Error).message).toMatch(says);
  });

  it.each(CARELESS)('tallies: $what', ({ edit, leaf, says }) => {
    const error = replayed(edited(honest, edit).records);
    expect(error).toMatchObject({ code: 'REPLAY_FAILED', details: { leaf } });
    expect((error as Error).message).toMatch(says);
  });

  it('a retraction may follow a removal, a raise a removal', () => {
    const edit = behind(18, withdrawal('retraction', 7));
    expect(replayed(retallied(edited(honest, edit)).records)).not.toBeInstanceOf(Error);
    expect(replayed(retallied(edited(honest, behind(19, raise({ entry: 8 })))).records)).not.toBeInstanceOf(Error);
  });
});
