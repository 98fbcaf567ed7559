import { nodeBackend } from '../../../src/backends/node.js';
import type { AmendmentLeaf } from '../../../src/public/change-leaf.js';
import type { Leaf } from '../../../src/public/leaf.js';
import type { TallyLeaf } from '../../../src/public/tally.js';
import { decodeLeaf } from '../../../src/verify.js';
import {
  type Draft,
  draftOf,
  edited,
  entryKeyOf,
  exportOf,
  type Files,
  hashOf,
  retallied,
  saltOf,
  signatureOf,
  SMALL_PLAN,
  type StoredSalted,
} from '../../support/export-world.js';

/** What an operator who has every key writes into its register, and what it would have written were it honest: by the same hands. */

export const FAST = { sha256: nodeBackend.sha256 };
export const honest = draftOf(SMALL_PLAN);
export const leafAt = (index: number): Leaf => decodeLeaf(honest.records[index] as Uint8Array);

type Edit = Parameters<typeof edited>[1];
export const behind =
  (index: number, ...more: readonly Leaf[]): Edit =>
  (leaf, i) =>
    i === index ? [leaf, ...more] : leaf;

/** Everything around the edit is made to fit: tallies, tiles, checkpoint, proofs, counts. */
export const careful = (draft: Draft, edit: Edit): Promise<Files> => exportOf(retallied(edited(draft, edit)));
const careless = (draft: Draft, edit: Edit): Promise<Files> => exportOf(edited(draft, edit));
const nothing: Edit = (leaf) => leaf;

export const stored = (index: number): StoredSalted => honest.contents.get(index) as StoredSalted;
const NO_SALT = new Uint8Array(32);

/** A lie, and the first leaf a replay names; undefined where no leaf can be named. */
interface ReplayLie {
  readonly what: string;
  readonly make: () => Promise<Files>;
  /** The control: the same edit, of what is so. It must pass, or the lie is caught for how it was told. */
  readonly truth: () => Promise<Files>;
  readonly leaf: number | undefined;
}

export const REPLAY_LIES: readonly ReplayLie[] = [
  {
    what: 'a statement leaf is dropped',
    make: () => careless(honest, (leaf, i) => (i === 7 ? undefined : leaf)),
    truth: () => careless(honest, nothing),
    leaf: 5,
  },
  {
    what: 'a retraction leaf is dropped',
    make: () => careless(honest, (leaf, i) => (i === 15 ? undefined : leaf)),
    truth: () => careful(honest, (leaf, i) => (i === 15 ? undefined : leaf)),
    leaf: 12,
  },
  {
    what: 'a leaf that no tally counts stands at the end',
    make: () => careless(honest, behind(19, raise(8, 'contact', 'verified'))),
    truth: () => careful(honest, behind(19, raise(8, 'contact', 'verified'))),
    leaf: 12,
  },
  {
    what: 'a statement stands behind the changes of its batch',
    make: () => careful({ ...honest, contents: withStored(20, stored(13)) }, behind(19, leafAt(13))),
    truth: () => careful({ ...honest, contents: withStored(14, stored(13)) }, behind(13, leafAt(13))),
    leaf: 20,
  },
  {
    what: 'leaves without a tally: a batch has none',
    make: () => exportOf({ ...honest, records: honest.records.filter((_, i) => i !== 5) }),
    truth: () => exportOf({ ...honest, records: honest.records.filter((_, i) => i !== 20) }),
    leaf: 5,
  },
  {
    what: 'total and standing in counts are raised',
    make: () => withCounts({ total: 1000, standing: 1000 }),
    truth: () => withCounts({ total: 0, standing: 0 }),
    leaf: undefined,
  },
  {
    what: 'retracted in counts is lowered',
    make: () => withCounts({ retracted: -1, standing: 1 }),
    truth: () => withCounts({ retracted: 0, standing: 0 }),
    leaf: undefined,
  },
  {
    what: 'another root in counts',
    make: () => exportOf(honest, { counts: (counts) => ({ ...counts, root: '00'.repeat(32) }) }),
    truth: () => exportOf(honest, { counts: (counts) => ({ ...counts, root: counts.root }) }),
    leaf: undefined,
  },
  {
    what: 'a tally counts one too many',
    make: () => careless(honest, tallyWith(12, 'after', 1)),
    truth: () => careless(honest, tallyWith(12, 'after', 0)),
    leaf: 12,
  },
  {
    what: 'a tally begins with one too many',
    make: () => careless(honest, tallyWith(12, 'before', 1)),
    truth: () => careless(honest, tallyWith(12, 'before', 0)),
    leaf: 12,
  },
  {
    what: 'evidence is raised from what it is not',
    make: () => careful(honest, behind(13, raise(1, 'stated', 'verified'))),
    truth: () => careful(honest, behind(13, raise(1, 'contact', 'verified'))),
    leaf: 14,
  },
  {
    what: 'evidence of a retracted statement is raised',
    make: () => raisedLater(3),
    truth: () => raisedLater(7),
    leaf: 21,
  },
  {
    what: 'an amendment is played again',
    make: () => careful(honest, (leaf, i) => (i === 14 ? { ...leafAt(9), batch: 3 } : leaf)),
    truth: () => careful(honest, (leaf, i) => (i === 14 ? { ...leafAt(14), batch: 3 } : leaf)),
    leaf: 14,
  },
  {
    what: 'two retractions of one entry',
    make: () => careful(honest, again),
    // Batch 2 does something else with it.
    truth: () => careful(honest, (leaf, i) => (i === 11 ? { ...raise(3, 'contact', 'verified'), batch: 2 } : again(leaf, i))),
    leaf: 16,
  },
  {
    what: 'an amendment in the holder’s name, with a made-up signature',
    make: () => amendment('ab'.repeat(64)),
    truth: () => amendment(SIGNED_BY_THE_HOLDER),
    leaf: 20,
  },
  {
    what: 'an amendment in the holder’s name, signed by another holder',
    make: () => amendment(signatureOf(8, 'text', 1, saltOf(8, 1), 'No.')),
    truth: () => amendment(signatureOf(7, 'text', 1, saltOf(8, 1), 'No.')),
    leaf: 20,
  },
  {
    what: 'a retraction in the holder’s name',
    make: () => retraction('cd'.repeat(64)),
    truth: () => retraction(signatureOf(7, 'retraction', 0, NO_SALT, '')),
    leaf: 20,
  },
  {
    what: 'a retraction with the signature of a removal',
    make: () => retraction(signatureOf(7, 'removal', 0, NO_SALT, '')),
    truth: () => retraction(signatureOf(7, 'retraction', 0, NO_SALT, '')),
    leaf: 20,
  },
  {
    what: 'a content says another text',
    make: () => withContent(13, (content) => ({ ...content, text: 'I stay.' })),
    truth: () => withContent(13, (content) => ({ ...content, text: 'I leave.' })),
    leaf: 13,
  },
  {
    what: 'a content says another name',
    make: () => withContent(13, (content) => ({ ...content, name: 'wan shun' })),
    truth: () => withContent(13, (content) => ({ ...content, name: 'jin fu' })),
    leaf: 13,
  },
  { what: 'the contents of two entries are swapped', make: () => swapped(8, 13), truth: () => swapped(8, 8), leaf: 8 },
  { what: 'a removed content is put back', make: () => putBack(7), truth: () => exportOf(honest), leaf: 7 },
  { what: 'a removed content is put back as another', make: () => putBack(6), truth: () => exportOf(honest), leaf: 6 },
  {
    what: 'a content is withheld without removal',
    make: () => exportOf({ ...honest, contents: without(13) }),
    truth: () => exportOf({ ...honest, contents: without(7) }),
    leaf: 13,
  },
  { what: 'the content before the last amendment is shown', make: () => amended(0), truth: () => amended(2), leaf: 14 },
];

