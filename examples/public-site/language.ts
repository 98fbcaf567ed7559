import { en } from './strings/en.js';
import { fr } from './strings/fr.js';
import type { Strings } from './strings/strings.js';
import { sv } from './strings/sv.js';
import { zh } from './strings/zh.js';

/** The words of one language, and numbers and dates as it writes them. Dates are UTC: a register knows no finer time than its days. */
export interface Language {
  /** Folder of its pages. */
  readonly code: LanguageCode;
  /** For `lang` and `hreflang`. */
  readonly tag: string;
  readonly direction: 'ltr' | 'rtl';
  readonly strings: Strings;
  number(n: number): string;
  /** With two decimals at most. */
  average(n: number): string;
  /** `YYYY-MM-DD`. */
  date(day: string): string;
  /** `YYYY-MM`, or `earlier`. */
  month(period: string): string;
}

const STRINGS = { en, zh, sv, fr } as const;
const TAGS = { en: 'en', zh: 'zh-Hans', sv: 'sv', fr: 'fr' } as const;

/** Of the languages one may add to `STRINGS`. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ug', 'ur']);

export type LanguageCode = keyof typeof STRINGS;
export const LANGUAGE_CODES = Object.keys(STRINGS) as readonly LanguageCode[];

const LANGUAGES = { en: make('en'), zh: make('zh'), sv: make('sv'), fr: make('fr') } as const;

export function languageOf(code: LanguageCode): Language {
  return LANGUAGES[code];
}

function make(code: LanguageCode): Language {
  const tag = TAGS[code];
  const strings = STRINGS[code];
  const whole = new Intl.NumberFormat(tag);
  const decimal = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  const day = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' });
  const month = new Intl.DateTimeFormat(tag, { year: 'numeric', month: 'long', timeZone: 'UTC' });
  const months = new Map<string, string>();
  return {
    code,
    tag,
    direction: RIGHT_TO_LEFT.has(code) ? 'rtl' : 'ltr',
    strings,
    number: (n) => whole.format(n),
    average: (n) => decimal.format(n),
    date: (iso) => day.format(new Date(`${iso}T00:00:00Z`)),
    month(period) {
      // A page has hundreds of months, most of them the same, and formatting one is slow.
      const text = months.get(period) ?? (period === 'earlier' ? strings.earlier : month.format(new Date(`${period}-01T00:00:00Z`)));
      months.set(period, text);
      return text;
    },
  };
}

const SCRIPT_LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  // Arabic, Persian, Uyghur, Urdu: the script does not say which.
  [/\p{Script=Arabic}/u, 'und-Arab'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Tibetan}/u, 'bo'],
  [/\p{Script=Mongolian}/u, 'mn'],
  [/\p{Script=Thai}/u, 'th'],
];

/**
 * `lang` of an alias or text, for fonts and voices. A register does not know in what language somebody wrote; the script tells enough, and
 * where it does not, `und` keeps the page's own language away from it.
 */
export function languageOfText(text: string): string {
  return SCRIPT_LANGUAGES.find(([script]) => script.test(text))?.[1] ?? 'und';
}
