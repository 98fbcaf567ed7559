import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveClaimKey } from '../../../src/claims/claim-key.js';
import { makeClaim } from '../../../src/claims/make-claim.js';
import { CLAIM_ROW_LENGTH } from '../../../src/claims/make-row.js';
import { openClaim } from '../../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../../src/claims/open-phrase.js';
import { phraseFromEntropy } from '../../../src/claims/phrase.js';
import { equalBytes, toHex } from '../../../src/foundation/bytes.js';
import { systemRandom } from '../../../src/foundation/random.js';

const kappa = new Uint8Array(32).fill(7);

describe('claim phrase', () => {
  it('has 12 words, or 12 Chinese characters, and leads back to κ in every language', () => {
    for (const language of ['en', 'zh-Hans', 'zh-Hant'] as const) {
      const { row, phrase } = makeClaim(kappa, { language }, systemRandom);
      const words = phrase?.reveal() ?? '';
      expect(words.split(' ')).toHaveLength(12);
      const key = deriveClaimKey(entropyFromPhrase(words));
      expect(equalBytes(key.locator, row.locator)).toBe(true);
      expect(openClaim(row.row, key).kappa).toEqual(kappa);
    }
  });

  it('is read as people type it', () => {
    const { phrase } = makeClaim(kappa, 'words', systemRandom);
    const typed = `  ${phrase?.reveal().toUpperCase().replaceAll(' ', '\n ')}  `;
    expect(toHex(entropyFromPhrase(typed))).toBe(toHex(entropyFromPhrase(phrase?.reveal() ?? '')));
    const chinese = makeClaim(kappa, { language: 'zh-Hans' }, systemRandom).phrase?.reveal() ?? '';
    expect(toHex(entropyFromPhrase(chinese.replaceAll(' ', '')))).toBe(toHex(entropyFromPhrase(chinese)));
  });

  it('gives the same answer for a wrong word, a wrong checksum, wrong length and nonsense', () => {
    for (const wrong of ['', 'abandon', 'abandon '.repeat(12), 'zzz '.repeat(12), '的'.repeat(11), 'x'.repeat(10_000)]) {
      expect(() => entropyFromPhrase(wrong)).toThrow(expect.objectContaining({ code: 'OPEN_FAILED' }));
    }
  });

  it('round-trips any entropy (property)', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.constantFrom('en' as const, 'zh-Hans' as const, 'zh-Hant' as const),
        (entropy, language) => {
          expect(entropyFromPhrase(phraseFromEntropy(entropy, language))).toEqual(entropy);
        },
      ),
    );
  });
});

describe('claim row', () => {
  it('has one length, with a phrase or without', () => {
    for (const request of ['none', 'words', { pin: '20261121' }] as const) {
      const { row } = makeClaim(kappa, request, systemRandom);
      expect([row.locator.length, row.row.length]).toEqual([32, CLAIM_ROW_LENGTH]);
    }
    expect(makeClaim(kappa, 'none', systemRandom).phrase).toBeUndefined();
  });

  it('does not open with the phrase but without the PIN, with another PIN, under another locator, or when altered', () => {
    const { row, phrase } = makeClaim(kappa, { pin: '1234 5678' }, systemRandom);
    const entropy = entropyFromPhrase(phrase?.reveal() ?? '');
    const right = deriveClaimKey(entropy, '1234 5678');
    expect(openClaim(row.row, right).kappa).toEqual(kappa); // the positive control
    const failed = expect.objectContaining({ code: 'OPEN_FAILED' });
    expect(() => openClaim(row.row, deriveClaimKey(entropy))).toThrow(failed);
    expect(() => openClaim(row.row, deriveClaimKey(entropy, '1234 5679'))).toThrow(failed);
    expect(() => openClaim(row.row, { ...right, locator: new Uint8Array(32) })).toThrow(failed);
    for (const at of [0, 24, 100, CLAIM_ROW_LENGTH - 1]) {
      const altered = row.row.slice();
      altered[at] = (altered[at] as number) ^ 1;
      expect(() => openClaim(altered, right)).toThrow(failed);
    }
    expect(() => openClaim(makeClaim(kappa, 'none', systemRandom).row.row, right)).toThrow(failed);
  });

  it('takes full-width digits of a PIN as the same PIN and refuses short ones', () => {
    const entropy = new Uint8Array(16);
    expect(deriveClaimKey(entropy, '１２３４５６７８')).toEqual(deriveClaimKey(entropy, '12345678'));
    for (const pin of ['', '1234567', '1 2 3', 'x'.repeat(129)]) {
      expect(() => deriveClaimKey(entropy, pin)).toThrow(expect.objectContaining({ code: 'PIN_INVALID' }));
    }
  });
});
