import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import type { AmendmentLeaf, WithdrawalLeaf } from '../../src/public/change-leaf.js';
import type { Leaf, StatementLeaf } from '../../src/public/leaf.js';
import type { TallyLeaf } from '../../src/public/tally.js';
import { decodeLeaf, type EntryFinding, replay, verifyEntry, verifyForkProof, verifyNewer } from '../../src/verify.js';
import { recordFact } from '../support/fact.js';
import {
  checkpointOf,
  type Draft,
  draftOf,
  edited,
  entryKeyOf,
  exportOf,
  type Files,
  hashOf,
  heldBy,
  readerOf,
  retallied,
  saltOf,
  signatureOf,
  SMALL_PLAN,
  TRUST,
} from '../support/export-world.js';

/**
 * The operator has every key of the log, writes whatever files it likes and signs them again. Each lie is caught by whoever replays the export,
 * by the holder of the entry, or by a monitor that remembers one checkpoint; the honest export passes all three.
 */

const FAST = { sha256: nodeBackend.sha256 };
const honest = draftOf(SMALL_PLAN);
const numberOf = (holder: number): number => honest.numbers.get(holder) ?? -1;
const leafAt = (index: number): Leaf => decodeLeaf(honest.records[index] as Uint8Array);
let files: Files;

type Edit = Parameters<typeof edited>[1];
const behind =
  (index: number, ...more: readonly Leaf[]): Edit =>
  (leaf, i) =>
    i === index ? [leaf, ...more] : leaf;

/** Everything around the lie is made to fit: tallies, tiles, checkpoint, proofs, counts. */
const careful = (draft: Draft, edit: Edit): Promise<Files> => exportOf(retallied(edited(draft, edit)));
const careless = (draft: Draft, edit: Edit): Promise<Files> => exportOf(edited(draft, edit));

const replayed = (lie: Files) => replay(readerOf(lie), TRUST, FAST);
const monitored = (lie: Files) => verifyNewer(readerOf(lie), TRUST, checkpointOf(files), FAST);
const asked = (lie: Files, holder: number, more: Parameters<typeof heldBy>[1] = {}): Promise<EntryFinding> =>
  verifyEntry(readerOf(lie), TRUST, heldBy(holder, more), FAST);

beforeAll(async () => {
  files = await exportOf(honest);
});

describe('positive controls: the honest export', () => {
  it('passes replay and monitor', async () => {
    expect((await replayed(files)).statements).toBe(8);
    expect((await monitored(files)).size).toBe(20);
    const grown = draftOf([...SMALL_PLAN, { date: '2026-11-25', statements: [{ of: 9 }] }]);
    expect((await monitored(await exportOf(grown))).size).toBe(22);
  });

  it('is as its holders made it', async () => {
    for (const holder of [7, 8]) expect(await asked(files, holder)).toMatchObject({ status: 'published', differs: [] });

    expect(await asked(files, 3, { periods: ['2026-10', 'earlier'] })).toMatchObject({ retracted: 'holder', differs: [] });
    expect(await asked(files, 1)).toMatchObject({ amended: 'registry', differs: [] });
    expect(await asked(files, 4, { evidence: 'verified' })).toMatchObject({ amended: 'holder', differs: [] });
    expect(await asked(files, 5)).toMatchObject({ retracted: 'holder', removed: 'holder', differs: [] });
    expect(await asked(files, 6, { name: 'wan shun', text: undefined })).toMatchObject({ removed: 'registry', differs: [] });
    expect(await asked(files, 9, { latest: '2026-12-31' })).toMatchObject({ status: 'waiting', asOf: '2026-11-24' });
  });
});

/** A lie, and the first leaf a replay names; undefined where no leaf can be named. */
interface ReplayLie {
  readonly what: string;
  readonly make: () => Promise<Files>;
  readonly leaf: number | undefined;
}

const withCounts = (edit: (counts: Record<string, number>) => Record<string, number>): Promise<Files> =>
  exportOf(honest, { counts: (counts) => ({ ...counts, ...edit(counts as unknown as Record<string, number>) }) });

