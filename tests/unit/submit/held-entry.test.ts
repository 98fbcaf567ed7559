import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import { heldEntry, Secret } from '../../../src/person.js';
import { deriveKappaKeys } from '../../../src/submit/kappa-keys.js';
import type { HeldEntry } from '../../../src/verify.js';

const kappa = new Uint8Array(32).fill(7);
const { entryId, recordId, entryPublicKey, salt } = deriveKappaKeys(kappa);
const claim = {
  entryId: toHex(entryId),
  recordId: toHex(recordId),
  secret: new Secret({ kappa, replySeed: new Uint8Array(32).fill(8) }),
};
const SAID = { name: 'jin fu', display: 'alias', categories: ['party'], evidence: 'stated', sealed: '2026-11-21' } as const;

describe('the own entry, from a claim and what was stated', () => {
  it('has the keys of κ and the statement in its canonical form, as verifyEntry takes it', () => {
    const held: HeldEntry = heldEntry(claim, { ...SAID, name: ' jin  fu ', text: ' I leave.\r\nToday. ' });
    expect(held).toEqual({
      entryKey: toHex(entryPublicKey),
      salt,
      name: 'jin fu',
      display: 'alias',
      text: 'I leave.\nToday.',
      categories: ['party'],
      evidence: 'stated',
      periods: ['2026-11', 'earlier'],
    });
    expect(heldEntry(claim, { ...SAID, name: 'Maria 王小明', display: 'name', text: '' })).toMatchObject({
      name: 'Maria 王小明',
      text: undefined,
    });
    expect(() => heldEntry(claim, { ...SAID, name: 'Maria 王小明' })).toThrow(expect.objectContaining({ code: 'ALIAS_INVALID' }));
    expect(() => heldEntry(claim, { ...SAID, text: 'x'.repeat(2049) })).toThrow(expect.objectContaining({ code: 'STATEMENT_TOO_LARGE' }));
  });

  it.each([
    ['2026-12-01', ['2026-12', '2026-11', 'earlier']],
    ['2026-12-31', ['2026-12', '2027-01', 'earlier']],
    ['2024-02-29', ['2024-02', '2024-03', 'earlier']],
  ])('tries the months that the day may have been in: %s', (sealed, periods) => {
    expect(heldEntry(claim, { ...SAID, sealed }).periods).toEqual(periods);
  });

  it('or the period that was stated', () => {
    expect(heldEntry(claim, { ...SAID, period: '2019-03' }).periods).toEqual(['2019-03', 'earlier']);
    expect(heldEntry(claim, { ...SAID, period: 'earlier' }).periods).toEqual(['earlier']);
  });

  it.each(['2026-02-30', '2026-11', '21.11.2026', '', 'today', '2026-11-21T00:00:00Z'])('is not made for what is no day: %s', (sealed) => {
    expect(() => heldEntry(claim, { ...SAID, sealed })).toThrow(RangeError);
  });
});
