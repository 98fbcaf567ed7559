import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import { publicKeyOfSeed, signMessage } from '../../../src/foundation/ed25519.js';
import { applyChanges } from '../../../src/public/apply-changes.js';
import { changeMessage } from '../../../src/public/change.js';
import { decodeContent } from '../../../src/public/content.js';
import { addIncrements } from '../../../src/public/counts/counters.js';
import { entryFromRow } from '../../../src/public/entry.js';
import { decodeLeaf } from '../../../src/public/leaf.js';
import { type BatchDraft, makeBatch } from '../../../src/public/make-batch.js';
import type { DueChange, EntryRow, PendingChange, PublicState } from '../../../src/public/ports.js';
import { standingOf } from '../../../src/public/standing.js';
import { idOfPublicKey } from '../../../src/vocabulary/ids.js';
import { example, poolItem } from './arbitraries.js';

const integrity = expect.objectContaining({ code: 'STORE_INTEGRITY' });
const seed = new Uint8Array(32).fill(3);
const publicKey = publicKeyOfSeed(seed);
const id = idOfPublicKey(publicKey);
const salt = new Uint8Array(32).fill(7);
let row: EntryRow;
let state: PublicState;

beforeAll(() => {
  const item = poolItem({ ...example, evidence: 'contact', entryKey: toHex(publicKey) }, id, salt, 0);
  const empty: PublicState = {
    logSize: 0,
    treeSize: 0,
    lastBatch: undefined,
    lastRegularDay: undefined,
    firstDay: undefined,
    counters: new Map(),
  };
  const selection = { publish: [{ item, coarsen: false }], smallestCell: 1 };
  const batch = makeBatch({ state: empty, selection, day: 20_000, extra: false, policy: { k: 1 } }) as BatchDraft;
  const [entry] = batch.entries as [BatchDraft['entries'][number]];
  row = { id, index: 1, leaf: batch.leaves[1] as Uint8Array, salt: entry.salt, content: entry.content };
  state = { ...empty, logSize: 2, lastBatch: batch.summary, counters: addIncrements(new Map(), batch.increments) };
});

function change(kind: PendingChange['kind'], parts: Partial<PendingChange> = {}): PendingChange {
  const isAmendment = kind === 'text' || kind === 'name';
  const base = {
    id,
    kind,
    dueDay: 1,
    number: isAmendment ? 1 : 0,
    value: '',
    salt: new Uint8Array(32).fill(isAmendment ? 9 : 0),
    ...parts,
  };
  if (base.by === 'registry' || kind === 'raise') return { ...base, by: 'registry', signature: new Uint8Array(64) };
  const { number, value } = base;
  const signature = signMessage(changeMessage({ kind, entryPublicKey: publicKey, number, salt: base.salt, value }), seed);
  return { ...base, by: 'holder', signature, ...parts };
}

const batchWith = (changes: readonly DueChange[], extra = true): BatchDraft | undefined =>
  makeBatch({ state, selection: { publish: [], smallestCell: 0 }, changes, day: 20_001, extra, policy: { k: 1 } });