const REPLAY_LIES: readonly ReplayLie[] = [
  { what: 'a statement leaf is dropped', make: () => careless(honest, (leaf, i) => (i === 7 ? undefined : leaf)), leaf: 5 },
  { what: 'a retraction leaf is dropped', make: () => careless(honest, (leaf, i) => (i === 15 ? undefined : leaf)), leaf: 12 },
  { what: 'a leaf without a tally stands at the end', make: () => careless(honest, behind(19, at20())), leaf: 20 },
  {
    what: 'leaves without a tally: a batch has none',
    make: () => exportOf({ ...honest, records: honest.records.filter((_, i) => i !== 5) }),
    leaf: 5,
  },
  {
    what: 'total and standing in counts are raised',
    make: () => withCounts(({ total = 0, standing = 0 }) => ({ total: total + 1000, standing: standing + 1000 })),
    leaf: undefined,
  },
  {
    what: 'retracted in counts is lowered',
    make: () => withCounts(({ retracted = 0, standing = 0 }) => ({ retracted: retracted - 1, standing: standing + 1 })),
    leaf: undefined,
  },
  {
    what: 'another root in counts',
    make: () => exportOf(honest, { counts: (counts) => ({ ...counts, root: '00'.repeat(32) }) }),
    leaf: undefined,
  },
  { what: 'a tally counts one too many', make: () => careless(honest, tallyWith(12, 'after')), leaf: 12 },
  { what: 'a tally begins with one too many', make: () => careless(honest, tallyWith(12, 'before')), leaf: 12 },
  { what: 'evidence is raised from what it is not', make: () => careful(honest, behind(14, raise(3, 'stated', 'verified'))), leaf: 15 },
  {
    what: 'an amendment is played again',
    make: () => careful(honest, (leaf, i) => (i === 14 ? { ...leafAt(9), batch: 3 } : leaf)),
    leaf: 14,
  },
  {
    what: 'two retractions of one entry',
    make: () => careful(honest, behind(15, { ...(leafAt(11) as WithdrawalLeaf), batch: 3 })),
    leaf: 16,
  },
  { what: 'an amendment in the holder’s name, with a made-up signature', make: () => forgedAmendment('ab'.repeat(64)), leaf: 20 },
  {
    what: 'an amendment in the holder’s name, signed by another holder',
    make: () => forgedAmendment(signatureOf(8, 'text', 1, saltOf(8, 1), 'No.')),
    leaf: 20,
  },
  {
    what: 'a retraction in the holder’s name',
    make: () => careful(honest, behind(19, { type: 'retraction', batch: 3, entry: 8, by: 'holder', signature: 'cd'.repeat(64) })),
    leaf: 20,
  },
  {
    what: 'a retraction with the signature of a removal',
    make: () =>
      careful(
        honest,
        behind(19, {
          type: 'retraction',
          batch: 3,
          entry: 8,
          by: 'holder',
          signature: signatureOf(7, 'removal', 0, new Uint8Array(32), ''),
        }),
      ),
    leaf: 20,
  },
  { what: 'a content says another text', make: () => withContent(13, (content) => ({ ...content, text: 'I stay.' })), leaf: 13 },
  { what: 'a content says another name', make: () => withContent(13, (content) => ({ ...content, name: 'wan shun' })), leaf: 13 },
  { what: 'the contents of two entries are swapped', make: () => swapped(8, 13), leaf: 8 },
  { what: 'a removed content is put back', make: () => putBack(7), leaf: 7 },
  { what: 'a removed content is put back as another', make: () => putBack(6), leaf: 6 },
  { what: 'a content is withheld without removal', make: () => exportOf({ ...honest, contents: without(13) }), leaf: 13 },
  { what: 'the content before the last amendment is shown', make: () => olderContent(), leaf: 14 },
];

function at20(): StatementLeaf {
  return { ...(leafAt(13) as StatementLeaf), batch: 3 };
}

