/** What the script says; all other words of the page stand in its markup. */
export const SCRIPT_WORDS = [
  'verifyWorking',
  'verifyStarted',
  'verifyGood',
  'verifyAllGood',
  'verifyWithheld',
  'verifyBad',
  'verifyBadAt',
  'verifyBadCode',
  'verifyMissing',
  'verifyEntryGood',
  'verifyEntryWithheld',
  'verifyEntryContent',
  'verifyEntryChanged',
  'verifyEntryNone',
  'verifyEntryChange',
  'verifyProofGood',
  'verifyOlderGood',
  'verifyNotInput',
] as const;

/** What a checking page is made with; it lies in the page as JSON. */
export interface VerifierSettings {
  /** The log's public key, as a verifier key. */
  readonly key: string;
  /** The witness policy, or an empty text. */
  readonly witnesses: string;
  /** Where the export lies, seen from the page. */
  readonly base: string;
  readonly tag: string;
  readonly words: Readonly<Record<(typeof SCRIPT_WORDS)[number], string>>;
}