function withCounts(added: Readonly<Record<string, number>>): Promise<Files> {
  return exportOf(honest, {
    counts: (counts) => {
      const was = counts as unknown as Readonly<Record<string, number>>;
      return { ...counts, ...Object.fromEntries(Object.entries(added).map(([name, more]) => [name, (was[name] ?? 0) + more])) };
    },
  });
}

export function raise(entry: number, from: 'stated' | 'contact', to: 'stated' | 'contact' | 'verified'): Leaf {
  return { type: 'raise', batch: 3, entry, from, to };
}

/** The retraction of entry 3 in a second batch. */
const again: Edit = (leaf, i) => behind(15, { ...leafAt(11), batch: 3 })(leaf, i);

/** A fourth batch that raises the evidence of this holder's statement. */
function raisedLater(of: number): Promise<Files> {
  return exportOf(draftOf([...SMALL_PLAN, { date: '2026-11-25', changes: [{ of, kind: 'raise', by: 'registry', value: 'verified' }] }]));
}

function tallyWith(index: number, side: 'before' | 'after', more: number): Edit {
  return (leaf, i) => {
    if (i !== index) return leaf;
    const tally = leaf as TallyLeaf;
    return { ...tally, [side]: { ...tally[side], statements: tally[side].statements + more } };
  };
}

export const SIGNED_BY_THE_HOLDER = signatureOf(7, 'text', 1, saltOf(8, 1), 'No.');

/** Of the text of holder 7, in his name. */
export function amendment(signature: string): Promise<Files> {
  const entry = 8;
  const salt = saltOf(8, 1);
  const content = { entryKey: entryKeyOf(7), name: 'jin fu', period: '2026-11', text: 'No.' };
  const leaf: AmendmentLeaf = {
    type: 'amendment',
    batch: 3,
    entry,
    number: 1,
    kind: 'text',
    by: 'holder',
    contentHash: hashOf(salt, content),
    signature,
  };
  return careful({ ...honest, contents: withStored(entry, { salt, content }) }, behind(19, leaf));
}

/** Of the statement of holder 7, in his name. */
function retraction(signature: string): Promise<Files> {
  return careful(honest, behind(19, { type: 'retraction', batch: 3, entry: 8, by: 'holder', signature }));
}

function withStored(index: number, one: StoredSalted): Draft['contents'] {
  return new Map(honest.contents).set(index, one);
}

const without = (index: number): Draft['contents'] => new Map([...honest.contents].filter(([each]) => each !== index));

export function withContent(index: number, edit: (content: StoredSalted['content']) => StoredSalted['content']): Promise<Files> {
  const { salt, content } = stored(index);
  return exportOf({ ...honest, contents: withStored(index, { salt, content: edit(content) }) });
}

function swapped(a: number, b: number): Promise<Files> {
  return exportOf({ ...honest, contents: withStored(a, stored(b)).set(b, stored(a)) });
}

function putBack(index: number): Promise<Files> {
  const content = { entryKey: entryKeyOf(6), name: 'wan shun', period: '2026-11', text: undefined };
  return exportOf({ ...honest, contents: withStored(index, { salt: saltOf(6), content }) });
}

/** The content of entry 1 as it was after so many amendments; its text is the first again after two. */
function amended(times: number): Promise<Files> {
  const content = { entryKey: entryKeyOf(1), name: 'jin fu', period: '2026-11', text: 'I leave.' };
  return exportOf({ ...honest, contents: withStored(1, { salt: saltOf(1, times), content }) });
}
