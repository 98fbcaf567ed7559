import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import { decodeCheckpoint, encodeCheckpoint, openCheckpoint } from '../../../src/log/checkpoint.js';
import { cosign } from '../../../src/log/cosignature.js';
import { encodeVerifierKey, parseNote } from '../../../src/log/note.js';
import { type LogPolicy, parsePolicy, requireQuorum } from '../../../src/log/policy.js';
import { addSignatures, signNote } from '../../../src/log/sign-note.js';
import { makeSigner, type NoteSigner, verifierOf } from '../../../src/log/signer-key.js';
import { checkpoint as anyCheckpoint } from '../../support/log-arbitraries.js';
import { LOG, logOf, WITNESSES } from '../../support/log-fixtures.js';

const NOTE_INVALID = expect.objectContaining({ code: 'NOTE_INVALID' });
const TOO_FEW = expect.objectContaining({ code: 'WITNESSES_TOO_FEW' });
const POLICY_INVALID = expect.objectContaining({ code: 'LOG_POLICY_INVALID' });
const vkey = (signer: NoteSigner): string => encodeVerifierKey(verifierOf(signer));
const [w1, w2, w3] = WITNESSES;
const WITNESS_LINES = WITNESSES.map((witness, i) => `witness w${i + 1} ${vkey(witness)}`).join('\n');
const TWO_OF_THREE = `log ${vkey(LOG)}\n${WITNESS_LINES}\ngroup all-three 2 w1 w2 w3\nquorum all-three\n`;
const trust = { key: vkey(LOG), policy: TWO_OF_THREE };

describe('checkpoint text', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyCheckpoint, (checkpoint) => {
        expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });
  it('extension lines are passed over', () => {
    const checkpoint = { origin: 'a', size: 5, root: new Uint8Array(32) };
    expect(decodeCheckpoint(`${encodeCheckpoint(checkpoint)}an extension\nanother\n`)).toEqual(checkpoint);
  });
  it('what no checkpoint can hold is refused', () => {
    const checkpoint = { origin: 'a', size: 5, root: new Uint8Array(32) };
    for (const wrong of [{ origin: '' }, { origin: 'a\nb' }, { size: -1 }, { size: 2 ** 53 }, { root: new Uint8Array(31) }])
      expect(() => encodeCheckpoint({ ...checkpoint, ...wrong })).toThrow(RangeError);
  });
});

describe('openCheckpoint', () => {
  let note: string;
  let cosigned: (...witnesses: readonly NoteSigner[]) => string;
  let text: string;
  beforeAll(async () => {
    note = (await logOf(300)).checkpoint();
    ({ text } = parseNote(note));
    cosigned = (...witnesses) =>
      addSignatures(
        note,
        witnesses.map((witness, i) => cosign(text, witness, 1000 + i)),
      );
  });

  it('with a quorum', () => {
    const opened = openCheckpoint(cosigned(w1, w3), trust);
    expect(opened).toMatchObject({ origin: LOG.name, size: 300, note: cosigned(w1, w3) });
    expect(opened.witnesses).toEqual([
      { name: w1.name, time: 1000 },
      { name: w3.name, time: 1001 },
    ]);
    expect(toHex(opened.root)).toBe(toHex(decodeCheckpoint(text).root));
  });
  it('one witness too few, one twice, or one the policy does not know', () => {
    for (const witnesses of [[], [w1], [w1, w1], [w1, makeSigner('other.example', new Uint8Array(32).fill(99), 4)]])
      expect(() => openCheckpoint(cosigned(...witnesses), trust)).toThrow(TOO_FEW);
    const twice = `${cosigned(w1)}${cosign(text, w1, 2000)}`;
    expect(() => openCheckpoint(twice, trust)).toThrow(TOO_FEW);
  });
  it('without a policy no witness is asked for, and none is listed', () => {
    expect(openCheckpoint(note, { key: vkey(LOG) }).witnesses).toEqual([]);
    expect(openCheckpoint(cosigned(w1, w2), { key: vkey(LOG) }).witnesses).toEqual([]);
    expect(openCheckpoint(cosigned(w1), { key: vkey(LOG), policy: `${WITNESS_LINES}\nquorum none\n` }).witnesses).toHaveLength(1);
  });
  it('old cosignatures do not count', () => {
    expect(openCheckpoint(cosigned(w1, w2), { ...trust, notBefore: 1000 }).witnesses).toHaveLength(2);
    expect(() => openCheckpoint(cosigned(w1, w2), { ...trust, notBefore: 1001 })).toThrow(TOO_FEW);
  });
  it('nor do those of the future', () => {
    expect(openCheckpoint(cosigned(w1, w2), { ...trust, notBefore: 1000, notAfter: 1001 }).witnesses).toHaveLength(2);
    expect(() => openCheckpoint(cosigned(w1, w2), { ...trust, notAfter: 1000 })).toThrow(TOO_FEW);
  });
  it('witnesses do not speak for the log', () => {
    const unsigned = signNote(text, [makeSigner('somebody.example', new Uint8Array(32).fill(98))]);
    const byWitnesses = addSignatures(
      unsigned,
      WITNESSES.map((witness) => cosign(text, witness, 1000)),
    );
    expect(() => openCheckpoint(byWitnesses, trust)).toThrow(NOTE_INVALID);
  });
  it('a checkpoint of another origin, signed by the log’s key', () => {
    const other = signNote(encodeCheckpoint({ origin: 'other.example', size: 1, root: new Uint8Array(32) }), [LOG]);
    expect(() => openCheckpoint(other, { key: vkey(LOG) })).toThrow(NOTE_INVALID);
  });
  it('a note of the log that is no checkpoint, a bad cosignature, a changed size', () => {
    expect(() => openCheckpoint(signNote(`${LOG.name}\nhello\n`, [LOG]), { key: vkey(LOG) })).toThrow(NOTE_INVALID);
    const bad = addSignatures(cosigned(w1, w2), [cosign('another text\n', w3, 5)]);
    expect(() => openCheckpoint(bad, trust)).toThrow(NOTE_INVALID);
    expect(() => openCheckpoint(cosigned(w1, w2).replace('\n300\n', '\n301\n'), trust)).toThrow(NOTE_INVALID);
  });
  it('trust that contradicts itself', () => {
    const other = makeSigner('other.example', new Uint8Array(32).fill(97));
    expect(() => openCheckpoint(cosigned(w1, w2), { ...trust, key: vkey(other) })).toThrow(POLICY_INVALID);
    // A checkpoint in the witness's own name, with its good cosignature: still no log's.
    const own = encodeCheckpoint({ origin: w1.name, size: 1, root: new Uint8Array(32) });
    expect(() => openCheckpoint(`${own}\n${cosign(own, w1, 1000)}`, { key: vkey(w1) })).toThrow(NOTE_INVALID);
    const plain = makeSigner(w1.name, w1.seed, 1);
    expect(openCheckpoint(signNote(own, [plain]), { key: vkey(plain) }).size).toBe(1);
    expect(() => openCheckpoint(note, { key: vkey(LOG), policy: '' })).toThrow(POLICY_INVALID);
  });
});

