import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/foundation/bytes.js';
import { encodeHybridPrivateKey } from '../../../src/foundation/hybrid-kem-open.js';
import { combineShares } from '../../../src/sealed/keys/open-shares.js';
import { decodeShareEnvelope, encodeShareEnvelope } from '../../../src/sealed/keys/share-envelope.js';
import { verifyShare } from '../../../src/sealed/keys/verify-share.js';
import { rejectionOf } from '../../support/sealed-fixtures.js';
import { envelopesOfCase, type ShareCase } from '../../support/sealed-vectors.js';

/** Frozen: a change of these bytes makes the custodians' shares useless. */
const file = JSON.parse(readFileSync(new URL('../../vectors/share-envelope.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly ShareCase[];
  readonly malformations: readonly { name: string; bytes: string; decode: string; verify: string }[];
};

describe('vectors: share envelope', () => {
  it('are all there', () => {
    expect(file.cases.length).toBe(3);
    expect(file.malformations.length).toBe(26);
  });

  it.each(file.cases)('encodes byte for byte: $name $purpose', (value) => {
    expect(envelopesOfCase(value)).toEqual(value.envelopes);
    for (const envelope of value.envelopes) expect(toHex(encodeShareEnvelope(decodeShareEnvelope(fromHex(envelope))))).toBe(envelope);
  });

  it.each(file.cases)('combines to the key: $name $purpose', async (value) => {
    const envelopes = value.envelopes.map((envelope) => verifyShare(decodeShareEnvelope(fromHex(envelope))));
    for (let skip = 0; skip <= value.custodians - value.quorum; skip++) {
      expect(toHex(encodeHybridPrivateKey(await combineShares(envelopes.slice(skip))))).toBe(value.privateKey);
    }
  });

  it.each(file.malformations)('malformed: $name', async ({ bytes, decode, verify }) => {
    expect(await rejectionOf(() => decodeShareEnvelope(fromHex(bytes)))).toBe(decode);
    expect(await rejectionOf(() => verifyShare(decodeShareEnvelope(fromHex(bytes))))).toBe(verify);
  });
});
