import { beforeAll, describe, expect, it } from 'vitest';
import type { StatementLeaf } from '../../src/public/leaf.js';
import { type EntryFinding, replay, verifyEntry, verifyForkProof, verifyNewer } from '../../src/verify.js';
import { recordFact } from '../support/fact.js';
import {
  checkpointOf,
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
  SMALL_PLAN,
  TRUST,
} from '../support/export-world.js';
import {
  amendment,
  behind,
  careful,
  FAST,
  honest,
  leafAt,
  raise,
  REPLAY_LIES,
  SIGNED_BY_THE_HOLDER,
  stored,
  withContent,
} from './support/operator-lies.js';
import { printFoundControl } from './support/report.js';

/**
 * The operator has every key of the log, writes whatever files it likes and signs them again. Each lie is caught by whoever replays the export,
 * by the holder of the entry, or by a monitor that remembers one checkpoint; the honest export passes all three, and so does each edit when
 * what it says is so.
 */
const numberOf = (holder: number): number => honest.numbers.get(holder) ?? -1;
let files: Files;

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
    const grown = await exportOf(draftOf([...SMALL_PLAN, { date: '2026-11-25', statements: [{ of: 9 }] }]));
    const onFork = () => expect.unreachable();
    expect((await verifyNewer(readerOf(grown), TRUST, checkpointOf(files), { ...FAST, onFork })).size).toBe(22);
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

describe('caught by whoever replays', () => {
  it.each(REPLAY_LIES)('$what', async ({ make, leaf }) => {
    const error = await replayed(await make()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REPLAY_FAILED', details: leaf === undefined ? {} : { leaf } });
    if (leaf === undefined) expect(error).not.toHaveProperty('details.leaf');
  });

  it('control: each of these edits, made of what is so, passes', async () => {
    const refused: string[] = [];
    for (const { what, truth } of REPLAY_LIES) await replayed(await truth()).catch(() => refused.push(what));
    printFoundControl('edits of an export that say what is so, and pass a replay', REPLAY_LIES.length - refused.length);
    expect(refused).toEqual([]);
  });

  it('evidence is lowered: no encoder writes such a leaf, and a record written by hand is refused', async () => {
    expect(() => edited(honest, behind(14, raise(2, 'contact', 'stated')))).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
    const raised = retallied(edited(honest, behind(14, raise(2, 'contact', 'verified'))));
    const byHand = (from: string, to: string): Promise<Files> => {
      const text = `{"batch":3,"entry":2,"from":"${from}","to":"${to}","type":"raise","v":1}`;
      return exportOf({ ...raised, records: raised.records.map((record, i) => (i === 15 ? new TextEncoder().encode(text) : record)) });
    };
    await expect(replayed(await byHand('contact', 'stated'))).rejects.toMatchObject({ code: 'REPLAY_FAILED', details: { leaf: 15 } });
    await replayed(await byHand('contact', 'verified')); // the control
  });

  it('a leaf of a type that no reader knows', async () => {
    const records = [...honest.records, new TextEncoder().encode('{"batch":3,"type":"bonus","v":1}')];
    await expect(replayed(await exportOf({ ...honest, records }))).rejects.toMatchObject({ code: 'REPLAY_FAILED', details: { leaf: 20 } });
  });

  it('contents that change while they are read', async () => {
    const reading = async (second: Files): Promise<number> => {
      let reads = 0;
      const read = async (path: string) => (path.startsWith('contents/') && reads++ > 0 ? second.get(path) : files.get(path));
      await replay({ read }, TRUST, FAST).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'REPLAY_FAILED' });
        reads = -reads;
      });
      return reads;
    };
    const forged = await withContent(3, (content) => ({ ...content, entryKey: entryKeyOf(8) }));
    expect(await reading(forged)).toBe(-2);
    expect(await reading(files)).toBe(2); // the control
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
  const published = (change: object): Promise<Files> =>
    exportOf(draftOf(SMALL_PLAN.map((batch, i) => (i === 2 ? { ...batch, statements: [{ of: 8, ...change }] } : batch))));
  it.each(LIES)('a statement published %s', async (_, change, differs) => {
    const lie = await published(change);
    await replayed(lie);
    expect((await asked(lie, 8)).differs).toContain(differs);
  });

  it('control: a statement published word for word as it was made', async () => {
    const truth = { categories: ['party'], evidence: 'contact', text: 'I leave.', name: 'jin fu', display: 'alias', period: '2026-11' };
    expect(await asked(await published(truth), 8)).toMatchObject({ status: 'published', differs: [] });
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
    expect((await asked(await amendment('ab'.repeat(64)), 7)).differs).toEqual(['signature']);
    expect(await asked(await amendment(SIGNED_BY_THE_HOLDER), 7)).toMatchObject({ amended: 'holder', differs: [] }); // the control
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
    // Control: the same question about the log that was shown.
    await verifyNewer(readerOf(toOne), TRUST, checkpointOf(toOne), { ...FAST, onFork: () => expect.unreachable() });
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
