import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/log/checkpoint.js';
import { cosign } from '../../src/log/cosignature.js';
import { encodeVerifierKey, parseNote } from '../../src/log/note.js';
import { addSignatures, encodeNote, signNote } from '../../src/log/sign-note.js';
import { makeSigner, type NoteSigner, verifierOf } from '../../src/log/signer-key.js';
import { ORIGIN, testLog, type TestLog, texts, witnessKey } from '../support/test-log.js';
import { printFound, printFoundControl } from './support/report.js';
import { policyOf, SECONDS } from './support/split-view.js';

/** S14: the log and fewer witnesses than the policy asks for want a reader to take a checkpoint that no honest witness has seen. */
const witnesses = Array.from({ length: 5 }, (_, i) => witnessKey(`w${i}.example`, 50 + i));
const vkeys = witnesses.map(({ vkey }) => vkey);
const stranger = witnessKey('stranger.example', 90).signer;
const signerOf = (i: number): NoteSigner => witnesses[i]?.signer as NoteSigner;

let log: TestLog;
let note: string;
let text: string;
beforeAll(async () => {
  log = testLog();
  await log.append(...texts(9));
  note = log.note();
  ({ text } = parseNote(note));
});

const lines = (...signers: readonly NoteSigner[]): string[] => signers.map((signer) => cosign(text, signer, SECONDS));
const cosigned = (...signers: readonly NoteSigner[]): string => addSignatures(note, lines(...signers));

/** The code with which a reader refuses, or `taken`. */
function answer(candidate: string, policy: string, notBefore = 0): string {
  try {
    openCheckpoint(candidate, { key: log.vkey, policy, notBefore });
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

it('every subset of five witnesses passes exactly if the policy says so', () => {
  let wrong = 0;
  let refused = 0;
  let taken = 0;
  const nested = [
    ...vkeys.map((vkey, i) => `witness w${i} ${vkey}`),
    'group north 2 w0 w1 w2',
    'group south any w3 w4',
    'group world all north south',
    'quorum world',
    '',
  ].join('\n');
  for (let subset = 0; subset < 32; subset++) {
    const members = witnesses.filter((_, i) => (subset >> i) % 2 === 1).map(({ signer }) => signer);
    const candidate = members.length === 0 ? note : cosigned(...members);
    const north = [0, 1, 2].filter((i) => (subset >> i) % 2 === 1).length;
    const expected: [string, boolean][] = [1, 2, 3, 4, 5].map((threshold) => [policyOf(threshold, vkeys), members.length >= threshold]);
    expected.push([nested, north >= 2 && subset >> 3 > 0], [nested.replace('quorum world', 'quorum w3'), (subset >> 3) % 2 === 1]);
    for (const [policy, enough] of expected) {
      const got = answer(candidate, policy);
      if (got === 'taken') taken++;
      else refused++;
      if (got !== (enough ? 'taken' : 'WITNESSES_TOO_FEW')) wrong++;
    }
  }
  printFound('S14 judgements over 32 sets of witnesses and 7 policies that are wrong', wrong, 0);
  printFoundControl('S14 sets that are enough, and pass', taken);
  expect([wrong, taken + refused]).toEqual([0, 32 * 7]);
  expect(taken).toBeGreaterThan(80);
});

/** One honest witness of the two that are needed, and tricks in the other's place. */
const TRICKS: readonly (readonly [what: string, make: () => string, code?: string])[] = [
  ['nobody else', () => cosigned(signerOf(0))],
  ['a witness nobody knows', () => cosigned(signerOf(0), stranger)],
  ['ten witnesses nobody knows', () => cosigned(signerOf(0), ...Array.from({ length: 10 }, (_, i) => witnessKey(`x${i}`, 100 + i).signer))],
  ['the same line twice', () => `${note}${lines(signerOf(0)).join('')}${lines(signerOf(0)).join('')}`],
  [
    'a second line of the same witness, of another time',
    () =>
      addSignatures(
        note,
        [0, 1, 2].map((n) => cosign(text, signerOf(0), SECONDS + n)),
      ),
  ],
  ["a stranger under the witness's name", () => cosigned(signerOf(0), makeSigner('w1.example', new Uint8Array(32).fill(91), 4))],
  ['the same key under the name of another', () => cosigned(signerOf(0), makeSigner('w1.example', signerOf(0).seed, 4))],
  ['the other witness under another name', () => cosigned(signerOf(0), makeSigner('w9.example', signerOf(1).seed, 4))],
  [
    'a plain signature of the other witness',
    () => signNote(text, [log.signer, makeSigner('w1.example', signerOf(1).seed, 1)]) + lines(signerOf(0)).join(''),
  ],
  ['the log itself as a witness', () => cosigned(signerOf(0), makeSigner(ORIGIN, log.signer.seed, 4))],
  [
    'the line for another tree',
    () => addSignatures(cosigned(signerOf(0)), [cosign(text.replace('\n9\n', '\n8\n'), signerOf(1), SECONDS)]),
    'NOTE_INVALID',
  ],
  ['the line of another witness with its name', () => withLine((line) => ({ ...line, name: 'w1.example' }), 2)],
  [
    "the line of another witness with its name and key's number",
    () => withLine((line) => ({ ...line, name: 'w1.example', keyId: signerOf(1).keyId }), 2),
    'NOTE_INVALID',
  ],
  ['its line with another time', () => withLine((line) => ({ ...line, signature: flip(line.signature, 7) }), 1), 'NOTE_INVALID'],
  ['its line with a bit flipped', () => withLine((line) => ({ ...line, signature: flip(line.signature, 40) }), 1), 'NOTE_INVALID'],
  ['its line cut short', () => withLine((line) => ({ ...line, signature: line.signature.slice(0, 70) }), 1), 'NOTE_INVALID'],
  ['its line without the time', () => withLine((line) => ({ ...line, signature: line.signature.slice(8) }), 1), 'NOTE_INVALID'],
];

type Line = ReturnType<typeof parseNote>['signatures'][number];

/** Good line of witness 0, and a changed one of witness `of`. */
function withLine(change: (line: Line) => Line, of: number): string {
  const { signatures } = parseNote(cosigned(signerOf(0), signerOf(of)));
  return encodeNote({ text, signatures: [...signatures.slice(0, 2), change(signatures[2] as Line)] });
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));
}

