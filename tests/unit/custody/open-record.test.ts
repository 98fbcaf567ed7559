import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Custody,
  createCustody,
  decodeSealedRecord,
  encodeSealedRecord,
  openRecord,
  openRecordWithKey,
  type Secret,
} from '../../../src/custodian.js';
import { toHex, utf8 } from '../../../src/foundation/bytes.js';
import type { Backend } from '../../../src/foundation/backend.js';
import { keyIdOf } from '../../../src/foundation/hybrid-kem.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { inspectShare } from '../../../src/sealed/keys/inspect-share.js';
import { sealCompartment } from '../../../src/sealed/seal-compartment.js';
import { flip } from '../../support/crypto-fixtures.js';
import { CONTACT, IDENTITY, id, keyPair, recordOf, rejectionOf } from '../../support/sealed-fixtures.js';

let custody: Custody;
let sealed: ReturnType<typeof recordOf>;
const shares = (purpose: 'vault' | 'link' | 'quarantine', ...custodians: number[]): Secret<string>[] =>
  custodians.map((custodian) => custody.shares[purpose][custodian - 1] as Secret<string>);

beforeAll(async () => {
  custody = await createCustody();
  sealed = recordOf('a', custody.keys);
});

describe('createCustody', () => {
  it('gives three different keys and five good shares of each, three needed', () => {
    expect(new Set(Object.values(custody.keys).map(toHex)).size).toBe(3);
    for (const purpose of ['vault', 'link', 'quarantine'] as const) {
      const infos = custody.shares[purpose].map(inspectShare);
      expect(infos.map((info) => info.custodian)).toEqual([1, 2, 3, 4, 5]);
      expect(
        infos.every((info) => info.purpose === purpose && info.quorum === 3 && info.keyId === toHex(keyIdOf(custody.keys[purpose]))),
      ).toBe(true);
      expect(new Set(infos.map((info) => info.setId)).size).toBe(1);
    }
  });

  it('prints no share by accident', () => {
    const printed = `${JSON.stringify(custody)}${inspect(custody, { depth: 9 })}${String(custody.shares.vault)}`;
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain('BEGIN');
  });

  it('wipes every copy of a private key that it made, as openRecord does', async () => {
    const seen: Uint8Array[] = [];
    const watching: Backend = {
      ...nobleBackend,
      mlKem768PublicKey: (seed) => nobleBackend.mlKem768PublicKey(remember(seed)),
      p256PublicKey: (scalar) => nobleBackend.p256PublicKey(remember(scalar)),
    };
    const remember = (secret: Uint8Array): Uint8Array => {
      seen.push(secret);
      return secret;
    };
    await createCustody({ quorum: 2, custodians: 3 }, { backend: watching });
    await openRecord(sealed, shares('vault', 1, 2, 3), ['identity'], { backend: watching });
    expect(seen.length).toBeGreaterThan(12);
    expect(seen.filter((secret) => secret.some((byte) => byte !== 0)).length).toBe(0);
  });

  it('refuses impossible numbers', async () => {
    expect(await rejectionOf(() => createCustody({ quorum: 6 }))).toBe('CUSTODY_INVALID');
    expect(await rejectionOf(() => createCustody({ quorum: 1, custodians: 1 }))).toBe('CUSTODY_INVALID');
  });
});

