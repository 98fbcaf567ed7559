import { encodingsOf, encodingsOfDigits } from './encodings.js';
import { personOf } from './people.js';
import { PatternSet } from './scan.js';

/** Sealed data of people `from` … `from + count − 1` in every disguise, and whose each pattern is. */
export interface IdentityPatterns {
  readonly patterns: PatternSet;
  /** People of whom any pattern was hit. */
  peopleOf(hits: Iterable<number>): number;
}

export function identityPatterns(from: number, count: number): IdentityPatterns {
  const patterns = new PatternSet();
  const owner: number[] = [];
  for (let i = from; i < from + count; i++) {
    const { names, phone, email, address, workplace, birthplace, relatives } = personOf(i);
    const texts = [...names, phone, email, address, workplace, birthplace, relatives].flatMap(encodingsOf);
    for (const { bytes } of [...texts, ...encodingsOfDigits(phone)]) owner[patterns.add(bytes)] = i;
  }
  return { patterns, peopleOf: (hits) => new Set([...hits].map((hit) => owner[hit])).size };
}
