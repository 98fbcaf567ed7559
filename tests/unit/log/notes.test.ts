import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/foundation/bytes.js';
import { cosign, cosignatureMessage } from '../../../src/log/cosignature.js';
import { encodeVerifierKey, openNote, parseNote, parseVerifierKey } from '../../../src/log/note.js';
import { addSignatures, encodeNote, signatureLine, signNote } from '../../../src/log/sign-note.js';
import { encodeSignerKey, makeSigner, parseSignerKey, verifierOf } from '../../../src/log/signer-key.js';
import { keyIdOf } from '../../../src/log/verifier-key.js';
import { keyName, parsedNote, seed, signer } from '../../support/log-arbitraries.js';

const NOTE_INVALID = expect.objectContaining({ code: 'NOTE_INVALID' });
const KEY_INVALID = expect.objectContaining({ code: 'LOG_KEY_INVALID' });
const alice = makeSigner('alice.example', new Uint8Array(32).fill(1));
const bob = makeSigner('bob.example', new Uint8Array(32).fill(2));
const witness = makeSigner('witness.example/w', new Uint8Array(32).fill(3), 4);
const TEXT = 'one line\n\nand another\n';

describe('keys', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(signer, (key) => {
        expect(parseSignerKey(encodeSignerKey(key))).toEqual(key);
        const verifier = verifierOf(key);
        expect(parseVerifierKey(encodeVerifierKey(verifier))).toEqual(verifier);
      }),
      { numRuns: 50 },
    );
  });
  it('the name may be any word of Unicode', () => {
    expect(parseVerifierKey(encodeVerifierKey(verifierOf(makeSigner('见证.example/一', new Uint8Array(32)))))).toBeDefined();
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\u2028', 'a\u0085b', 'a\nb', 'a\u0000'])
      expect(() => makeSigner(name, new Uint8Array(32)), JSON.stringify(name)).toThrow(RangeError);
  });
  it('type and name are part of the id: a key cannot be taken for one of another use', () => {
    const ids = [alice, makeSigner('alice.example', alice.seed, 4), makeSigner('alice.example2', alice.seed)].map(({ keyId }) => keyId);
    expect(new Set(ids).size).toBe(3);
  });
  it('what is no key is refused', () => {
    const vkey = encodeVerifierKey(verifierOf(alice));
    const skey = encodeSignerKey(alice);
    expect(() => parseVerifierKey(skey)).toThrow(NOTE_INVALID);
    expect(() => parseSignerKey(vkey)).toThrow(KEY_INVALID);
    expect(() => parseVerifierKey(`${vkey}\n`)).toThrow(NOTE_INVALID);
    expect(() => parseVerifierKey(vkey.replace('+', '+0'))).toThrow(NOTE_INVALID);
    expect(() => parseVerifierKey(7 as unknown as string)).toThrow(TypeError);
    expect(() => makeSigner('a', new Uint8Array(31))).toThrow(RangeError);
    // Types this library does not know, with the ids that belong to them.
    for (const type of [0, 2, 5, 6, 255] as unknown as readonly (1 | 4)[]) {
      const { name, publicKey } = verifierOf(alice);
      const other = encodeVerifierKey({ name, publicKey, type, keyId: keyIdOf(name, type, publicKey) });
      expect(() => parseVerifierKey(other)).toThrow(NOTE_INVALID);
    }
    expect(() => parseVerifierKey(`${'x'.repeat(2000)}${vkey}`)).toThrow(NOTE_INVALID);
  });
});

