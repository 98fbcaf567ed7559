import { beforeAll, describe, expect, it } from 'vitest';
import { type Custody, createCustody, openQuarantined, openRecordWithKey } from '../../../src/custodian.js';
import { toHex } from '../../../src/foundation/bytes.js';
import { QUARANTINED_LENGTH, sealQuarantined } from '../../../src/sealed/quarantine.js';
import { flip, seededRandom } from '../../support/crypto-fixtures.js';
import { CONTACT, IDENTITY, id, keyPair, recordOf, rejectionOf } from '../../support/sealed-fixtures.js';

describe('sealRecord', () => {
  const [vault, link] = [keyPair('vault'), keyPair('link')];
  const keys = { vault: vault.publicKey, link: link.publicKey };

  it('seals name and contact for the vault, the link for its own key, all to one record and its shred', () => {
    const record = recordOf('a', keys);
    const open = { vault: vault.privateKey, link: link.privateKey };
    const opened = openRecordWithKey(record, open, ['identity', 'contact', 'link']);
    expect(opened).toEqual({
      identity: IDENTITY,
      contact: CONTACT,
      link: { entryId: toHex(id('a entry')), groupId: toHex(id('a group')), registrarMark: toHex(id('a mark')) },
    });
  });

  it.each(['identity', 'contact', 'link'] as const)('%s: not by the other key, for another record, or with another shred', async (part) => {
    const record = recordOf('a', keys);
    const swapped = { vault: link.privateKey, link: vault.privateKey };
    const open = { vault: vault.privateKey, link: link.privateKey };
    const refused = (of: typeof record, by: typeof open) => rejectionOf(() => openRecordWithKey(of, by, [part]));
    expect(await refused(record, open)).toBe('returned');
    expect(await refused(record, swapped)).toBe('OPEN_FAILED');
    expect(await refused({ ...record, recordId: toHex(id('b')) }, open)).toBe('OPEN_FAILED');
    expect(await refused({ ...record, shred: flip(record.shred, 0) }, open)).toBe('OPEN_FAILED');
  });
});

describe('what the sort could not take', () => {
  const bytes = seededRandom('submission').bytes(24 * 1024);
  const rowId = id('row');
  let custody: Custody;
  beforeAll(async () => {
    custody = await createCustody({ quorum: 2, custodians: 3 });
  });

  it('opens with its own quorum, whatever its length was, and has one length itself', async () => {
    for (const inside of [bytes, bytes.slice(0, 100), new Uint8Array(0)]) {
      const sealed = sealQuarantined(rowId, inside, custody.keys.quarantine);
      expect(sealed).toHaveLength(QUARANTINED_LENGTH);
      expect(await openQuarantined({ id: toHex(rowId), sealed }, custody.shares.quarantine.slice(0, 2))).toEqual(inside);
      // Shares of other purposes among them are passed over.
      const mixed = [...custody.shares.vault.slice(0, 2), ...custody.shares.quarantine.slice(1)];
      expect(await openQuarantined({ id: toHex(rowId), sealed }, mixed)).toEqual(inside);
    }
  });

  it('does not open with too few, under another id, altered, or cut', async () => {
    const sealed = sealQuarantined(rowId, bytes, custody.keys.quarantine);
    const refused = (row: { id: string; sealed: Uint8Array }, shares = custody.shares.quarantine) =>
      rejectionOf(() => openQuarantined(row, shares));
    const row = { id: toHex(rowId), sealed };
    expect(await refused(row)).toBe('returned');
    expect(await refused(row, custody.shares.quarantine.slice(0, 1))).toBe('SHARES_TOO_FEW');
    expect(await refused(row, custody.shares.vault)).toBe('SHARES_TOO_FEW');
    expect(await refused({ ...row, id: toHex(id('other')) })).toBe('OPEN_FAILED');
    expect(await refused({ ...row, id: 'no id' })).toBe('FORMAT_INVALID');
    for (const at of [0, 8, 1100, 2000, sealed.length - 1]) expect(await refused({ ...row, sealed: flip(sealed, at) })).toBe('OPEN_FAILED');
    expect(await refused({ ...row, sealed: sealed.slice(1) })).toBe('OPEN_FAILED');
  });
});
