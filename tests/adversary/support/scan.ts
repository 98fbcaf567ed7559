import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const PREFIX = 6;
const SLOTS_LOG2 = 22;
const SLOTS = 1 << SLOTS_LOG2;

export interface Hit {
  /** Number of the pattern, in the order of `add`. */
  readonly pattern: number;
  readonly offset: number;
}

/** Finds any of a million byte strings in one pass over a file. */
export class PatternSet {
  readonly #patterns: Buffer[] = [];
  readonly #next: number[] = [];
  readonly #heads = new Int32Array(SLOTS).fill(-1);

  get size(): number {
    return this.#patterns.length;
  }

  pattern(index: number): Buffer {
    return this.#patterns[index] as Buffer;
  }

  add(bytes: Uint8Array): number {
    if (bytes.length < PREFIX) throw new RangeError('a pattern needs six bytes');
    const pattern = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const slot = slotAt(pattern, 0);
    this.#patterns.push(pattern);
    this.#next.push(this.#heads[slot] as number);
    this.#heads[slot] = this.#patterns.length - 1;
    return this.#patterns.length - 1;
  }

  scan(file: Buffer): Hit[] {
    const hits: Hit[] = [];
    for (let at = 0; at + PREFIX <= file.length; at++) {
      for (let i = this.#heads[slotAt(file, at)] as number; i !== -1; i = this.#next[i] as number) {
        const pattern = this.#patterns[i] as Buffer;
        if (file[at] === pattern[0] && file[at + 5] === pattern[5] && pattern.equals(file.subarray(at, at + pattern.length)))
          hits.push({ pattern: i, offset: at });
      }
    }
    return hits;
  }
}

function slotAt(bytes: Buffer, at: number): number {
  const low =
    (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
  const high = (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8);
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> (32 - SLOTS_LOG2);
}

/** Every file below a directory: databases, logs, shared memory, keys and whatever else lies there. */
export function filesBelow(directory: string): { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort()
    .map((path) => ({ name: relative(directory, path), bytes: readFileSync(path) }));
}

/** Names of everything below a directory, folders and links too: a name can leak, and an empty folder is something left. */
export function namesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}
