import { describe, expect, it } from 'vitest';
import { findClaim } from '../../../src/claims/find-claim.js';
import { claimAnswer } from '../../../src/claims/look-up.js';
import { makeClaim } from '../../../src/claims/make-claim.js';
import { CLAIM_ROW_LENGTH } from '../../../src/claims/make-row.js';
import { phraseFromEntropy, WORDLISTS } from '../../../src/claims/phrase.js';
import type { ClaimStore } from '../../../src/claims/ports.js';
import { toHex } from '../../../src/foundation/bytes.js';
import { RegistryError } from '../../../src/foundation/errors.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { deriveKappaKeys } from '../../../src/submit/kappa-keys.js';
import { createMemoryStores, seededRandom } from '../../../src/testing.js';

const kappa = new Uint8Array(32).fill(7);
const ids = { recordId: toHex(deriveKappaKeys(kappa).recordId), entryId: toHex(deriveKappaKeys(kappa).entryId) };
const failed = expect.objectContaining({ code: 'OPEN_FAILED', message: 'could not open', retryable: false });

function counting(store: ClaimStore) {
  const asked: string[] = [];
  const lookUp = async (locator: Uint8Array): Promise<Uint8Array> => {
    asked.push(toHex(locator));
    return claimAnswer(store, locator);
  };
  return { asked, lookUp };
}

describe('from a phrase to a claim', () => {
  it.each(['en', 'zh-Hans', 'zh-Hant'] as const)('%s: with one look-up, with or without a PIN', async (language) => {
    const { claims } = createMemoryStores();
    for (const pin of [undefined, '20261121']) {
      const { row, phrase } = makeClaim(kappa, { language, ...(pin === undefined ? {} : { pin }) }, seededRandom(`${language} ${pin}`));
      await claims.insert([row, makeClaim(kappa, 'none', systemRandom).row]);
      const { asked, lookUp } = counting(claims);
      const claim = await findClaim(phrase?.reveal() ?? '', lookUp, pin === undefined ? {} : { pin });
      expect({ recordId: claim.recordId, entryId: claim.entryId }).toEqual(ids);
      expect(toHex(claim.secret.reveal().kappa)).toBe(toHex(kappa));
      expect(asked).toEqual([toHex(row.locator)]);
      expect(JSON.stringify(claim)).not.toContain(toHex(kappa));
    }
  });

  it('a wrong phrase, an unknown one, a wrong PIN, a PIN too many or missing: one error and one look-up each', async () => {
    const { claims } = createMemoryStores();
    const pinned = makeClaim(kappa, { pin: '20261121' }, systemRandom);
    const plain = makeClaim(kappa, 'words', systemRandom);
    const unknown = makeClaim(kappa, 'words', systemRandom).phrase?.reveal() ?? '';
    await claims.insert([pinned.row, plain.row]);
    const tries: readonly [string, string | undefined][] = [
      [unknown, undefined],
      [unknown, '20261121'],
      [pinned.phrase?.reveal() ?? '', undefined],
      [pinned.phrase?.reveal() ?? '', '20261122'],
      [plain.phrase?.reveal() ?? '', '20261121'],
    ];
    for (const [phrase, pin] of tries) {
      const { asked, lookUp } = counting(claims);
      await expect(findClaim(phrase, lookUp, pin === undefined ? {} : { pin })).rejects.toEqual(failed);
      expect(asked).toHaveLength(1);
    }
    const { lookUp } = counting(claims);
    await expect(findClaim(pinned.phrase?.reveal() ?? '', lookUp, { pin: '20261121' })).resolves.toMatchObject(ids);
  });

  it('a dummy row of the store, whatever key is tried on it, and bytes of another length: the same error', async () => {
    const phrase = phraseFromEntropy(new Uint8Array(16).fill(3), 'en');
    for (const answer of [makeClaim(kappa, 'none', systemRandom).row.row, new Uint8Array(CLAIM_ROW_LENGTH), new Uint8Array(295)])
      await expect(findClaim(phrase, async () => answer)).rejects.toEqual(failed);
  });

  it('a mistyped phrase is noticed before anything is asked, with the same error', async () => {
    const { asked, lookUp } = counting(createMemoryStores().claims);
    for (const phrase of ['', 'abandon', '的'.repeat(11), 'zzz '.repeat(12), 'x'.repeat(10 ** 6)])
      await expect(findClaim(phrase, lookUp)).rejects.toEqual(failed);
    expect(asked).toEqual([]);
    await expect(findClaim(`${'abandon '.repeat(11)}about`, lookUp, { pin: '123' })).rejects.toMatchObject({ code: 'PIN_INVALID' });
    expect(asked).toEqual([]);
  });

  it('what the look-up throws passes through', async () => {
    const throttled = new RegistryError('CLAIM_THROTTLED', 'later', { retryable: true });
    const phrase = phraseFromEntropy(new Uint8Array(16), 'en');
    await expect(findClaim(phrase, () => Promise.reject(throttled))).rejects.toBe(throttled);
  });

  it('a phrase that is valid in both Chinese lists means the same in both: every shared character has one place', () => {
    const places = new Map(WORDLISTS['zh-Hant'].map((character, place) => [character, place]));
    const shared = WORDLISTS['zh-Hans'].filter((character) => places.has(character));
    expect(shared).toHaveLength(1275);
    expect(shared.filter((character) => places.get(character) !== WORDLISTS['zh-Hans'].indexOf(character))).toEqual([]);
    const english = new Set(WORDLISTS.en);
    expect([...WORDLISTS['zh-Hans'], ...WORDLISTS['zh-Hant']].filter((character) => english.has(character))).toEqual([]);
  });
});

describe('what a look-up answers', () => {
  it('296 bytes for every locator, the same each time, and another answer for every locator and store', async () => {
    const one = createMemoryStores().claims;
    const other = createMemoryStores().claims;
    const rows = Array.from({ length: 8 }, () => makeClaim(kappa, 'words', systemRandom).row);
    const locators = [...rows.map(({ locator }) => locator), ...Array.from({ length: 8 }, () => systemRandom.bytes(32))];
    const empty = await claimAnswer(one, locators[0] as Uint8Array);
    expect(empty).toHaveLength(CLAIM_ROW_LENGTH);
    await one.insert(rows);
    const answers = await Promise.all(locators.map((locator) => claimAnswer(one, locator)));
    const again = await Promise.all(locators.map((locator) => claimAnswer(one, locator)));
    expect(answers.map((answer) => answer.length)).toEqual(locators.map(() => CLAIM_ROW_LENGTH));
    expect(again).toEqual(answers);
    expect(answers.slice(0, 8)).toEqual(rows.map(({ row }) => row));
    expect(new Set(answers.map(toHex)).size).toBe(locators.length);
    expect(toHex(await claimAnswer(other, locators[15] as Uint8Array))).not.toBe(toHex(answers[15] as Uint8Array));
  });

  it('a locator that differs from a stored one in one bit is answered with a dummy', async () => {
    const { claims } = createMemoryStores();
    const { row } = makeClaim(kappa, 'words', systemRandom);
    await claims.insert([row]);
    for (let bit = 0; bit < 256; bit++) {
      const near = row.locator.slice();
      near[bit >> 3] = (near[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(toHex(await claimAnswer(claims, near))).not.toBe(toHex(row.row));
    }
    expect(toHex(await claimAnswer(claims, row.locator))).toBe(toHex(row.row));
  });
});
