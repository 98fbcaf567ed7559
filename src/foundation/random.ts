import { randomBytes } from '@noble/hashes/utils.js';

/** Randomness, injected. The default is the platform's CSPRNG; there is no fallback. */
export interface Random {
  /** `length` fresh uniform bytes. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** Uniform integer in [0, bound), by rejection: no modulo bias. `bound` is 1 to 2^32. */
export function randomInt(random: Random, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError('bound must be 1 to 2^32');
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const sample = new DataView(random.bytes(4).slice().buffer).getUint32(0);
    if (sample < limit) return sample % bound;
  }
}
