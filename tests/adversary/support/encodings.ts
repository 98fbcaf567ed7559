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
  const found: EncodedCanary[] = [];
  const seen = new Set<string>();
  const add = (encoding: string, bytes: Buffer | undefined): void => {
    if (bytes === undefined || bytes.length < LEAST_BYTES) return;
    const key = bytes.toString('latin1');
    if (seen.has(key)) return;
    seen.add(key);
    found.push({ encoding, bytes });
  };
  const utf8 = Buffer.from(text, 'utf8');
  const utf16 = Buffer.from(text, 'utf16le');
  add('utf8', utf8);
  add('utf16le', utf16);
  add('utf16be', Buffer.from(utf16).swap16());
  add('gb18030', toGb18030(text));
  add('latin1 double encoding', Buffer.from(utf8.toString('latin1'), 'utf8'));
  for (let offset = 0; offset < 3; offset++) {
    add(`base64 +${offset}`, base64At(utf8, offset, 'base64'));
    add(`base64url +${offset}`, base64At(utf8, offset, 'base64url'));
  }
  add('base64 of utf16le', base64At(utf16, 0, 'base64'));
  add('hex', Buffer.from(utf8.toString('hex')));
  add('HEX', Buffer.from(utf8.toString('hex').toUpperCase()));
  add('percent', Buffer.from(encodeURIComponent(text)));
  add('percent lower', Buffer.from(encodeURIComponent(text).replace(/%[0-9A-F]{2}/gu, (octet) => octet.toLowerCase())));
  add('form', Buffer.from(new URLSearchParams({ x: text }).toString().slice(2)));
  add('json escape', Buffer.from(text.replace(/[^ -~]/gu, (c) => [...Array(c.length).keys()].map((i) => `\\u${unit(c, i)}`).join(''))));
  add('reversed characters', Buffer.from([...text].reverse().join('')));
  add('reversed bytes', Buffer.from(utf8).reverse());
  add('lower case', Buffer.from(text.toLowerCase()));
  add('upper case', Buffer.from(text.toUpperCase()));
  add('nfd', Buffer.from(text.normalize('NFD')));
  add('no spaces', Buffer.from(text.replace(/\s+/gu, '')));
  return found;
}

/** A telephone number or date besides: digits only and with the separators people type. */
export function encodingsOfDigits(text: string): EncodedCanary[] {
  const digits = text.replace(/\D/gu, '');
  const local = digits.length > 11 ? digits.slice(-11) : digits;
  const spellings = [digits, local];
  for (const mark of ['-', ' ', '.']) spellings.push([local.slice(0, 3), local.slice(3, 7), local.slice(7)].filter(Boolean).join(mark));
  return spellings.flatMap((spelling) => encodingsOf(spelling).map(({ encoding, bytes }) => ({ encoding: `digits ${encoding}`, bytes })));
}

function unit(character: string, index: number): string {
  return character.charCodeAt(index).toString(16).padStart(4, '0');
}

/** What base64 of a longer text shows of these bytes when they begin `offset` bytes after a group of three. */
function base64At(bytes: Buffer, offset: number, variant: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(variant);
  return Buffer.from(text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)));
}