describe('policy', () => {
  const quorumOf = (policy: LogPolicy, ...vkeys: readonly string[]) => {
    const keys = policy.witnesses.map(({ key }) => key);
    requireQuorum(policy, new Set(keys.filter((key) => vkeys.includes(encodeVerifierKey(key)))));
  };
  const quorum = (policy: string, ...witnesses: readonly NoteSigner[]) => quorumOf(parsePolicy(policy), ...witnesses.map(vkey));

  it('is read line by line, whatever white space, comments and order', () => {
    const policy = parsePolicy(
      `# comment\n\t # another\n\n  log\t${vkey(LOG)}   https://log.example/ \nwitness  w1 ${vkey(w1)}\thttps://w.example\nquorum w1\nwitness 见证 ${vkey(w2)}`,
    );
    expect(policy.logs).toEqual([{ key: verifierOf(LOG), url: 'https://log.example/' }]);
    expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['w1', 'https://w.example'],
      ['见证', undefined],
    ]);
    expect(policy.quorum).toBe('w1');
  });
  it('groups of groups, as in the specification’s example', () => {
    const nested = `${WITNESS_LINES}\ngroup x any w1 w2\ngroup both all x w3\nquorum both\n`;
    quorum(nested, w2, w3);
    for (const witnesses of [[w1, w2], [w3], []]) expect(() => quorum(nested, ...witnesses)).toThrow(TOO_FEW);
  });
  it('one witness, or none', () => {
    quorum(`${WITNESS_LINES}\nquorum w2\n`, w2);
    expect(() => quorum(`${WITNESS_LINES}\nquorum w2\n`, w1, w3)).toThrow(TOO_FEW);
    quorum('quorum none');
  });
  it('k of n, for every k and every set', () => {
    for (const k of [1, 2, 3])
      for (let set = 0; set < 8; set++) {
        const present = WITNESSES.filter((_, i) => (set >> i) % 2 === 1);
        const ask = () => quorum(`${WITNESS_LINES}\ngroup g ${k} w1 w2 w3\nquorum g\n`, ...present);
        if (present.length >= k) ask();
        else expect(ask).toThrow(TOO_FEW);
      }
  });
  it('holds 32 logs, 32 witnesses and 32 groups', () => {
    const each = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
    const key = (i: number, type: 1 | 4) => vkey(makeSigner(`key.example/with/a/long/name/${i}`, new Uint8Array(32).fill(100 + i), type));
    const policy = parsePolicy(
      each(32, (i) => `log ${key(i, 1)} https://log.example/${i}`) +
        each(32, (i) => `witness w${i} ${key(i, 4)} https://w.example/${i}`) +
        each(32, (i) => `group g${i} any w${i}${i === 0 ? '' : ` g${i - 1}`}`) +
        'quorum g31\n',
    );
    expect([policy.logs.length, policy.witnesses.length, policy.groups.length]).toEqual([32, 32, 32]);
    quorumOf(policy, key(0, 4));
  });
  it('names are octets: no folding, no normalisation', () => {
    expect(() => parsePolicy(`witness K ${vkey(w1)}\nquorum \u212a\n`)).toThrow(POLICY_INVALID);
    expect(parsePolicy(`witness a\u00a0b ${vkey(w1)}\nquorum a\u00a0b\n`).quorum).toBe('a\u00a0b');
  });
});
