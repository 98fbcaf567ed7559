import { isWellFormed } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';

/** Longest alias or shown name, in code points after normalisation. */
const MAX_NAME_CODE_POINTS = 64;
/** Refused before any normalisation: NFC of hostile input can be slow and at most triples its length. */
const MAX_INPUT_UNITS = 1024;

/**
 * Scripts an alias may be written in: UTS #31 Table 5 (recommended) and those of living minorities of the region.
 * UTS #39 §5.1 augmented sets are the last three: Japanese, Korean, and Han with Bopomofo are one script each.
 */
const SCRIPTS = (
  'Latin Han Cyrillic Arabic Tibetan Mongolian Hangul Greek Hebrew Thai Devanagari ' +
  'Yi Tai_Le New_Tai_Lue Lisu Khmer Lao Myanmar Bengali Gujarati Gurmukhi Kannada ' +
  'Malayalam Oriya Sinhala Tamil Telugu Thaana Armenian Georgian Ethiopic Syriac'
).split(' ');
const SCRIPT_SETS: readonly (readonly string[])[] = [
  ...SCRIPTS.map((script) => [script]),
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
];
const ONE_SCRIPT = SCRIPT_SETS.map((set) => {
  const scripts = set.map((script) => `\\p{Script_Extensions=${script}}`).join('');
  return {
    whole: new RegExp(`^[${scripts}\\p{Script_Extensions=Common}\\p{Script_Extensions=Inherited}]*$`, 'u'),
    some: new RegExp(`[${scripts}]`, 'u'),
  };
});

/**
 * Letters, marks, decimal digits, the Han zero, a space and the signs names are written with (the Tibetan tsheg among them).
 * A positive list: what is not here (markup, quotes, brackets, controls, zero-width, bidi, private-use and unassigned characters)
 * needs no rule of its own.
 */
const ALLOWED = /^[\p{L}\p{M}\p{Nd}\u3007 ·・‧་._'’-]+$/u;
/** Invisible although some are letters (Hangul filler) or marks (variation selectors): two names would look alike. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** A name begins with a letter or digit: so no spreadsheet takes it for a formula, full-width signs included. */
const BEGINS_WELL = /^[\p{L}\p{Nd}\u3007]/u;
/** Stacked marks climb over the lines above; no living script needs more than four in a row. */
const STACKED_MARKS = /\p{M}{5}/u;
/** A mark after a space or sign would print on nothing. */
const STRAY_MARK = /[ ·・‧་._'’-]\p{M}/u;
const SIGNS = /[ ·・‧་._'’-]+/u;
/** NFKC takes these apart although they are the ordinary spelling in Thai and Lao. */
const ORDINARY_COMPATIBILITY = /[\u0e33\u0eb3]/gu;

/**
 * The canonical form of an alias: NFC, trimmed, single inner spaces, 1–64 code points, one script (UTS #39 §5.1), and none of the
 * characters that have ever made a name a program: markup, formula signs, controls, bidi controls, zero-width and look-alike forms.
 * `normaliseAlias(normaliseAlias(x)) = normaliseAlias(x)`.
 *
 * What an attacker gains where this fails: script on the public page, a formula in an exported table, or an alias that looks like another's.
 * A whole alias in one script that resembles another script's (`асе`) passes: an alias is not a key, the register number tells entries apart.
 * Throws `ALIAS_INVALID`.
 */
export function normaliseAlias(alias: string): string {
  const name = normaliseCharacters(alias, 'statement.alias');
  if (!hasOneScript(name)) throw invalid('an alias is written in one script', 'statement.alias');
  return name;
}

/**
 * The canonical form of a real name that its bearer wants shown. As an alias, except that parts divided by a space or by one of
 * `· ・ ‧ ་ . _ ' ’ -` may each be in a script of their own (`Maria 王小明`). Every alias is also a valid shown name. Throws `ALIAS_INVALID`.
 */
export function normaliseShownName(shown: string): string {
  const name = normaliseCharacters(shown, 'statement.name');
  if (!name.split(SIGNS).every(hasOneScriptOrNone)) throw invalid('each part of a name is written in one script', 'statement.name');
  if (!ONE_SCRIPT.some(({ some }) => some.test(name))) throw invalid('a name has a letter', 'statement.name');
  return name;
}

function normaliseCharacters(input: string, field: string): string {
  if (typeof input !== 'string') throw new TypeError('a name must be a string');
  if (input.length > MAX_INPUT_UNITS) throw invalid(`a name has 1 to ${MAX_NAME_CODE_POINTS} characters`, field);
  if (!isWellFormed(input)) throw invalid('a name is well-formed text', field);
  const name = input
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/gu, '');
  const length = [...name].length;
  if (length < 1 || length > MAX_NAME_CODE_POINTS) throw invalid(`a name has 1 to ${MAX_NAME_CODE_POINTS} characters`, field);
  if (!ALLOWED.test(name) || INVISIBLE.test(name)) throw invalid("a name has letters, digits, spaces and the signs · . _ ' - only", field);
  if (!BEGINS_WELL.test(name) || STRAY_MARK.test(name)) throw invalid('a name begins with a letter or digit', field);
  if (STACKED_MARKS.test(name)) throw invalid('a name has at most four marks in a row', field);
  const plain = name.replace(ORDINARY_COMPATIBILITY, '');
  if (plain.normalize('NFKC') !== plain.normalize('NFC')) throw invalid('a name has no compatibility forms of letters', field);
  return name;
}

function hasOneScript(name: string): boolean {
  const letters = name.replace(/[ ·・‧་._'’-]/gu, '');
  return ONE_SCRIPT.some(({ whole, some }) => whole.test(letters) && some.test(letters));
}

/** Digits alone, between signs, belong to every script. */
function hasOneScriptOrNone(part: string): boolean {
  return ONE_SCRIPT.some(({ whole }) => whole.test(part));
}

function invalid(rule: string, field: string): RegistryError {
  return new RegistryError('ALIAS_INVALID', rule, { field });
}