describe('one witness instead of two', () => {
  const policy = policyOf(2, vkeys.slice(0, 2));

  const cases = TRICKS.map(([what, make, code = 'WITNESSES_TOO_FEW']) => ({ what, make, code }));

  it.each(cases)('and $what is refused', ({ make, code }) => {
    expect(answer(make(), policy)).toBe(code);
    // Control: the same reader takes what both have cosigned.
    expect(answer(cosigned(signerOf(0), signerOf(1)), policy)).toBe('taken');
  });

  const taken = (of: string) => cases.filter(({ make }) => answer(make(), of) === 'taken');

  it('is counted', () => {
    const passed = taken(policy).length;
    printFound(`S14 tricks of ${TRICKS.length} that pass for a second witness`, passed, 0);
    expect(passed).toBe(0);
  });

  it('control: a reader whom one witness contents takes every trick but those that break the note itself', () => {
    const passed = taken(policyOf(1, vkeys.slice(0, 2)));
    printFoundControl(`S14 tricks of ${TRICKS.length} that pass where one witness is enough`, passed.length);
    expect(passed).toEqual(cases.filter(({ code }) => code === 'WITNESSES_TOO_FEW'));
  });
});

describe('stale cosignatures', () => {
  it('do not count for a reader who says from when on', () => {
    const policy = policyOf(2, vkeys);
    const at = (...times: readonly number[]): string =>
      addSignatures(
        note,
        times.map((time, i) => cosign(text, signerOf(i), time)),
      );
    expect(answer(at(SECONDS, SECONDS), policy, SECONDS)).toBe('taken');
    expect(answer(at(SECONDS, SECONDS - 1), policy, SECONDS)).toBe('WITNESSES_TOO_FEW');
    expect(answer(at(SECONDS - 1, SECONDS - 1, SECONDS - 9), policy, SECONDS)).toBe('WITNESSES_TOO_FEW');
    expect(answer(at(SECONDS - 1, SECONDS, SECONDS + 1), policy, SECONDS)).toBe('taken');
    // Control: without that wish the old ones pass.
    expect(answer(at(SECONDS - 1, SECONDS - 1), policy)).toBe('taken');
  });
});

describe('a policy that would count somebody twice', () => {
  const [a, b] = vkeys as [string, string];
  const renamed = encodeVerifierKey(verifierOf(makeSigner('other.example', signerOf(0).seed, 4)));
  it.each<[string, string]>([
    ['one key twice', `witness x ${a}\nwitness y ${a}\ngroup g 2 x y\nquorum g\n`],
    ['one key under two names', `witness x ${a}\nwitness y ${renamed}\ngroup g 2 x y\nquorum g\n`],
    ['one member twice in a group', `witness x ${a}\ngroup g 2 x x\nquorum g\n`],
    ['one witness in two groups', `witness x ${a}\nwitness y ${b}\ngroup g any x\ngroup h any x y\ngroup i all g h\nquorum i\n`],
    ['more than there are', `witness x ${a}\ngroup g 2 x\nquorum g\n`],
    ['none of a group', `witness x ${a}\ngroup g 0 x\nquorum g\n`],
    ['nobody it names', `witness x ${a}\nquorum y\n`],
    ['no quorum', `witness x ${a}\n`],
    ["a log's key as a witness", `witness x ${testLog().vkey}\nquorum x\n`],
    ['other logs only', `log ${encodeVerifierKey(verifierOf(makeSigner('other.example', new Uint8Array(32).fill(3), 1)))}\nquorum none\n`],
  ])('is refused: %s', (_what, policy) => {
    expect(answer(cosigned(...witnesses.map(({ signer }) => signer)), policy)).toBe('LOG_POLICY_INVALID');
  });

  it.each<[string, string]>([
    ['two keys in one group', `witness x ${a}\nwitness y ${b}\ngroup g 2 x y\nquorum g\n`],
    ['each witness in one group', `witness x ${a}\nwitness y ${b}\ngroup g any x\ngroup h any y\ngroup i all g h\nquorum i\n`],
    ['as many as there are', `witness x ${a}\ngroup g 1 x\nquorum g\n`],
    ['somebody it names', `witness x ${a}\nquorum x\n`],
    ['this log and nobody', `log ${testLog().vkey}\nquorum none\n`],
  ])('control: %s, and it is taken', (_what, policy) => {
    expect(answer(cosigned(...witnesses.map(({ signer }) => signer)), policy)).toBe('taken');
  });
});