describe('notes', () => {
  it('come back as they were, and every signature verifies', () => {
    const lines = fc.string({ unit: fc.constantFrom(...'ab \n—+=。\u007f'), maxLength: 60 }).map((text) => `${text}\n`);
    fc.assert(
      fc.property(lines, fc.uniqueArray(seed, { minLength: 1, maxLength: 4, selector: toHex }), (text, seeds) => {
        const signers = seeds.map((each, i) => makeSigner(`key${i}`, each));
        const note = signNote(text, signers);
        expect(parseNote(note).text).toBe(text);
        expect(encodeNote(parseNote(note))).toBe(note);
        const opened = openNote(note, signers.map(verifierOf));
        expect(opened.text).toBe(text);
        expect(opened.verified.map(({ name }) => name)).toEqual(signers.map(({ name }) => name));
      }),
      { numRuns: 60 },
    );
  });
  it('any note that parses is written as it was read', () => {
    fc.assert(
      fc.property(parsedNote, (note) => {
        expect(parseNote(encodeNote(note))).toEqual(note);
      }),
    );
  });
  it('the text ends at the last empty line', () => {
    const inner = signNote('text\n', [alice]);
    const outer = signNote(inner, [bob]);
    expect(openNote(outer, [verifierOf(bob)]).text).toBe(inner);
    // The signature inside is text: alice did not sign the outer note.
    expect(() => openNote(outer, [verifierOf(alice)])).toThrow(NOTE_INVALID);
  });
  it('a changed text, another key, or another name is no signature', () => {
    const note = signNote(TEXT, [alice]);
    expect(openNote(note, [verifierOf(alice)]).verified).toHaveLength(1);
    expect(() => openNote(note.replace('one', 'two'), [verifierOf(alice)])).toThrow(NOTE_INVALID);
    expect(() => openNote(note, [verifierOf(bob)])).toThrow(NOTE_INVALID);
    expect(() => openNote(note.replace('alice.example', 'alice.example2'), [verifierOf(alice)])).toThrow(NOTE_INVALID);
    expect(() => openNote(note, [])).toThrow(NOTE_INVALID);
    expect(() => openNote(note, [verifierOf(alice)], () => false)).toThrow(NOTE_INVALID);
  });
  it('a signature of a known key that does not verify spoils the note, of an unknown key it does not', () => {
    const [foreign] = parseNote(signNote('other\n', [bob])).signatures;
    if (foreign === undefined) throw new Error('no signature');
    const both = addSignatures(signNote(TEXT, [alice]), [signatureLine(foreign)]);
    expect(openNote(both, [verifierOf(alice)]).verified).toHaveLength(1);
    expect(() => openNote(both, [verifierOf(alice), verifierOf(bob)])).toThrow(NOTE_INVALID);
  });
  it('of several lines of one key the first counts, even if it is the bad one', () => {
    const { signatures } = parseNote(signNote(TEXT, [alice]));
    const { signatures: other } = parseNote(signNote('other\n', [alice]));
    const note = (...both: readonly (typeof signatures)[]) => encodeNote({ text: TEXT, signatures: both.flat() });
    expect(openNote(note(signatures, other), [verifierOf(alice)]).verified).toHaveLength(1);
    expect(() => openNote(note(other, signatures), [verifierOf(alice)])).toThrow(NOTE_INVALID);
  });
  it('two verifiers of one name and id are ambiguous, whichever signed', () => {
    const verifier = verifierOf(alice);
    const twin = { ...verifier, publicKey: verifierOf(bob).publicKey };
    for (const both of [
      [verifier, twin],
      [twin, verifier],
      [verifier, verifier],
    ])
      expect(() => openNote(signNote(TEXT, [alice]), both)).toThrow(NOTE_INVALID);
    expect(() => openNote(signNote(TEXT, [alice]), [twin])).toThrow(NOTE_INVALID);
  });
  it('64 KiB and 100 signatures are the most', () => {
    const text = `${'x'.repeat(65_536 - 2 - signatureLengthOf(TEXT))}\n`;
    expect(parseNote(signNote(text, [alice])).text).toHaveLength(text.length);
    expect(() => signNote(`x${text}`, [alice])).toThrow(NOTE_INVALID);
    // Bytes, not characters.
    expect(() => parseNote(signNote(TEXT, [alice]).replace('one', '一'.repeat(22_000)))).toThrow(NOTE_INVALID);
  });
  it('what cannot be signed is refused', () => {
    expect(() => signNote('no newline', [alice])).toThrow(RangeError);
    expect(() => signNote(TEXT, [witness])).toThrow(RangeError);
    expect(() => signNote('a\tb\n', [alice])).toThrow(NOTE_INVALID);
    expect(() => signNote(TEXT, [])).toThrow(NOTE_INVALID);
    expect(() => parseNote(7 as unknown as string)).toThrow(TypeError);
  });
});

/** Bytes of the empty line and one line of alice. */
function signatureLengthOf(text: string): number {
  return utf8(signNote(text, [alice])).length - utf8(text).length - 1;
}

