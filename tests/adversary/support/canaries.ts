import { encodingsOf, encodingsOfDigits } from './encodings.js';
import { personOf } from './people.js';
import { filesBelow, PatternSet } from './scan.js';

/** One disguise of one datum of one person. */
export interface Canary {
  readonly person: number;
  readonly kind: string;
  readonly encoding: string;
  readonly length: number;
}

export interface Found extends Canary {
  readonly file: string;
  readonly offset: number;
  /** What stands around it, letters as a, hexadecimal ones as f, digits as 0. */
  readonly around: string;
}

/** Knows every sealed datum of everybody in every disguise, and whose it is. */
export class Canaries {
  readonly #patterns = new PatternSet();
  readonly #canaries: Canary[] = [];

  get all(): readonly Canary[] {
    return this.#canaries;
  }

  bytesOf(index: number): Buffer {
    return this.#patterns.pattern(index);
  }

  plant(person: number, kind: string, text: string, digits = false): void {
    for (const { encoding, bytes } of [...encodingsOf(text), ...(digits ? encodingsOfDigits(text) : [])]) {
      this.#patterns.add(bytes);
      this.#canaries.push({ person, kind, encoding, length: bytes.length });
    }
  }

  plantPerson(i: number): void {
    const { names, birthDate, birthplace, phone, email, address, workplace, relatives } = personOf(i);
    const [name = '', second = ''] = names;
    const texts = { name, 'second name': second, birthplace, mail: email, address, workplace, relatives };
    for (const [kind, text] of Object.entries(texts)) this.plant(i, kind, text);
    for (const [kind, text] of Object.entries({ 'birth date': birthDate, phone })) this.plant(i, kind, text, true);
  }

  search(directory: string): Found[] {
    return filesBelow(directory).flatMap(({ name, bytes }) => this.find(name, bytes));
  }

  find(file: string, bytes: Buffer): Found[] {
    return this.#patterns
      .scan(bytes)
      .map(({ pattern, offset }) => ({ ...(this.#canaries[pattern] as Canary), file, offset, around: shapeAt(bytes, offset) }))
      .filter((found) => !isChance(found, bytes));
  }
}

/** Where and what, without the datum. */
export function summary(found: readonly Found[]): string[] {
  return [...new Set(found.map(({ file, kind, encoding, around }) => `${file}: ${kind} as ${encoding} in ${around}`))].slice(0, 20);
}

/**
 * The eight bare digits of one of 5,060 birth dates stand in a megabyte of random hex about once (16^-8 for each place and date). Inside a
 * run as long as an id, a key or a hash they are chance; everywhere else they count.
 */
function isChance({ encoding, length, offset }: Found, bytes: Buffer): boolean {
  if (!encoding.startsWith('digits') || length !== 8) return false;
  const isHex = (at: number): boolean => /^[0-9a-f]$/u.test(String.fromCharCode(bytes[at] ?? 0));
  let from = offset;
  let to = offset + length;
  while (isHex(from - 1)) from--;
  while (isHex(to)) to++;
  return to - from >= 32;
}

function shapeAt(bytes: Buffer, offset: number): string {
  const text = bytes.toString('latin1', Math.max(0, offset - 24), offset + 48);
  return text
    .replace(/[^ -~]/gu, '?')
    .replace(/[0-9]/gu, '0')
    .replace(/[g-z]/giu, 'a')
    .replace(/[b-f]/giu, 'f');
}
