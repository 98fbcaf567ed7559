import { RegistryError } from '../foundation/errors.js';
import { type Random, randomInt, systemRandom } from '../foundation/random.js';
import { type AliasSuggestion, AUSPICIOUS_ALIASES, TRADITIONAL_FORMS, withoutTones } from './alias-pack.js';

export interface SuggestAliasesOptions {
  readonly random?: Random;
  /** Real names the aliases must not resemble, in any script. They are compared here and kept nowhere. */
  readonly avoid?: readonly string[];
}

const MAX_COUNT = 1000;

/**
 * `count` (0–1000) random aliases of the pack. All different as long as the pack lasts, so that the members of a group can be told apart;
 * then the pack begins anew.
 *
 * None shares a character with a name in `avoid` (simplified or traditional), nor has a pinyin syllable that lies inside a word of a
 * Latin-script one: an alias that holds a piece of the real name is half a confession. Throws `ALIAS_INVALID` if nothing is left.
 */
export function suggestAliases(count: number, options: SuggestAliasesOptions = {}): AliasSuggestion[] {
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) throw new RangeError(`count must be 0 to ${MAX_COUNT}`);
  const { random = systemRandom, avoid = [] } = options;
  const characters = new Set(avoid.flatMap((name) => [...name.normalize('NFKC')]));
  const words = avoid.flatMap(latinWords);
  const allowed = AUSPICIOUS_ALIASES.filter((suggestion) => !sharesCharacter(suggestion, characters) && !sharesSyllable(suggestion, words));
  if (count > 0 && allowed.length === 0) {
    throw new RegistryError('ALIAS_INVALID', 'every alias of the pack shares something with a real name', { field: 'statement.alias' });
  }

  const chosen: AliasSuggestion[] = [];
  let left: AliasSuggestion[] = [];
  while (chosen.length < count) {
    if (left.length === 0) left = [...allowed];
    chosen.push(...left.splice(randomInt(random, left.length), 1));
  }
  return chosen;
}

function sharesCharacter({ hanzi }: AliasSuggestion, characters: ReadonlySet<string>): boolean {
  return [...hanzi].some((simplified) => [simplified, ...(TRADITIONAL_FORMS.get(simplified) ?? '')].some((form) => characters.has(form)));
}

/** Names are romanised without divisions too (`Jinfu`, `WANG-JINFU`), so a syllable anywhere in a word counts. */
function sharesSyllable({ alias }: AliasSuggestion, words: readonly string[]): boolean {
  return alias.split(' ').some((syllable) => words.some((word) => word.includes(syllable)));
}

function latinWords(name: string): readonly string[] {
  return withoutTones(name.normalize('NFKC').toLowerCase()).match(/\p{Script=Latin}+/gu) ?? [];
}
