import { mnemonicToEntropy } from '@scure/bip39';
import { openFailed } from '../foundation/errors.js';
import { PHRASE_ENTROPY_LENGTH, WORDLISTS } from './phrase.js';

/** Twelve English words have at most 107 letters and spaces; nobody types five times as much. Bounds the work for what is no phrase. */
const MAX_TYPED = 512;

/**
 * The entropy of a phrase as a person types it: any case, any spaces, Chinese with or without spaces between characters.
 *
 * There is only one: the simplified and the traditional list share 1,275 characters, and each stands at the same place in both (a test holds
 * it), so a phrase that is valid in both lists means the same in both.
 * Throws `OPEN_FAILED`, the same as for a phrase that leads nowhere.
 */
export function entropyFromPhrase(phrase: string): Uint8Array {
  if (typeof phrase !== 'string') throw new TypeError('a phrase is a string');
  if (phrase.length > MAX_TYPED) throw openFailed();
  const text = phrase.normalize('NFKD').trim().toLowerCase();
  const words = /^[\p{Script=Han}\s]+$/u.test(text) ? [...text.replace(/\s+/gu, '')] : text.split(/\s+/u);
  for (const wordlist of Object.values(WORDLISTS)) {
    try {
      const entropy = mnemonicToEntropy(words.join(' '), [...wordlist]);
      if (entropy.length === PHRASE_ENTROPY_LENGTH) return entropy;
    } catch {
      // Not of this list; a phrase of none of them is "could not open".
    }
  }
  throw openFailed();
}
