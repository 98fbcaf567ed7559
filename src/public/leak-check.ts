/**
 * Does a public text contain something that must stay sealed? Plain containment over strings, so that this side need not know what an
 * identity is; who calls it chooses the needles. It guards against slips, not against somebody who wants to tell his own name.
 */

/** The ten Han digits of everyday writing, so that 一三八… is a telephone number too. */
const HAN_DIGITS = new Map([...'〇一二三四五六七八九'].map((digit, value) => [digit, value]));
HAN_DIGITS.set('零', 0).set('幺', 1).set('两', 2);

/** Shortest run of a telephone number that counts as a leak: five digits are a postcode or a year and a month. */
const MIN_DIGIT_RUN = 6;

/**
 * True if any needle of at least two code points occurs in `text`, both in NFKC, lower case, and without anything but letters, marks and
 * numbers: `J i n-F u` contains `jin fu`. A needle of one code point never matches: a surname alone is in every second text.
 */
export function containsAny(text: string, needles: readonly string[]): boolean {
  const haystack = fold(text);
  return needles.map(fold).some((needle) => [...needle].length >= 2 && haystack.includes(needle));
}

/**
 * True if six consecutive digits of any of `numbers` (telephones, dates, document numbers) occur in `text`, whatever separators, digit
 * shapes (full-width, Arabic, Devanagari, Han) or spaces either has. A letter ends a run.
 */
export function containsDigitRun(text: string, numbers: readonly string[]): boolean {
  const runs = digitRuns(text);
  return numbers.flatMap(digitRuns).some((number) => {
    for (let start = 0; start + MIN_DIGIT_RUN <= number.length; start++) {
      const piece = number.slice(start, start + MIN_DIGIT_RUN);
      if (runs.some((run) => run.includes(piece))) return true;
    }
    return false;
  });
}

function fold(text: string): string {
  // Lower case first and last: NFKC of a lower-cased text may hold a capital again (U+1D2C and the like).
  return text
    .toLowerCase()
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function digitRuns(text: string): readonly string[] {
  let digits = '';
  for (const character of fold(text)) digits += digitOf(character) ?? ' ';
  return digits.split(' ').filter((run) => run.length >= MIN_DIGIT_RUN);
}

function digitOf(character: string): number | undefined {
  const han = HAN_DIGITS.get(character);
  if (han !== undefined || !/^\p{Nd}$/u.test(character)) return han;
  // Unicode keeps decimal digits in ascending runs of ten (Standard §4.6), so the distance to the run's start is the value.
  let code = character.codePointAt(0) as number;
  const last = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(code - 1))) code--;
  return (last - code) % 10;
}