function raise(entry: number, from: 'stated' | 'contact', to: 'stated' | 'contact' | 'verified'): Leaf {
  return { type: 'raise', batch: 3, entry, from, to };
}

function tallyWith(index: number, side: 'before' | 'after'): Edit {
  return (leaf, i) => {
    if (i !== index) return leaf;
    const tally = leaf as TallyLeaf;
    return { ...tally, [side]: { ...tally[side], statements: tally[side].statements + 1 } };
  };
}

function forgedAmendment(signature: string): Promise<Files> {
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
  const contents = new Map(honest.contents).set(entry, { salt, content });
  return careful({ ...honest, contents }, behind(19, leaf));
}

type Stored = NonNullable<ReturnType<Draft['contents']['get']>>;
const stored = (index: number): Stored => honest.contents.get(index) as Stored;
const without = (index: number): Draft['contents'] => new Map([...honest.contents].filter(([each]) => each !== index));

function withContent(index: number, edit: (content: Stored['content']) => Stored['content']): Promise<Files> {
  const { salt, content } = stored(index);
  return exportOf({ ...honest, contents: new Map(honest.contents).set(index, { salt, content: edit(content) }) });
}

function swapped(a: number, b: number): Promise<Files> {
  return exportOf({ ...honest, contents: new Map(honest.contents).set(a, stored(b)).set(b, stored(a)) });
}

function putBack(index: number): Promise<Files> {
  const content = { entryKey: entryKeyOf(6), name: 'wan shun', period: '2026-11', text: undefined };
  return exportOf({ ...honest, contents: new Map(honest.contents).set(index, { salt: saltOf(6), content }) });
}

function olderContent(): Promise<Files> {
  const content = { entryKey: entryKeyOf(1), name: 'jin fu', period: '2026-11', text: 'I leave.' };
  return exportOf({ ...honest, contents: new Map(honest.contents).set(1, { salt: saltOf(1), content }) });
}

