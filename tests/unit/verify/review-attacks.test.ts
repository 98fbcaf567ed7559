import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { cosign } from '../../../src/log/cosignature.js';
import { encodeVerifierKey, parseNote } from '../../../src/log/note.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { makeSigner, verifierOf } from '../../../src/log/signer-key.js';
import { type HeldEntry, replay, verifyEntry } from '../../../src/verify.js';
import {
  type Draft,
  draftOf,
  edited,
  entryKeyOf,
  exportOf,
  hashOf,
  heldBy,
  readerOf,
  SMALL_PLAN,
  saltOf,
  signatureOf,
  TRUST,
} from '../../support/export-world.js';

/** What a reviewer found. Each attack has its honest case, which `amended` is. */
const FAST = { sha256: nodeBackend.sha256 };
const replayed = async (draft: Draft) => replay(readerOf(await exportOf(draft)), TRUST, FAST);
const asked = async (draft: Draft, more: Partial<HeldEntry> = {}, of = 1) =>
  verifyEntry(readerOf(await exportOf(draft)), TRUST, heldBy(of, more), FAST);

/** A statement, and its text amended by the holder. */
function amended() {
  const changes = [{ of: 1, kind: 'text', by: 'holder', value: 'Mine.' }] as const;
  const draft = draftOf([
    { date: '2026-11-21', statements: [{ of: 1 }] },
    { date: '2026-11-22', changes },
  ]);
  const now = draft.contents.get(1);
  if (now === undefined) throw new Error('no content');
  return { draft, ...now };
}

describe('amendments', () => {
  it('with the salt and text of the statement itself leave a register verifiable', async () => {
    const { draft, content: now } = amended();
    const content = { ...now, text: 'I leave.' };
    draft.contents.set(1, { salt: saltOf(1), content });
    const same = edited(draft, (leaf) =>
      leaf.type === 'amendment'
        ? { ...leaf, contentHash: hashOf(saltOf(1), content), signature: signatureOf(1, 'text', 1, saltOf(1), 'I leave.') }
        : leaf,
    );
    expect(await replayed(same)).toMatchObject({ contents: 1, signatures: 1 });
    // The amendment's own hash still decides.
    draft.contents.set(1, { salt: saltOf(1), content: { ...content, text: 'Mine.' } });
    await expect(replayed(same)).rejects.toMatchObject({ code: 'REPLAY_FAILED' });
  });
});

describe('the holder finds', () => {
  it('nothing in an honest amendment', async () => {
    expect(await asked(amended().draft)).toMatchObject({ amended: 'holder', differs: [] });
  });

  it.each([
    ['name', { name: 'wang xiao ming' }],
    ['period', { period: '2025-01' }],
    ['key', { entryKey: entryKeyOf(77) }],
  ])('another %s under a text amendment that the holder signed', async (_, change) => {
    const { draft, salt, content: now } = amended();
    const content = { ...now, ...change };
    draft.contents.set(1, { salt, content });
    const forged = edited(draft, (leaf) => (leaf.type === 'amendment' ? { ...leaf, contentHash: hashOf(salt, content) } : leaf));
    expect((await asked(forged)).differs).toEqual(['content']);
  });

  it('another text under a name amendment that the holder signed, and a month made `earlier` is none of it', async () => {
    const changes = [{ of: 1, kind: 'name', by: 'holder', value: '王小明' }] as const;
    const draft = draftOf([
      { date: '2026-11-21', statements: [{ of: 1, period: 'earlier' }] },
      { date: '2026-11-22', changes },
    ]);
    expect((await asked(draft)).differs).toEqual([]);
    const { salt, content: now } = draft.contents.get(1) ?? { salt: saltOf(1), content: undefined };
    if (now === undefined) throw new Error('no content');
    const content = { ...now, text: 'I stay.' };
    draft.contents.set(1, { salt, content });
    const forged = edited(draft, (leaf) => (leaf.type === 'amendment' ? { ...leaf, contentHash: hashOf(salt, content) } : leaf));
    expect((await asked(forged)).differs).toEqual(['content']);
  });

  it('an amendment signed with a key that was put in the place of the own', async () => {
    const { draft, salt, content: now } = amended();
    const content = { ...now, entryKey: entryKeyOf(77), text: 'I stay.' };
    draft.contents.set(1, { salt, content });
    const signature = signatureOf(77, 'text', 1, salt, 'I stay.');
    const forged = edited(draft, (leaf) => (leaf.type === 'amendment' ? { ...leaf, contentHash: hashOf(salt, content), signature } : leaf));
    expect((await asked(forged)).differs).toEqual(['content', 'signature']);
  });

  it('a forged retraction and removal in the own name, though no content is there', async () => {
    const changes = [
      { of: 1, kind: 'retraction', by: 'holder' },
      { of: 1, kind: 'removal', by: 'holder' },
    ] as const;
    const draft = draftOf([
      { date: '2026-11-21', statements: [{ of: 1 }] },
      { date: '2026-11-22', changes },
    ]);
    expect((await asked(draft)).differs).toEqual([]);
    for (const forgedType of ['retraction', 'removal']) {
      const forged = edited(draft, (leaf) => (leaf.type === forgedType ? ({ ...leaf, signature: 'ab'.repeat(64) } as typeof leaf) : leaf));
      expect((await asked(forged)).differs).toEqual(['signature']);
    }
  });

  it('that an amendment in the own name cannot be verified any more', async () => {
    const { draft } = amended();
    draft.contents.delete(1);
    expect((await asked(draft)).differs).toEqual(['withheld', 'unverifiable']);
  });

  it('evidence that the registry raised, unless it is known', async () => {
    const draft = draftOf([
      { date: '2026-11-21', statements: [{ of: 1, evidence: 'stated' }] },
      { date: '2026-11-22', changes: [{ of: 1, kind: 'raise', by: 'registry', value: 'verified' }] },
    ]);
    expect((await asked(draft, { evidence: 'stated' })).differs).toEqual(['evidence']);
    expect((await asked(draft, { evidence: 'verified' })).differs).toEqual([]);
  });

  it('that no entry is there whose number was given', async () => {
    const draft = draftOf([{ date: '2026-11-21', statements: [{ of: 2 }] }]);
    expect((await asked(draft)).status).toBe('waiting');
    expect((await asked(draft, { registerNumber: 1 })).status).toBe('missing');
    expect((await asked(draft, { registerNumber: 9 })).status).toBe('missing');
  });
});

