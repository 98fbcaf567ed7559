import { entropyToMnemonic } from '@scure/bip39';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { wordlist as simplifiedChinese } from '@scure/bip39/wordlists/simplified-chinese.js';
import { wordlist as traditionalChinese } from '@scure/bip39/wordlists/traditional-chinese.js';

/** BIP39 word lists a phrase may be written in; Chinese phrases are 12 characters. */
export type PhraseLanguage = 'en' | 'zh-Hans' | 'zh-Hant';

export const WORDLISTS: Readonly<Record<PhraseLanguage, readonly string[]>> = {
  en: english,
  'zh-Hans': simplifiedChinese,
  'zh-Hant': traditionalChinese,
};

export const PHRASE_ENTROPY_LENGTH = 16;

/** 128 bits as 12 words (BIP39; the last word carries a 4-bit checksum). */
export function phraseFromEntropy(entropy: Uint8Array, language: PhraseLanguage): string {
  return entropyToMnemonic(entropy, [...WORDLISTS[language]]);
}
