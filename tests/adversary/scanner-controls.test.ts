import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { type EncodedCanary, encodingsOf, encodingsOfBytes, encodingsOfDigits } from './support/encodings.js';
import { printFoundControl } from './support/report.js';
import { filesBelow, namesBelow, PatternSet } from './support/scan.js';

/**
 * Every search for canaries rests on these: that the needles are what programs really write, and that none is overlooked, wherever it lies.
 * So each disguise is made here another way: by a decoder, by the platform, or by iconv once and for all.
 */
const root = mkdtempSync(join(tmpdir(), 'adversary-scanner-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Sample {
  readonly text: string;
  /** From iconv, in hexadecimal digits. */
  readonly gb18030: string;
  /** Its UTF-8 taken for windows-1252, from Python. */
  readonly cp1252: string;
}

/** Several scripts, an accent, a character beyond the basic plane, one whose base64 has + and /, and what is all ASCII. */
const SAMPLES: readonly Sample[] = [
  { text: '王建国辉', gb18030: 'cdf5bda8b9fabbd4', cp1252: '\xe7\u017d\u2039\xe5\xbb\xba\xe5\u203a\xbd\xe8\xbe\u2030' },
  { text: 'José Peña', gb18030: '4a6f73a8a620506581308a3961', cp1252: 'Jos\xc3\xa9 Pe\xc3\xb1a' },
  {
    text: 'محمد أحمد',
    gb18030: '813186398131843581318639813184372081318335813184358131863981318437',
    cp1252: '\xd9\u2026\xd8\xad\xd9\u2026\xd8\xaf \xd8\xa3\xd8\xad\xd9\u2026\xd8\xaf',
  },
  {
    text: '𠮷野家三世',
    gb18030: '9534b235d2b0bcd2c8fdcac0',
    cp1252: '\xf0\xa0\xae\xb7\xe9\u2021\u017d\xe5\xae\xb6\xe4\xb8\u2030\xe4\xb8\u2013',
  },
  { text: 'Ōta 大久保', gb18030: '81309238746120b4f3bec3b1a3', cp1252: '\xc5\u0152ta \xe5\xa4\xa7\xe4\xb9\u2026\xe4\xbf\x9d' },
  { text: '+86 139-1234-5678', gb18030: '2b3836203133392d313233342d35363738', cp1252: '+86 139-1234-5678' },
];

type Wild = (text: string, sample: Sample) => Buffer | string;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const chars = (bytes: Iterable<number>): string => String.fromCharCode(...bytes);
const units = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
const pairs = (text: string, littleEndian: boolean): number[] =>
  units(text).flatMap((unit) => (littleEndian ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255]));
const hexOf = (bytes: Iterable<number>): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
/** Base64 of a longer text in which this one begins after so many bytes. */
const inside = (text: string, before: number): string => btoa(`${'>'.repeat(before)}${chars(utf8(text))}??`);
const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const escapes = (text: string): string =>
  units(text)
    .map((unit) => (unit > 0x7e ? `\\u${hexOf([unit >> 8, unit & 255])}` : chars([unit])))
    .join('');

/** How each disguise comes about outside the scanner. */
const WILD: Readonly<Record<string, Wild>> = {
  utf8: (text) => Buffer.from(utf8(text)),
  utf16le: (text) => Buffer.from(pairs(text, true)),
  utf16be: (text) => Buffer.from(pairs(text, false)),
  gb18030: (_, sample) => Buffer.from(sample.gb18030, 'hex'),
  'latin1 double encoding': (text) => Buffer.from(utf8(chars(utf8(text)))),
  'cp1252 double encoding': (_, sample) => sample.cp1252,
  'base64 +0': (text) => inside(text, 3),
  'base64 +1': (text) => inside(text, 4),
  'base64 +2': (text) => inside(text, 5),
  'base64url +0': (text) => urlSafe(inside(text, 0)),
  'base64url +1': (text) => urlSafe(inside(text, 1)),
  'base64url +2': (text) => urlSafe(inside(text, 2)),
  'base64 of utf16le': (text) => btoa(chars(pairs(text, true))),
  hex: (text) => hexOf(utf8(text)),
  HEX: (text) => hexOf(utf8(text)).toUpperCase(),
  'hex with spaces': (text) => inspect(Buffer.from(text)),
  numbers: (text) => JSON.stringify(Buffer.from(text)),
  'numbered numbers': (text) => JSON.stringify({ name: utf8(text) }),
  percent: (text) => Object.assign(new URL('x:'), { search: text }).search.replaceAll('+', '%2B'),
  'percent lower': (text) => hexOf(utf8(text)).replace(/../gu, (octet) => percentUnless(octet)),
  form: (text) =>
    hexOf(utf8(text))
      .toUpperCase()
      .replace(/../gu, (octet) => percentUnless(octet))
      .replaceAll('%20', '+'),
  'json escape': escapes,
  'json ESCAPE': (text) => escapes(text).replace(/\\u..../gu, (unit) => `\\u${unit.slice(2).toUpperCase()}`),
  'reversed characters': (text) => [...text].reduce((reversed, character) => character + reversed, ''),
  'reversed bytes': (text) => Buffer.from(utf8(text).map((_, i, all) => all[all.length - 1 - i] as number)),
  'lower case': (text) => text.toLocaleLowerCase('en'),
  'upper case': (text) => text.toLocaleUpperCase('en'),
  nfd: (text) => text.replaceAll('é', 'e\u0301').replaceAll('ñ', 'n\u0303').replaceAll('أ', 'ا\u0654'),
  'no spaces': (text) => text.split(' ').join(''),
};

