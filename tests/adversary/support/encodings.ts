import { toGb18030 } from './gb18030.js';

/** A text as it may lie in a file. */
export interface EncodedCanary {
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** Shorter needles would be found in random bytes by chance. */
const LEAST_BYTES = 6;

/** All the disguises a datum could wear by accident: character sets, transfer encodings, escapes, case and normal forms, reversed. */
export function encodingsOf(text: string): EncodedCanary[] {
  const utf8 = Buffer.from(text, 'utf8');
  const utf16 = Buffer.from(text, 'utf16le');
  const escaped = (digits: (unit: string) => string): Buffer =>
    Buffer.from(text.replace(/[^ -~]/gu, (c) => [...Array(c.length).keys()].map((i) => `\\u${digits(unit(c, i))}`).join('')));
  return distinct([
    ['utf8', utf8],
    ['utf16le', utf16],
    ['utf16be', Buffer.from(utf16).swap16()],
    ['gb18030', toGb18030(text)],
    ['latin1 double encoding', Buffer.from(utf8.toString('latin1'), 'utf8')],
    // What calls itself latin1 is windows-1252 in most programs: 27 other characters.
    ['cp1252 double encoding', Buffer.from(asCp1252(utf8), 'utf8')],
    ...spellingsOf(utf8),
    ['base64 of utf16le', base64At(utf16, 0, 'base64')],
    ['percent', Buffer.from(encodeURIComponent(text))],
    ['percent lower', Buffer.from(encodeURIComponent(text).replace(/%[0-9A-F]{2}/gu, (octet) => octet.toLowerCase()))],
    ['form', Buffer.from(new URLSearchParams({ x: text }).toString().slice(2))],
    ['json escape', escaped((digits) => digits)],
    ['json ESCAPE', escaped((digits) => digits.toUpperCase())],
    ['reversed characters', Buffer.from([...text].reverse().join(''))],
    ['reversed bytes', Buffer.from(utf8).reverse()],
    ['lower case', Buffer.from(text.toLowerCase())],
    ['upper case', Buffer.from(text.toUpperCase())],
    ['nfd', Buffer.from(text.normalize('NFD'))],
    ['no spaces', Buffer.from(text.replace(/\s+/gu, ''))],
  ]);
}

/** A key, an id or a salt: as it is, and however a program writes bytes as text. */
export function encodingsOfBytes(bytes: Uint8Array): EncodedCanary[] {
  return distinct([['bytes', Buffer.from(bytes)], ...spellingsOf(Buffer.from(bytes))]);
}

/** A telephone number or date besides: digits only and with the separators people type. */
export function encodingsOfDigits(text: string): EncodedCanary[] {
  const digits = text.replace(/\D/gu, '');
  const local = digits.length > 11 ? digits.slice(-11) : digits;
  const spellings = [digits, local];
  for (const mark of ['-', ' ', '.']) spellings.push([local.slice(0, 3), local.slice(3, 7), local.slice(7)].filter(Boolean).join(mark));
  return spellings.flatMap((spelling) => encodingsOf(spelling).map(({ encoding, bytes }) => ({ encoding: `digits ${encoding}`, bytes })));
}

/** Bytes as text: what encoders make of them, and what Node prints or serialises of a Buffer and of a Uint8Array. */
function spellingsOf(bytes: Buffer): [encoding: string, bytes: Buffer][] {
  const hex = bytes.toString('hex');
  return [
    ...([0, 1, 2] as const).flatMap((offset): [string, Buffer][] => [
      [`base64 +${offset}`, base64At(bytes, offset, 'base64')],
      [`base64url +${offset}`, base64At(bytes, offset, 'base64url')],
    ]),
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ['hex with spaces', Buffer.from(hex.replace(/..(?=.)/gu, '$& '))],
    ['numbers', Buffer.from(bytes.join(','))],
    ['numbered numbers', Buffer.from([...bytes].map((byte, i) => `"${i}":${byte}`).join(','))],
  ];
}

function distinct(encoded: readonly (readonly [encoding: string, bytes: Buffer | undefined])[]): EncodedCanary[] {
  const found: EncodedCanary[] = [];
  const seen = new Set<string>();
  for (const [encoding, bytes] of encoded) {
    if (bytes === undefined || bytes.length < LEAST_BYTES) continue;
    const key = bytes.toString('latin1');
    if (!seen.has(key)) found.push({ encoding, bytes });
    seen.add(key);
  }
  return found;
}

/** Bytes 0x80 to 0x9f of windows-1252; the decoder of some Node versions takes it for latin1. */
const CP1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function asCp1252(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\x9f]/gu, (c) => CP1252.charAt(c.charCodeAt(0) - 0x80));
}

function unit(character: string, index: number): string {
  return character.charCodeAt(index).toString(16).padStart(4, '0');
}

/** What base64 of a longer text shows of these bytes when they begin `offset` bytes after a group of three. */
function base64At(bytes: Buffer, offset: number, variant: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(variant);
  return Buffer.from(text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)));
}
