import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { replay } from '../../../src/verify.js';
import { type Draft, draftOf, edited, exportOf, hashOf, readerOf, saltOf, signatureOf, TRUST } from '../../support/export-world.js';

/** What a reviewer found. Each attack has its honest case, which `amended` is. */
const FAST = { sha256: nodeBackend.sha256 };
const replayed = async (draft: Draft) => replay(readerOf(await exportOf(draft)), TRUST, FAST);

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