/** The octets that stand as themselves in an address. */
function percentUnless(octet: string): string {
  const character = chars([Number.parseInt(octet, 16)]);
  return /[\w.-]/u.test(character) ? character : `%${octet}`;
}

function patternsOf(needles: readonly EncodedCanary[]): PatternSet {
  const set = new PatternSet();
  for (const { bytes } of needles) set.add(bytes);
  return set;
}

describe('each disguise, made another way', () => {
  const claimed = [...new Set(SAMPLES.flatMap(({ text }) => encodingsOf(text).map(({ encoding }) => encoding)))].sort();

  it('has a way of its own to be made', () => {
    expect(claimed).toEqual(Object.keys(WILD).sort());
  });

  it('is found in the middle of other bytes, whatever the text', () => {
    const missed: string[] = [];
    const found = new Set<string>();
    for (const encoding of claimed) {
      for (const sample of SAMPLES) {
        const needles = encodingsOf(sample.text);
        const set = patternsOf(needles);
        const made = Buffer.from((WILD[encoding] as Wild)(sample.text, sample));
        const names = set
          .scan(Buffer.concat([Buffer.from([1, 2, 255]), made, Buffer.from([0, 254, 10])]))
          .map((hit) => needles[hit.pattern]);
        if (names.length === 0) missed.push(`${sample.text} as ${encoding}`);
        // Of a text all ASCII several disguises are one, under the name of the first.
        if (names.some((name) => name?.encoding === encoding)) found.add(encoding);
      }
    }
    printFoundControl(`disguises of a text, of ${claimed.length} that the scanner knows`, found.size);
    expect([missed, [...found].sort()]).toEqual([[], claimed]);
  });

  it('of a key, an id, a salt: as it is, and as programs print it', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 0xfb) % 256);
    const text = `x${chars(key)}`;
    const printed = [
      ['bytes', Buffer.from(key)],
      ['hex', hexOf(key)],
      ['HEX', hexOf(key).toUpperCase()],
      ['hex with spaces', inspect(Buffer.from(key))],
      ['numbers', JSON.stringify([...key])],
      ['numbers', inspect(key).replace(/\s/gu, '')],
      ['numbered numbers', JSON.stringify(key)],
      ['base64 +0', btoa(chars(key))],
      ['base64 +1', btoa(text)],
      ['base64 +2', btoa(`x${text}`)],
      ['base64url +0', urlSafe(btoa(chars(key)))],
      ['base64url +1', urlSafe(btoa(text))],
      ['base64url +2', urlSafe(btoa(`x${text}`))],
    ] as const;
    const needles = encodingsOfBytes(key);
    const set = patternsOf(needles);
    for (const [encoding, as] of printed)
      expect(set.scan(Buffer.from(as as string)).map(({ pattern }) => needles[pattern]?.encoding)).toContain(encoding);
    expect(new Set(printed.map(([encoding]) => encoding))).toEqual(new Set(needles.map(({ encoding }) => encoding)));
  });

  it.each(['8613912345678', '13912345678', '139-1234-5678', '139 1234 5678', '139.1234.5678'])('a telephone number as %s', (typed) => {
    const set = patternsOf(encodingsOfDigits('+86 139-1234-5678'));
    for (const way of ['utf8', 'utf16le', 'hex', 'base64 +1'])
      expect(set.scan(Buffer.from((WILD[way] as Wild)(typed, { text: typed, gb18030: '', cp1252: '' }))).length).toBeGreaterThan(0);
  });
});

describe('the scanner', () => {
  it('finds what a plain search finds: at both ends, overlapping, one in another, alike in the first six bytes, twice', () => {
    const needles = ['abcdef', 'abcdefg', 'abcdefgh', 'bcdefg', 'abcdeX', 'aaaaaa', 'aaaaaaa', '\0\0\0\0\0\0', 'abcdef'].map((text) =>
      Buffer.from(text),
    );
    const haystack = Buffer.from(`abcdefgh.aaaaaaaaaa.abcdeX.\0\0\0\0\0\0\0.abcde.bcdefg.abcdef`);
    const set = new PatternSet();
    for (const needle of needles) set.add(needle);
    const plain = needles.flatMap((needle, pattern) => {
      const offsets: number[] = [];
      for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) offsets.push(at);
      return offsets.map((offset) => `${pattern}@${offset}`);
    });
    const found = set.scan(haystack).map(({ pattern, offset }) => `${pattern}@${offset}`);
    expect(found.sort()).toEqual(plain.sort());
    expect(plain.length).toBeGreaterThan(needles.length);
  });

  it('refuses a needle too short to mean anything', () => {
    expect(() => new PatternSet().add(Buffer.from('abcde'))).toThrow(RangeError);
  });

  it('reads every file below a folder: hidden ones, empty ones, those in folders; and knows what is no file', () => {
    const folder = join(root, 'seized');
    mkdirSync(join(folder, 'a', '.b', 'empty'), { recursive: true });
    for (const name of ['x.db', 'x.db-wal', '.hidden', join('a', '.b', 'deep'), join('a', 'nothing')])
      writeFileSync(join(folder, name), name.slice(0, 4));
    writeFileSync(join(folder, 'a', 'nothing'), '');
    expect(filesBelow(folder).map(({ name, bytes }) => `${name} ${bytes.toString()}`)).toEqual([
      '.hidden .hid',
      'a/.b/deep a/.b',
      'a/nothing ',
      'x.db x.db',
      'x.db-wal x.db',
    ]);
    expect(namesBelow(folder)).toEqual(['.hidden', 'a', 'a/.b', 'a/.b/deep', 'a/.b/empty', 'a/nothing', 'x.db', 'x.db-wal']);
  });
});
