import { concatBytes, utf8 } from '../../src/foundation/bytes.js';
import { seededRandom } from '../../src/testing.js';

/** Choices that follow from a seed, so that a case can be made again alone. */
export interface Dice {
  /** 0 to `bound` - 1. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
}

export function dice(seed: string): Dice {
  const random = seededRandom(seed);
  let pool = Buffer.from(random.bytes(256));
  let offset = 0;
  return {
    below(bound) {
      if (offset + 4 > pool.length) {
        pool = Buffer.from(random.bytes(256));
        offset = 0;
      }
      offset += 4;
      return pool.readUInt32BE(offset - 4) % bound;
    },
    bytes: (length) => random.bytes(length),
  };
}

type Mutator = (bytes: Uint8Array, roll: Dice, others: readonly Uint8Array[]) => Uint8Array;

/** What parsers have stumbled over elsewhere. */
const TOKENS = [
  '"',
  '\\',
  '{',
  '[',
  ']',
  ',',
  ':',
  'null',
  '-0',
  '1e9',
  '9007199254740993',
  '\\ud800',
  '"__proto__":1,',
  '\u202e',
  '\u0000',
  '\ufeff',
  '\r\n',
  '=',
  ' ',
  '""',
  '{}',
  '[]',
  'true',
  '0',
];
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
const LENGTHS = [0, 1, 16, 255, 256, 4096, 9000, 0x7fffffff, 0x80000000, 0xffffffff];
const LONGEST_RANDOM = 4096;

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  concatBytes(bytes.subarray(0, at), insert, bytes.subarray(at + remove));
const place = (bytes: Uint8Array, roll: Dice): number => roll.below(bytes.length + 1);
/** Small more often than large, because fields are. */
const few = (roll: Dice): number => 1 + roll.below(1 + roll.below(24));

function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

function overwrite(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes);
  out.set(by.subarray(0, Math.max(0, bytes.length - at)), at);
  return out;
}

const MUTATORS: readonly Mutator[] = [
  // a flipped bit
  (bytes, roll) => {
    const out = new Uint8Array(bytes);
    const at = roll.below(Math.max(1, bytes.length));
    if (bytes.length > 0) out[at] = (out[at] as number) ^ (1 << roll.below(8));
    return out;
  },
  // a byte at the edge of its range
  (bytes, roll) => overwrite(bytes, place(bytes, roll), Uint8Array.of(EDGES[roll.below(EDGES.length)] as number)),
  // random bytes over others
  (bytes, roll) => overwrite(bytes, place(bytes, roll), roll.bytes(few(roll))),
  // a length field
  (bytes, roll) => overwrite(bytes, place(bytes, roll), u32(LENGTHS[roll.below(LENGTHS.length)] as number)),
  // a length field that is nearly right
  (bytes, roll) => overwrite(bytes, place(bytes, roll), u32(roll.below(bytes.length + 2))),
  // insert
  (bytes, roll) => splice(bytes, place(bytes, roll), 0, roll.bytes(few(roll))),
  // insert a token
  (bytes, roll) => splice(bytes, place(bytes, roll), 0, utf8(TOKENS[roll.below(TOKENS.length)] as string)),
  // a token in the place of something
  (bytes, roll) => splice(bytes, place(bytes, roll), few(roll), utf8(TOKENS[roll.below(TOKENS.length)] as string)),
  // delete
  (bytes, roll) => splice(bytes, place(bytes, roll), few(roll), new Uint8Array(0)),
  // cut off
  (bytes, roll) => bytes.slice(0, place(bytes, roll)),
  // double a part
  (bytes, roll) => {
    const at = place(bytes, roll);
    return splice(bytes, at, 0, bytes.subarray(at, at + few(roll)));
  },
  // exchange a part with another place
  (bytes, roll) => {
    const length = few(roll);
    const from = place(bytes, roll);
    return overwrite(bytes, place(bytes, roll), bytes.slice(from, from + length));
  },
  // the head of one, the tail of another
  (bytes, roll, others) => {
    const other = others[roll.below(others.length)] as Uint8Array;
    return concatBytes(bytes.subarray(0, place(bytes, roll)), other.subarray(place(other, roll)));
  },
  // the same place of another
  (bytes, roll, others) => {
    const other = others[roll.below(others.length)] as Uint8Array;
    const at = place(other, roll);
    return at > bytes.length ? bytes : overwrite(bytes, at, other.subarray(at, at + few(roll)));
  },
  // a good head and noise
  (bytes, roll) => concatBytes(bytes.subarray(0, 8 + roll.below(16)), roll.bytes(roll.below(Math.max(1, bytes.length)))),
  // noise of the right length
  (bytes, roll) => roll.bytes(bytes.length),
  // noise
  (_, roll) => roll.bytes(roll.below(1 + roll.below(LONGEST_RANDOM))),
];

/** One to three mutations of one of the inputs. */
export function mutated(inputs: readonly Uint8Array[], roll: Dice): Uint8Array {
  let bytes = inputs[roll.below(inputs.length)] as Uint8Array;
  for (let left = 1 + roll.below(3); left > 0; left--) bytes = (MUTATORS[roll.below(MUTATORS.length)] as Mutator)(bytes, roll, inputs);
  return bytes;
}
