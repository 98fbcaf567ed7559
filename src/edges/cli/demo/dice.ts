import type { Random } from '../../../index.js';

export type Weighted<T> = readonly (readonly [value: T, weight: number])[];

/**
 * Repeatable chance: sfc32 (Chris Doty-Humphrey, PractRand). The same seed invents the same people on every machine. It is for invention
 * only; keys and delays of the demo come from the platform's randomness like everywhere else.
 */
export class Dice {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed ^ 0x9e3779b9, 0x243f6a88, 1);
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** Uniform in [0, bound) up to a bias of bound / 2^32, which invention does not mind. */
  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.#next() < (percent / 100) * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[this.below(list.length)] as T;
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(table: Weighted<T>): T {
    let point = this.below(table.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [value, weight] of table) {
      point -= weight;
      if (point < 0) return value;
    }
    throw new RangeError('nothing to pick from');
  }

  /** For `suggestAliases`. */
  asRandom(): Random {
    return { bytes: (length) => Uint8Array.from({ length }, () => this.below(256)) };
  }

  #next(): number {
    const s = this.#state;
    const [a, b, c, counter] = s as unknown as [number, number, number, number];
    const sum = (a + b + counter) >>> 0;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + sum;
    s[3] = counter + 1;
    return sum;
  }
}