describe('changes in a batch', () => {
  it('an extra batch may have nothing but changes; none at all is no batch', () => {
    expect(batchWith([])).toBeUndefined();
    const batch = batchWith([{ change: change('retraction'), entry: row }]);
    expect(batch?.leaves.map((leaf) => decodeLeaf(leaf).type)).toEqual(['tally', 'retraction']);
    expect(new Map(batch?.increments)).toEqual(
      new Map([
        ['type:tally', 1],
        ['type:retraction', 1],
        ['retracted', 1],
      ]),
    );
    const tally = decodeLeaf(batch?.leaves[0] as Uint8Array);
    expect(tally).toMatchObject({ before: { retracted: 0, statements: 1 }, after: { retracted: 1, statements: 1 } });
  });

  it('come after statements, by register number, withdrawals before amendments', () => {
    const other: EntryRow = { ...row, index: 9 };
    const due = [
      { change: change('text', { value: 'late' }), entry: other },
      { change: change('removal'), entry: row },
      { change: change('retraction'), entry: row },
      { change: change('name', { value: 'Wang' }), entry: row },
      { change: change('raise', { value: 'verified' }), entry: row },
    ];
    const { leaves, changes } = applyChanges(due, 2, 3);
    expect(leaves.map(({ type, entry }) => [type, entry])).toEqual([
      ['raise', 1],
      ['retraction', 1],
      ['removal', 1],
      ['amendment', 9],
    ]);
    expect(changes.settled.map(({ kind, published }) => [kind, published])).toEqual([
      ['raise', true],
      ['retraction', true],
      ['removal', true],
      ['name', false],
      ['text', true],
    ]);
    expect(changes.entries).toMatchObject([
      { changed: { amendments: 0, display: 'alias', evidence: 'verified', retractedAt: 4, removedAt: 5 }, content: 'removed' },
      { changed: { amendments: 1, amendedAt: 6 } },
    ]);
  });

  it('an amendment keeps key and period and takes the salt of the request', () => {
    const { leaves, changes } = applyChanges([{ change: change('name', { value: 'Wang Jianguo' }), entry: row }], 2, 3);
    const [changed] = changes.entries;
    if (typeof changed?.content !== 'object') throw new Error('amended');
    expect(decodeContent(changed.content.content)).toEqual({ ...decodeContent(row.content as Uint8Array), name: 'Wang Jianguo' });
    expect(changed.content.salt).toEqual(new Uint8Array(32).fill(9));
    expect(changed.changed).toMatchObject({ display: 'name', amendments: 1, amendedAt: 3 });
    expect(leaves).toMatchObject([{ type: 'amendment', number: 1, kind: 'name' }]);
  });

  it.each([
    ['another number', { number: 2 }],
    ['a value that would not fit', { value: '"'.repeat(2048) }],
  ])('an amendment with %s is settled without a leaf', (_, parts) => {
    const { leaves, changes } = applyChanges([{ change: change('text', parts), entry: row }], 2, 3);
    expect([leaves, changes.entries, changes.settled.map(({ published }) => published)]).toEqual([[], [], [false]]);
  });

  it('a name on hearsay is settled without a leaf, whoever put it there', () => {
    const changed = {
      amendments: 0,
      display: 'alias',
      evidence: 'stated',
      amendedAt: undefined,
      retractedAt: undefined,
      removedAt: undefined,
    } as const;
    const due = [{ change: change('name', { value: 'Wang', by: 'registry' }), entry: { ...row, changed } }];
    expect(applyChanges(due, 2, 3).leaves).toEqual([]);
    expect(applyChanges([{ ...(due[0] as DueChange), entry: row }], 2, 3).leaves.length).toBe(1); // the control
  });

  it.each([
    ['a value the holder did not sign', { value: 'Other' }],
    ['another salt', { salt: new Uint8Array(32) }],
    ['no signature', { signature: new Uint8Array(64) }],
  ])('a stored change with %s stops the batch', (_, parts) => {
    const good = change('text', { value: 'New' });
    expect(() => applyChanges([{ change: { ...good, ...parts }, entry: row }], 2, 3)).toThrow(integrity);
    expect(applyChanges([{ change: good, entry: row }], 2, 3).leaves.length).toBe(1); // the control
  });

  it('an entry whose content is not what its leaf says is not amended', () => {
    const entry = { ...row, salt: new Uint8Array(32) };
    expect(() => applyChanges([{ change: change('text', { value: 'New' }), entry }], 2, 3)).toThrow(integrity);
  });

  it('a counter never falls below zero', () => {
    const wrong = { ...state, counters: new Map([...state.counters, ['display:alias', 0]]) };
    const changes = [{ change: change('name', { value: 'Wang' }), entry: row }];
    expect(() =>
      makeBatch({ state: wrong, selection: { publish: [], smallestCell: 0 }, changes, day: 1, extra: true, policy: { k: 1 } }),
    ).toThrow(integrity);
  });
});

describe('a changed entry', () => {
  /** The row after its text was amended. */
  const amended = (): EntryRow => {
    const batch = batchWith([{ change: change('text', { value: 'New' }), entry: row }]) as BatchDraft;
    const [changed] = batch.changes?.entries ?? [];
    if (typeof changed?.content !== 'object') throw new Error('amended');
    return { ...row, ...changed.content, changed: changed.changed, amendment: batch.leaves[1] as Uint8Array };
  };

  it('shows what the last amendment says, under its hash', () => {
    const entry = entryFromRow(amended());
    expect(entry).toMatchObject({ text: 'New', name: 'jin fu', amendments: 1, retracted: false, registerNumber: 1 });
    expect(entry.contentHash).not.toBe(entryFromRow(row).contentHash);
  });

  it('whose content was removed says so, and shows nothing of it', () => {
    const good = amended();
    const changed = { ...(good.changed as never as object), removedAt: 4 } as never;
    const entry = entryFromRow({ ...good, changed, content: undefined, salt: undefined });
    expect(entry).toMatchObject({ removed: true, amendments: 1, registerNumber: 1, name: undefined, text: undefined, entryKey: undefined });
  });

  it.each([
    ['the old content', (good: EntryRow) => ({ content: row.content, salt: row.salt, changed: good.changed as never })],
    ['no amendment leaf', () => ({ amendment: new Uint8Array(0) })],
    ['the statement’s leaf as amendment', () => ({ amendment: row.leaf })],
    ['another count of amendments', (good: EntryRow) => ({ changed: { ...(good.changed as never as object), amendments: 2 } as never })],
    ['another register number', () => ({ index: 2 })],
    ['a removal beside the content', (good: EntryRow) => ({ changed: { ...(good.changed as never as object), removedAt: 4 } as never })],
  ])('is refused with %s', (_, tamper) => {
    const good = amended();
    expect(() => entryFromRow({ ...good, ...tamper(good) })).toThrow(integrity);
  });

  it('a standing of a broken row is the store’s fault', () => {
    const base = { nameLocked: false, pending: [] };
    expect(() => standingOf({ ...base, published: undefined, statement: new Uint8Array(3) })).toThrow(integrity);
    expect(() => standingOf({ ...base, published: { ...row, leaf: new Uint8Array(3) }, statement: undefined })).toThrow(integrity);
    expect(standingOf({ ...base, published: amended(), statement: undefined }).lastAmendment?.number).toBe(1);
  });
});
