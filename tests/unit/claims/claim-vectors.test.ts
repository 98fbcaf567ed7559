import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deriveClaimKey } from '../../../src/claims/claim-key.js';
import { type ClaimRequest, makeClaim } from '../../../src/claims/make-claim.js';
import { openClaim } from '../../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../../src/claims/open-phrase.js';
import { fromHex, toHex } from '../../../src/foundation/bytes.js';
import { seededRandom } from '../../../src/testing.js';

const FILE = new URL('../../vectors/claim.json', import.meta.url);

interface Case {
  readonly name: string;
  readonly phrase: string;
  readonly pin: string | null;
  readonly entropy: string;
  readonly locator: string;
  readonly rowKey: string;
  readonly kappa: string;
  readonly replySeed: string;
  readonly row: string;
}

/** Edits of the row of the first case; every one is `OPEN_FAILED`. */
interface Malformation {
  readonly name: string;
  readonly at?: number;
  readonly xor?: number;
  readonly length?: number;
}

interface Vectors {
  readonly comment: string;
  readonly cases: readonly Case[];
  /** Typed otherwise, the same phrase as that of case `of`. */
  readonly spellings: readonly { readonly of: number; readonly typed: string }[];
  /** Phrases of no list, or with a wrong checksum: `OPEN_FAILED`. */
  readonly noPhrases: readonly string[];
  readonly malformed: readonly Malformation[];
}

const CLAIMS: readonly { readonly name: string; readonly claim: Exclude<ClaimRequest, 'none'> }[] = [
  { name: 'English', claim: 'words' },
  { name: 'English with a PIN', claim: { pin: '20261121' } },
  { name: 'simplified Chinese', claim: { language: 'zh-Hans' } },
  { name: 'traditional Chinese with a PIN of words', claim: { language: 'zh-Hant', pin: '三月 柳絮 飛過 河' } },
];

function generate(): Vectors {
  const cases = CLAIMS.map(({ name, claim }): Case => {
    const kappa = seededRandom(`claim vector κ ${name}`).bytes(32);
    const { row, phrase } = makeClaim(kappa, claim, seededRandom(`claim vector ${name}`));
    const words = phrase?.reveal() ?? '';
    const pin = (claim === 'words' ? undefined : claim.pin) ?? null;
    const entropy = entropyFromPhrase(words);
    const key = deriveClaimKey(entropy, pin ?? undefined);
    const { replySeed } = openClaim(row.row, key);
    return {
      name,
      phrase: words,
      pin,
      entropy: toHex(entropy),
      locator: toHex(key.locator),
      rowKey: toHex(key.rowKey),
      kappa: toHex(kappa),
      replySeed: toHex(replySeed),
      row: toHex(row.row),
    };
  });
  const [english, , simplified] = cases.map(({ phrase }) => phrase) as [string, string, string];
  return {
    comment: 'Claim rows (docs/spec/claim.md). Made by this project from seeded randomness; test keys only.',
    cases,
    spellings: [
      { of: 0, typed: `  ${english.toUpperCase().replaceAll(' ', ' \n\t')} ` },
      { of: 2, typed: simplified.replaceAll(' ', '') },
      { of: 2, typed: simplified.replaceAll(' ', '\u3000') },
    ],
    noPhrases: [
      '',
      'abandon',
      'abandon '.repeat(12),
      english.split(' ').slice(1).join(' '),
      `${english} abandon`,
      '的'.repeat(11),
      '12345678',
    ],
    malformed: [
      { name: 'a bit of the nonce', at: 0, xor: 1 },
      { name: 'a bit of the content', at: 24, xor: 128 },
      { name: 'a bit of the padding', at: 200, xor: 1 },
      { name: 'a bit of the tag', at: 295, xor: 1 },
      { name: 'cut by a byte', length: 295 },
      { name: 'longer by a byte', length: 297 },
      { name: 'nothing', length: 0 },
    ],
  };
}

describe('vectors: claim', () => {
  if (process.env['UPDATE_VECTORS'] === '1') writeFileSync(FILE, `${JSON.stringify(generate(), null, 1)}\n`);
  const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

  it('are all there and are made again byte for byte', () => {
    expect([vectors.cases.length, vectors.spellings.length, vectors.noPhrases.length, vectors.malformed.length]).toEqual([4, 3, 7, 7]);
    expect(generate()).toEqual(vectors);
  });

  it.each(vectors.cases)('$name leads to its row, and the row to κ', (value) => {
    const entropy = entropyFromPhrase(value.phrase);
    const key = deriveClaimKey(entropy, value.pin ?? undefined);
    expect([entropy, key.locator, key.rowKey].map(toHex)).toEqual([value.entropy, value.locator, value.rowKey]);
    const opened = openClaim(fromHex(value.row), key);
    expect([toHex(opened.kappa), toHex(opened.replySeed)]).toEqual([value.kappa, value.replySeed]);
  });

  it.each(vectors.spellings)('a phrase typed otherwise: %#', ({ of, typed }) => {
    expect(toHex(entropyFromPhrase(typed))).toBe(vectors.cases[of]?.entropy);
  });

  const failed = expect.objectContaining({ code: 'OPEN_FAILED' });

  it.each(vectors.noPhrases)('no phrase: %#', (phrase) => {
    expect(() => entropyFromPhrase(phrase)).toThrow(failed);
  });

  it.each(vectors.malformed)('malformed row: $name', ({ at, xor = 0, length }) => {
    const [value] = vectors.cases as [Case];
    const row = fromHex(value.row);
    const edited = new Uint8Array(length ?? row.length);
    edited.set(row.slice(0, edited.length));
    if (at !== undefined) edited[at] = (edited[at] as number) ^ xor;
    const key = { locator: fromHex(value.locator), rowKey: fromHex(value.rowKey) };
    expect(() => openClaim(edited, key)).toThrow(failed);
  });
});