describe('openRecord', () => {
  it('opens what is asked, and only that', async () => {
    const vault = shares('vault', 1, 3, 5);
    expect(await openRecord(sealed, vault, ['identity'])).toEqual({ identity: IDENTITY });
    expect(await openRecord(sealed, vault, ['contact', 'identity'])).toEqual({ identity: IDENTITY, contact: CONTACT });
    expect(await openRecord(sealed, vault, [])).toEqual({});
    const link = { entryId: toHex(id('a entry')), groupId: toHex(id('a group')), registrarMark: toHex(id('a mark')) };
    expect(await openRecord(sealed, shares('link', 2, 3, 4), ['link'])).toEqual({ link });
    const all = [...shares('link', 5, 4, 3, 2), ...vault, ...shares('quarantine', 1)];
    expect(await openRecord(sealed, all, ['identity', 'contact', 'link'])).toEqual({ identity: IDENTITY, contact: CONTACT, link });
  });

  it('takes shares as plain text and the record through its file format', async () => {
    const texts = shares('vault', 2, 4, 5).map((share) => share.reveal());
    expect(await openRecord(decodeSealedRecord(encodeSealedRecord(sealed)), texts, ['identity'])).toEqual({ identity: IDENTITY });
  });

  it('opens with every 3 of 5 and with no 2 of 5', async () => {
    const outcomes = new Map<number, Set<string>>([
      [2, new Set()],
      [3, new Set()],
    ]);
    let count = 0;
    for (let mask = 0; mask < 32; mask++) {
      const members = [1, 2, 3, 4, 5].filter((custodian) => (mask >> (custodian - 1)) & 1);
      if (members.length !== 2 && members.length !== 3) continue;
      count++;
      outcomes.get(members.length)?.add(await rejectionOf(() => openRecord(sealed, shares('vault', ...members), ['identity'])));
    }
    expect(count).toBe(20);
    expect([...(outcomes.get(2) ?? [])]).toEqual(['SHARES_TOO_FEW']);
    expect([...(outcomes.get(3) ?? [])]).toEqual(['returned']);
  });

  it('does not open the link with vault shares, nor a name with link or quarantine shares', async () => {
    expect(await rejectionOf(() => openRecord(sealed, shares('vault', 1, 2, 3), ['link']))).toBe('SHARES_TOO_FEW');
    expect(await rejectionOf(() => openRecord(sealed, shares('vault', 1, 2, 3), ['identity', 'link']))).toBe('SHARES_TOO_FEW');
    expect(await rejectionOf(() => openRecord(sealed, shares('link', 1, 2, 3), ['identity']))).toBe('SHARES_TOO_FEW');
    expect(await rejectionOf(() => openRecord(sealed, shares('quarantine', 1, 2, 3), ['contact']))).toBe('SHARES_TOO_FEW');
    expect(await rejectionOf(() => openRecord(sealed, [...shares('vault', 1, 2), ...shares('link', 3)], ['identity']))).toBe(
      'SHARES_TOO_FEW',
    );
  });

  it('names the custodian, or the place, of a share that is refused', async () => {
    const [one, two] = shares('vault', 1, 2) as [Secret<string>, Secret<string>];
    const other = await createCustody();
    const three = other.shares.vault[2] as Secret<string>;
    expect(await rejectionOf(() => openRecord(sealed, [one, two, three], ['identity']))).toBe('SHARE_MIXED 3');
    expect(await rejectionOf(() => openRecord(sealed, [one, two, one], ['identity']))).toBe('SHARE_DUPLICATE 1');
    await expect(openRecord(sealed, [one, 'no share', two], ['identity'])).rejects.toMatchObject({
      code: 'SHARE_INVALID',
      details: { row: 2 },
    });
    expect(await rejectionOf(() => openRecord(sealed, other.shares.vault, ['identity']))).toBe('OPEN_FAILED');
  });

  it('fails for another record’s id, shred or compartments, and for an erased shred', async () => {
    const vault = shares('vault', 1, 2, 3);
    const second = recordOf('b', custody.keys);
    for (const mixed of [
      { ...sealed, recordId: second.recordId },
      { ...sealed, shred: second.shred },
      { ...sealed, shred: new Uint8Array(32) },
      { ...sealed, identity: second.identity },
      { ...sealed, identity: sealed.contact },
      { ...second, recordId: sealed.recordId },
      { ...sealed, identity: flip(sealed.identity, 2000) },
      { ...sealed, identity: new Uint8Array(0) },
    ]) {
      expect(await rejectionOf(() => openRecord(mixed, vault, ['identity']))).toBe('OPEN_FAILED');
    }
    expect(await rejectionOf(() => openRecord({ ...sealed, recordId: 'XY' }, vault, ['identity']))).toBe('FORMAT_INVALID');
  });
});

describe('openRecordWithKey', () => {
  const vault = keyPair('vault');
  const link = keyPair('link');
  const keys = { vault: vault.privateKey, link: link.privateKey };
  const record = recordOf('a', { vault: vault.publicKey, link: link.publicKey });

  /** The record with an identity compartment of these bytes. */
  const sealedText = (text: string) => ({
    ...record,
    identity: sealCompartment({
      holderId: id('a'),
      compartment: 'identity',
      plaintext: utf8(text),
      shred: record.shred,
      recipients: [vault.publicKey],
    }),
  });

  it('opens with whole keys and refuses a compartment whose key is missing', async () => {
    expect(openRecordWithKey(record, keys, ['identity', 'contact', 'link'])).toMatchObject({ identity: IDENTITY, contact: CONTACT });
    expect(await rejectionOf(() => openRecordWithKey(record, { link: keys.link }, ['identity']))).toBe('SHARES_TOO_FEW');
    expect(await rejectionOf(() => openRecordWithKey(record, { vault: keys.link }, ['identity']))).toBe('OPEN_FAILED');
    expect(await rejectionOf(() => openRecordWithKey(record, keys, ['other' as 'link']))).toBe('TypeError');
  });

  it('keeps a service’s extra, and refuses what a malicious device sealed', async () => {
    const good = openRecordWithKey(sealedText('{"extra":{"caseNumber":"7"},"names":["A"]}'), keys, ['identity']);
    expect(good).toEqual({ identity: { names: ['A'], extra: { caseNumber: '7' } } });
    for (const text of [
      '',
      'null',
      '[]',
      '{"names":[]}',
      '{"names": ["A"]}',
      '{"names":["\\u001b[2J"]}',
      '{"names":["A"],"other":1}',
      '{"extra":7,"names":["A"]}',
    ]) {
      expect(await rejectionOf(() => openRecordWithKey(sealedText(text), keys, ['identity']))).toBe('OPEN_FAILED');
    }
  });
});