describe('caught by whoever replays', () => {
  it.each(REPLAY_LIES)('$what', async ({ make, leaf }) => {
    const error = await replayed(await make()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REPLAY_FAILED', details: leaf === undefined ? {} : { leaf } });
    if (leaf === undefined) expect(error).not.toHaveProperty('details.leaf');
  });

  it('evidence is lowered: no encoder writes such a leaf, and a record written by hand is refused', async () => {
    expect(() => edited(honest, behind(14, raise(2, 'contact', 'stated')))).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
    const text = '{"batch":3,"entry":2,"from":"contact","to":"stated","type":"raise","v":1}';
    const records = [...honest.records.slice(0, 15), new TextEncoder().encode(text), ...honest.records.slice(15)];
    await expect(replayed(await exportOf({ ...honest, records }))).rejects.toMatchObject({ code: 'REPLAY_FAILED', details: { leaf: 15 } });
  });

  it('a leaf of a type that no reader knows', async () => {
    const records = [...honest.records, new TextEncoder().encode('{"batch":3,"type":"bonus","v":1}')];
    await expect(replayed(await exportOf({ ...honest, records }))).rejects.toMatchObject({ code: 'REPLAY_FAILED', details: { leaf: 20 } });
  });

  it('contents that change while they are read', async () => {
    let reads = 0;
    const forged = await withContent(3, (content) => ({ ...content, entryKey: entryKeyOf(8) }));
    const reader = {
      read: async (path: string) => (path.startsWith('contents/') && reads++ > 0 ? forged.get(path) : files.get(path)),
    };
    await expect(replay(reader, TRUST, FAST)).rejects.toMatchObject({ code: 'REPLAY_FAILED' });
    expect(reads).toBe(2);
  });
});

describe('caught by the holder', () => {
  it('a statement that was never published, once its latest date is past', async () => {
    const lie = await exportOf(
      draftOf(SMALL_PLAN.map(({ statements = [], ...batch }) => ({ ...batch, statements: statements.filter(({ of }) => of !== 7) }))),
    );
    expect((await replayed(lie)).statements).toBe(7); // no replay can know of it
    expect(await asked(lie, 7, { latest: '2026-11-23' })).toMatchObject({ status: 'missing', asOf: '2026-11-24' });
    expect(await asked(lie, 7, { latest: '2026-11-24' })).toMatchObject({ status: 'waiting' }); // the control: not yet due
  });

  const LIES: readonly (readonly [what: string, plan: object, differs: string])[] = [
    ['with other categories', { categories: ['league'] }, 'categories'],
    ['with lower evidence', { evidence: 'stated' }, 'evidence'],
    ['with higher evidence', { evidence: 'verified' }, 'evidence'],
    ['with another text', { text: 'I stay.' }, 'content'],
    ['under another alias', { name: 'wan shun' }, 'content'],
    ['under the real name', { name: '王小明', display: 'name' }, 'display'],
    ['of another month', { period: '2025-01' }, 'content'],
  ];
  it.each(LIES)('a statement published %s', async (_, change, differs) => {
    const plan = SMALL_PLAN.map((batch, i) => (i === 2 ? { ...batch, statements: [{ of: 8, ...change }] } : batch));
    const lie = await exportOf(draftOf(plan));
    await replayed(lie);
    expect((await asked(lie, 8)).differs).toContain(differs);
  });

  it('a statement published twice, in two batches under different salts', async () => {
    const content = { entryKey: entryKeyOf(7), name: 'jin fu', period: '2026-11', text: 'I leave.' };
    const twin: StatementLeaf = { ...(leafAt(13) as StatementLeaf), contentHash: hashOf(saltOf(99), content) };
    const draft = { ...honest, contents: new Map([...honest.contents, [14, { salt: saltOf(99), content }] as const]) };
    const lie = await careful(draft, behind(13, twin));
    await replayed(lie);
    expect(await asked(lie, 7)).toMatchObject({ registerNumber: 8, differs: ['copies'] });
  });

  it('a statement published twice word for word', async () => {
    const draft = { ...honest, contents: new Map(honest.contents).set(14, stored(8)) };
    const lie = await careful(draft, behind(13, { ...(leafAt(8) as StatementLeaf), batch: 3 }));
    expect(await asked(lie, 7)).toMatchObject({ registerNumber: 8, differs: ['copies'] });
  });

  it('an amendment and a retraction nobody asked for stand as the registry’s, never as the holder’s', async () => {
    const lie = await exportOf(
      draftOf(
        SMALL_PLAN.map((batch, i) =>
          i === 2 ? { ...batch, changes: [...(batch.changes ?? []), { of: 7, kind: 'text', by: 'registry', value: 'No.' }] } : batch,
        ),
      ),
    );
    await replayed(lie);
    expect(await asked(lie, 7)).toMatchObject({ amended: 'registry' });
    expect((await asked(await forgedAmendment('ab'.repeat(64)), 7)).differs).toEqual(['signature']);
  });

  it('by register number as well as by reading everything, and a wrong number is no reason to miss it', async () => {
    const paths: string[] = [];
    const reader = {
      read: async (path: string) => {
        paths.push(path);
        return files.get(path);
      },
    };
    const finding = await verifyEntry(reader, TRUST, heldBy(7, { registerNumber: numberOf(7) }), FAST);
    expect(finding).toMatchObject({ registerNumber: 8, batch: 2, date: '2026-11-22', differs: [] });
    expect(await verifyEntry(reader, TRUST, heldBy(7, { registerNumber: 2 }), FAST)).toMatchObject({ registerNumber: 8 });
    expect(paths.every((path) => !path.includes('8'))).toBe(true); // whole bundles only
  });
});

describe('caught by the monitor', () => {
  const rewritten = SMALL_PLAN.map((batch, i) => (i === 0 ? { ...batch, statements: batch.statements?.slice(0, 3) ?? [] } : batch));

  it('history rewritten and signed again, of the same size or another', async () => {
    for (const more of [
      [],
      [{ date: '2026-11-25', statements: [{ of: 9 }] }],
      [{ date: '2026-11-25', statements: [{ of: 9 }, { of: 10 }] }],
    ]) {
      const plan = [...rewritten.map((batch) => ({ ...batch, changes: (batch.changes ?? []).filter(({ of }) => of !== 4) })), ...more];
      const lie = await exportOf(draftOf(plan));
      await replayed(lie); // by itself it is a perfect register
      const proofs: string[] = [];
      const size = Number(checkpointOf(lie).split('\n')[1]);
      const error = await verifyNewer(readerOf(lie), TRUST, checkpointOf(files), { ...FAST, onFork: (proof) => proofs.push(proof) }).catch(
        (e: unknown) => e,
      );
      expect(error).toMatchObject({ code: 'LOG_INCONSISTENT' });
      expect(proofs).toHaveLength(size >= 20 ? 1 : 0);
      for (const proof of proofs) expect(verifyForkProof(proof, TRUST, FAST)).toMatchObject({ first: { size: 20 }, second: { size } });
    }
  });

  it('a fork shown to one reader: two who compare have the proof', async () => {
    const toOne = await exportOf(draftOf([...SMALL_PLAN, { date: '2026-11-25', statements: [{ of: 9 }] }]));
    const toOther = await exportOf(draftOf([...SMALL_PLAN, { date: '2026-11-25', statements: [{ of: 10 }] }]));
    await monitored(toOne);
    await monitored(toOther);
    let proof = '';
    await expect(
      verifyNewer(readerOf(toOther), TRUST, checkpointOf(toOne), { ...FAST, onFork: (found) => (proof = found) }),
    ).rejects.toMatchObject({
      code: 'LOG_INCONSISTENT',
    });
    expect(verifyForkProof(proof, TRUST, FAST)).toMatchObject({ first: { size: 22 }, second: { size: 22 } });
    recordFact({ kind: 'attack', name: 'lies a dishonest operator was caught in', values: { lies: REPLAY_LIES.length + LIES_BESIDE } });
  });

  it('a rollback', async () => {
    const lie = await exportOf(draftOf(SMALL_PLAN.slice(0, 2)));
    await replayed(lie);
    await expect(monitored(lie)).rejects.toMatchObject({ code: 'LOG_INCONSISTENT' });
  });

  it('a proof of a fork convicts nobody who is honest', async () => {
    const grown = await exportOf(draftOf([...SMALL_PLAN, { date: '2026-11-25' }]));
    let proof = '';
    const lie = await exportOf(draftOf(SMALL_PLAN.map((batch, i) => (i === 2 ? { ...batch, date: '2026-11-23' } : batch))));
    await verifyNewer(readerOf(lie), TRUST, checkpointOf(files), { ...FAST, onFork: (found) => (proof = found) }).catch(() => undefined);
    expect(verifyForkProof(proof, TRUST, FAST).second.size).toBe(20); // the control
    const [head = '', ...rest] = proof.split('\n\n');
    expect([head, rest.length]).toEqual(['cryptonym/v1/fork', 4]); // of one size: nothing about the past
    const of = checkpointOf(grown).split('\n\n');
    const zeros = `${'A'.repeat(43)}=`;
    for (const changed of [
      [head, ...rest.slice(0, 2), ...of],
      [`${head}\n${zeros}`, ...rest.slice(0, 2), ...of],
      [`${head}\n${zeros}\n${zeros}`, ...rest.slice(0, 2), ...of],
      [head, rest[0], rest[1], rest[0], `${rest[1]}\n`],
      [`${head}\n${zeros}`, ...rest],
      ['cryptonym/v2/fork', ...rest],
    ])
      expect(() => verifyForkProof(changed.join('\n\n'), TRUST, FAST)).toThrow(expect.objectContaining({ code: 'PROOF_INVALID' }));
  });
});

/** Those of the holder and the monitor. */
const LIES_BESIDE = 18;
