import { beforeAll, describe, expect, it } from 'vitest';
import { cosign } from '../../../src/log/cosignature.js';
import { encodeForkProof, verifyForkProof } from '../../../src/log/fork-proof.js';
import { parseNote } from '../../../src/log/note.js';
import { proveFork } from '../../../src/log/prove-fork.js';
import { proveConsistency, rootOf } from '../../../src/log/prove.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { makeSigner } from '../../../src/log/signer-key.js';
import { ORIGIN, testLog, type TestLog, texts, witnessKey } from '../../support/test-log.js';

/** One history up to 5, then two. */
async function twoBranches(left: number, right: number, common = 5): Promise<readonly [TestLog, TestLog]> {
  const a = testLog();
  await a.append(...texts(common));
  const b = a.fork();
  if (left > 0) await a.append(...texts(left, 'left'));
  if (right > 0) await b.append(...texts(right, 'right'));
  return [a, b];
}

const invalid = (code: string) => expect.objectContaining({ code });

describe('two notes of one size', () => {
  let a: TestLog;
  let b: TestLog;
  beforeAll(async () => {
    [a, b] = await twoBranches(2, 2);
  });

  it('prove a fork to anybody who has the key, whoever made the text and in whatever order', async () => {
    const text = encodeForkProof(a.note(), b.note());
    expect(encodeForkProof(b.note(), a.note())).toBe(text);
    expect(await proveFork(a.note(), b.note(), b.reader)).toBe(text);
    const proof = verifyForkProof(text, { key: a.vkey });
    expect(proof).toMatchObject({ first: { origin: ORIGIN, size: 7 }, second: { origin: ORIGIN, size: 7 } });
    expect([proof.first.note, proof.second.note].sort()).toEqual([a.note(), b.note()].sort());
  });

  it('with cosignatures on them prove the same', () => {
    const { signer, vkey } = witnessKey('witness.example/a', 9);
    const cosigned = addSignatures(a.note(), [cosign(parseNote(a.note()).text, signer, 1_770_000_000)]);
    const { first, second } = verifyForkProof(encodeForkProof(cosigned, b.note()), { key: a.vkey });
    expect([first.note, second.note]).toContain(cosigned);
    expect(() => verifyForkProof(encodeForkProof(cosigned, b.note()), { key: vkey })).toThrow(invalid('NOTE_INVALID'));
  });

  it.each<[string, (text: string) => string]>([
    ['in the other order', (text) => text.replace(/^(.*?\n\n)(.*?\n\n.*?\n)\n(.*)$/s, '$1$3\n$2')],
    ['with one note twice', (text) => text.replace(/^(.*?\n\n)(.*?\n\n.*?\n)\n(.*)$/s, '$1$2\n$2')],
    ['with a line more in the head', (text) => text.replace('\n\n', `\n${'A'.repeat(43)}=\n\n`)],
    ['with something behind', (text) => `${text}\nx`],
    ['with another head', (text) => text.replace('v1', 'v2')],
    ['of one note', (text) => text.slice(0, text.lastIndexOf(ORIGIN, text.lastIndexOf('—') - 1))],
    ['of nothing', () => ''],
    ['too long', (text) => text + '\n'.repeat(200_000)],
  ])('%s are refused', (_what, change) => {
    const text = encodeForkProof(a.note(), b.note());
    expect(change(text)).not.toBe(text);
    expect(() => verifyForkProof(change(text), { key: a.vkey })).toThrow(invalid('PROOF_INVALID'));
  });

  it('are refused with any character changed, under another key, or as no string', () => {
    const text = encodeForkProof(a.note(), b.note());
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === 'A' ? 'B' : 'A';
      expect(() => verifyForkProof(text.slice(0, i) + other + text.slice(i + 1), { key: a.vkey })).toThrow();
    }
    const stranger = testLog(makeSigner(ORIGIN, new Uint8Array(32).fill(2), 1));
    expect(() => verifyForkProof(text, { key: stranger.vkey })).toThrow(invalid('NOTE_INVALID'));
    expect(() => verifyForkProof(undefined as unknown as string, { key: a.vkey })).toThrow(TypeError);
  });
});

describe('two notes of different sizes', () => {
  it.each([
    [2, 3, 5],
    [1, 300, 5],
    [3, 6, 5], // the older size, 8, is a power of two: its root does not follow from the proof alone
    [1, 2, 255],
    [6, 1, 5],
  ])('left %i and right %i after %i prove a fork with the past of the newer one', async (left, right, common) => {
    const [a, b] = await twoBranches(left, right, common);
    const newer = a.size > b.size ? a : b;
    const text = await proveFork(a.note(), b.note(), newer.reader);
    const { first, second } = verifyForkProof(text as string, { key: a.vkey });
    expect([first.size, second.size]).toEqual([a.size, b.size].sort((x, y) => x - y));
  });

  it('of one history prove nothing, whatever is said about the past', async () => {
    const [a] = await twoBranches(3, 0);
    const older = a.note();
    const size = a.size;
    await a.append(...texts(9, 'more'));
    expect(await proveFork(older, a.note(), a.reader)).toBeUndefined();
    const proof = await proveConsistency(a.reader, size, a.size);
    const root = await rootOf(a.reader, size);
    const wrong = Uint8Array.from(root, (byte, i) => (i === 3 ? byte ^ 1 : byte));
    for (const past of [
      { root, proof },
      { root: wrong, proof },
      { root: wrong, proof: [wrong, ...proof.slice(1)] },
      { root: wrong, proof: [] },
      { root: wrong, proof: [wrong, ...proof] },
    ])
      expect(() => verifyForkProof(encodeForkProof(older, a.note(), past), { key: a.vkey })).toThrow(invalid('PROOF_INVALID'));
  });

  it('prove nothing with the tiles of the wrong branch, or without a past', async () => {
    const [a, b] = await twoBranches(2, 9);
    await a.append(...texts(20, 'left still'));
    const older = (await twoBranches(1, 2))[1].note();
    const text = await proveFork(older, b.note(), a.reader);
    expect(() => verifyForkProof(text as string, { key: a.vkey })).toThrow(invalid('PROOF_INVALID'));
    const right = await proveFork(older, a.note(), a.reader);
    expect(verifyForkProof(right as string, { key: a.vkey }).second.size).toBe(27);
    expect(() => encodeForkProof(older, b.note())).toThrow(RangeError);
    expect(() => encodeForkProof(older, older, { root: new Uint8Array(32), proof: [] })).toThrow(RangeError);
  });

  it('of which one is empty contradict nothing', async () => {
    const empty = testLog();
    const [a] = await twoBranches(1, 0);
    expect(await proveFork(empty.note(), a.note(), a.reader)).toBeUndefined();
    const past = { root: new Uint8Array(32).fill(1), proof: [] };
    expect(() => verifyForkProof(encodeForkProof(empty.note(), a.note(), past), { key: a.vkey })).toThrow(invalid('PROOF_INVALID'));
  });
});
