import { mnemonicToEntropy } from '@scure/bip39';
import { openFailed } from '../foundation/errors.js';
import { PHRASE_ENTROPY_LENGTH, WORDLISTS } from './phrase.js';

/**
 * The entropy of a phrase as a person types it: any case, any spaces, Chinese with or without spaces between characters.
 * Throws `OPEN_FAILED`, the same as for a phrase that leads nowhere.
 */
export function entropyFromPhrase(phrase: string): Uint8Array {
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