describe('dates that run backwards', () => {
  const datesOf = (...dates: readonly string[]) => draftOf(dates.map((date, i) => ({ date, statements: [{ of: i + 1 }] })));

  it('are refused by a replay; two batches of one day are not', async () => {
    expect((await replayed(datesOf('2026-11-21', '2026-11-21', '2026-11-22'))).batches).toBe(3);
    await expect(replayed(datesOf('2026-11-21', '2026-11-30', '2026-11-01'))).rejects.toMatchObject({
      code: 'REPLAY_FAILED',
      details: { leaf: 4 },
    });
  });

  it('hide no overdue statement from its holder', async () => {
    const draft = datesOf('2026-11-21', '2026-11-30', '2026-11-01');
    expect(await asked(draft, { latest: '2026-11-25' }, 9)).toMatchObject({ status: 'missing', asOf: '2026-11-30' });
  });
});

describe('cosignatures of earlier checkpoints', () => {
  const witness = makeSigner('w1.example', new Uint8Array(32).fill(101), 4);
  const policy = `witness w1 ${encodeVerifierKey(verifierOf(witness))}\nquorum w1\n`;
  /** The checkpoints of three batches, the last one being the export's. */
  const cosignedAt = (...times: readonly (number | undefined)[]) => {
    let batch = 0;
    const sign = (note: string): string => {
      const time = times[batch++];
      return time === undefined ? note : addSignatures(note, [cosign(parseNote(note).text, witness, time)]);
    };
    return exportOf(draftOf(SMALL_PLAN), { witnesses: policy, cosign: sign });
  };

  it('are not asked for: witnesses may be adopted later', async () => {
    const adopted = await cosignedAt(undefined, undefined, 1_795_000_000);
    expect((await replay(readerOf(adopted), { ...TRUST, policy }, FAST)).checkpoint.witnesses).toHaveLength(1);
    const dropped = await cosignedAt(1_795_000_000, 1_795_000_000, undefined);
    await expect(replay(readerOf(dropped), { ...TRUST, policy }, FAST)).rejects.toMatchObject({ code: 'WITNESSES_TOO_FEW' });
  });

  it('need not be fresh', async () => {
    const files = await cosignedAt(1_795_000_000, 1_795_086_400, 1_795_172_800);
    const ask = (notBefore: number) => replay(readerOf(files), { ...TRUST, policy, notBefore }, FAST);
    expect((await ask(1_795_100_000)).batches).toBe(3);
    await expect(ask(1_795_172_801)).rejects.toMatchObject({ code: 'WITNESSES_TOO_FEW' });
  });
});

describe('a tile', () => {
  it('with something behind it, or cut, is refused', async () => {
    const files = await exportOf(draftOf(SMALL_PLAN));
    const path = 'tile/0/000.p/20';
    const tile = files.get(path) ?? new Uint8Array(0);
    expect(tile).toHaveLength(20 * 32);
    for (const other of [Uint8Array.from([...tile, ...tile]), Uint8Array.from([...tile, 0]), tile.slice(32)])
      await expect(replay(readerOf(new Map(files).set(path, other)), TRUST, FAST)).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
  });
});
