import { describe, expect, it } from 'vitest';
import { encodeVerifierKey, openNote, parseNote, parseVerifierKey } from '../../src/log/note.js';
import { addSignatures, signNote } from '../../src/log/sign-note.js';
import { encodeSignerKey, parseSignerKey, verifierOf } from '../../src/log/signer-key.js';
import { readSharedJson, sharedPath } from '../support/shared.js';

interface NoteVectors {
  readonly skey: string;
  readonly vkeys: readonly [peter: string, enoch: string];
  readonly bad_vkeys: readonly string[];
  readonly text: string;
  readonly peterSig: string;
  readonly enochSig: string;
  readonly properties: readonly string[];
}

const FILE = 'vectors/signed-note/vectors.json';
const NOTE_INVALID = expect.objectContaining({ code: 'NOTE_INVALID' });
const KEY_INVALID = expect.objectContaining({ code: 'LOG_KEY_INVALID' });

describe.skipIf(sharedPath(FILE) === undefined)('golang.org/x/mod/sumdb/note', () => {
  const load = () => readSharedJson<NoteVectors>(FILE);

  it('is whole', () => {
    const vectors = load();
    expect([vectors.vkeys.length, vectors.bad_vkeys.length, vectors.properties.length]).toEqual([2, 2, 6]);
  });

  it('keys', () => {
    const { skey, vkeys, bad_vkeys } = load();
    for (const vkey of vkeys) expect(encodeVerifierKey(parseVerifierKey(vkey))).toBe(vkey);
    for (const vkey of bad_vkeys) expect(() => parseVerifierKey(vkey)).toThrow(NOTE_INVALID);
    const signer = parseSignerKey(skey);
    expect(encodeSignerKey(signer)).toBe(skey);
    expect(encodeVerifierKey(verifierOf(signer))).toBe(vkeys[0]);
  });

  it('signatures', () => {
    const { skey, vkeys, text, peterSig, enochSig } = load();
    const [peter, enoch] = vkeys.map(parseVerifierKey) as [ReturnType<typeof parseVerifierKey>, ReturnType<typeof parseVerifierKey>];
    const note = `${text}\n${peterSig}${enochSig}`;
    expect(signNote(text, [parseSignerKey(skey)])).toBe(`${text}\n${peterSig}`);
    expect(addSignatures(`${text}\n${peterSig}`, [enochSig])).toBe(note);
    expect(openNote(note, [peter, enoch]).verified.map(({ name }) => name)).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(openNote(note, [enoch]).verified.map(({ name }) => name)).toEqual(['EnochRoot']);
    expect(openNote(note, [peter]).text).toBe(text);
    expect(parseNote(note).signatures).toHaveLength(2);
    expect(() => openNote(note, [])).toThrow(NOTE_INVALID);
    expect(() => openNote(`${text.replace('problem', 'Problem')}\n${enochSig}`, [enoch])).toThrow(NOTE_INVALID);
  });

  it('property 1: every proper substring of a key is rejected', () => {
    const { skey, vkeys } = load();
    for (const vkey of vkeys) for (const part of properSubstrings(vkey)) expect(() => parseVerifierKey(part), part).toThrow(NOTE_INVALID);
    for (const part of properSubstrings(skey)) expect(() => parseSignerKey(part), part).toThrow(KEY_INVALID);
  });

  it('property 2: every single-byte increment of a key is rejected', () => {
    const { skey, vkeys } = load();
    for (const vkey of vkeys) for (const other of increments(vkey)) expect(() => parseVerifierKey(other), other).toThrow(NOTE_INVALID);
    for (const other of increments(skey)) expect(() => parseSignerKey(other), other).toThrow(KEY_INVALID);
  });

  it('properties 3 to 6: signatures too many, bad, of keys given twice; notes that are malformed', () => {
    const { vkeys, text, peterSig, enochSig } = load();
    const [peter, enoch] = vkeys.map(parseVerifierKey) as [ReturnType<typeof parseVerifierKey>, ReturnType<typeof parseVerifierKey>];
    expect(parseNote(`${text}\n${peterSig.repeat(100)}`).signatures).toHaveLength(100);
    expect(openNote(`${text}\n${peterSig.repeat(100)}`, [peter]).verified).toHaveLength(1);
    expect(() => parseNote(`${text}\n${peterSig.repeat(101)}`)).toThrow(NOTE_INVALID);
    const bad = peterSig.replace('JkuBS9UG', 'JkuBS9UH');
    expect(bad).not.toBe(peterSig);
    expect(openNote(`${text}\n${bad}${enochSig}`, [enoch]).verified).toHaveLength(1);
    expect(() => openNote(`${text}\n${bad}${enochSig}`, [peter, enoch])).toThrow(NOTE_INVALID);
    expect(() => openNote(`${text}\n${peterSig}`, [peter, parseVerifierKey(vkeys[0])])).toThrow(NOTE_INVALID);
    const malformed = [
      `${text}\n${peterSig}`.slice(0, -1),
      `${text}\n${peterSig}x\n`,
      `${text}\n${peterSig}\n`,
      `${text}${peterSig}`,
      text,
      `\t${text}\n${peterSig}`,
      `\u0000${text}\n${peterSig}`,
      `${text}\r\n\r\n${peterSig}`,
      `\ud800${text}\n${peterSig}`,
    ];
    for (const note of malformed) expect(() => parseNote(note), JSON.stringify(note)).toThrow(NOTE_INVALID);
  });
});

function* properSubstrings(text: string): Generator<string> {
  for (let start = 0; start <= text.length; start++)
    for (let end = start; end <= text.length; end++) if (end - start < text.length) yield text.slice(start, end);
}

function* increments(text: string): Generator<string> {
  for (let i = 0; i < text.length; i++) yield text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) + 1) + text.slice(i + 1);
}
