import { randomBytes } from '@noble/hashes/utils.js';
import { assertBytes } from './bytes.js';

/** Randomness, injected. The default is the platform's CSPRNG; there is no fallback. */
export interface Random {
  /** `length` fresh uniform bytes. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/**
 * A copy of `length` fresh bytes. Throws TypeError unless the source gave exactly that: a short answer would become a weak key, and a
 * source that hands out one buffer again and again would change a key after the fact.
 */
export function drawBytes(random: Random, length: number): Uint8Array {
  const bytes = random.bytes(length);
  assertBytes(bytes, 'random');
  if (bytes.length !== length) throw new TypeError('random source gave a wrong number of bytes');
  return new Uint8Array(bytes);
}

/** Uniform integer in [0, bound), by rejection: no modulo bias. `bound` is 1 to 2^32. */
export function randomInt(random: Random, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError('bound must be 1 to 2^32');
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const sample = new DataView(drawBytes(random, 4).buffer).getUint32(0);
    if (sample < limit) return sample % bound;
  }
}