describe('cosignatures', () => {
  const note = signNote(TEXT, [alice]);
  it('carry their time', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (seconds) => {
        const opened = openNote(addSignatures(note, [cosign(TEXT, witness, seconds)]), [verifierOf(witness)]);
        expect(opened.verified).toEqual([{ verifier: verifierOf(witness), name: witness.name, keyId: witness.keyId, timestamp: seconds }]);
      }),
      { numRuns: 30 },
    );
  });
  it('sign the time and the text', () => {
    expect(new TextDecoder().decode(cosignatureMessage(TEXT, 1679315147))).toBe(`cosignature/v1\ntime 1679315147\n${TEXT}`);
    const [first, second] = [cosign(TEXT, witness, 5), cosign(TEXT, witness, 6)].map(
      (line) => parseNote(addSignatures(note, [line])).signatures[1],
    );
    if (first === undefined || second === undefined) throw new Error('no signature');
    const mixed = new Uint8Array([...second.signature.slice(0, 8), ...first.signature.slice(8)]);
    const line = signatureLine({ ...first, signature: mixed });
    expect(() => openNote(addSignatures(note, [line]), [verifierOf(witness)])).toThrow(NOTE_INVALID);
    const other = cosign('other\n', witness, 5);
    expect(() => openNote(addSignatures(note, [other]), [verifierOf(witness)])).toThrow(NOTE_INVALID);
  });
  it('a plain signature of the same key over the same bytes is none, nor the other way round', () => {
    const plain = makeSigner(witness.name, witness.seed, 1);
    const asPlain = parseNote(signNote(TEXT, [plain])).signatures[0];
    if (asPlain === undefined) throw new Error('no signature');
    const asCosignature = signatureLine({ ...asPlain, keyId: witness.keyId });
    expect(() => openNote(addSignatures(note, [asCosignature]), [verifierOf(witness)])).toThrow(NOTE_INVALID);
    expect(() => openNote(addSignatures(note, [cosign(TEXT, witness, 5)]), [verifierOf(plain)])).toThrow(NOTE_INVALID);
  });
  it('times from 2^53 on, short signatures, and keys of type 1 are refused', () => {
    const { keyId, name } = witness;
    for (const signature of [new Uint8Array(72).fill(255), new Uint8Array(71), new Uint8Array(1)])
      expect(() => openNote(addSignatures(note, [signatureLine({ name, keyId, signature })]), [verifierOf(witness)])).toThrow(NOTE_INVALID);
    expect(() => cosign(TEXT, alice, 5)).toThrow(RangeError);
    for (const seconds of [-1, 0.5, 2 ** 53]) expect(() => cosign(TEXT, witness, seconds)).toThrow(RangeError);
  });
});

describe('addSignatures', () => {
  it('appends, keeps the order, and leaves out what is there', () => {
    const note = signNote(TEXT, [alice]);
    const line = cosign(TEXT, witness, 5);
    const both = addSignatures(note, [line]);
    expect(both).toBe(`${note}${line}`);
    expect(addSignatures(both, [line, line])).toBe(both);
    expect(addSignatures(both, [])).toBe(both);
  });
  it('takes whole lines only', () => {
    const note = signNote(TEXT, [alice]);
    const line = cosign(TEXT, witness, 5);
    for (const bad of [line.slice(0, -1), `${line}\n`, '', `x${line}`, line.replace(' ', '  ')])
      expect(() => addSignatures(note, [bad]), JSON.stringify(bad)).toThrow(NOTE_INVALID);
  });
  it('a hundred signatures, no more', () => {
    const lines = Array.from({ length: 100 }, (_, i) => signatureLine({ name: `k${i}`, keyId: i, signature: new Uint8Array(1) }));
    const note = addSignatures(signNote(TEXT, [alice]), lines.slice(1));
    expect(parseNote(note).signatures).toHaveLength(100);
    expect(() => addSignatures(note, lines)).toThrow(NOTE_INVALID);
  });
  it('names are written as they are', () => {
    fc.assert(
      fc.property(keyName, (name) => {
        const line = signatureLine({ name, keyId: 7, signature: new Uint8Array(3) });
        expect(parseNote(addSignatures(signNote(TEXT, [alice]), [line])).signatures[1]?.name).toBe(name);
      }),
    );
  });
});
