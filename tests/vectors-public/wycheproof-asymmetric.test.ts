import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/foundation/bytes.js';
import { verifySignature } from '../../src/foundation/ed25519.js';
import { verifyEd25519 } from '../../src/foundation/verify-primitives.js';
import { backends, hex, outcomeOf } from '../support/crypto-fixtures.js';
import { sharedPath } from '../support/shared.js';
import { Tally, type WycheproofCase, wycheproofGroups, wycheproofPath } from '../support/wycheproof.js';

interface EcdhCase extends WycheproofCase {
  readonly public: string;
  readonly private: string;
  readonly shared: string;
}

interface SignatureCase extends WycheproofCase {
  readonly msg: string;
  readonly sig: string;
}

describe.skipIf(!sharedPath(wycheproofPath('ecdh_secp256r1_ecpoint')))('Wycheproof ECDH P-256 (points)', () => {
  it.each(backends)('355 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<EcdhCase>('ecdh_secp256r1_ecpoint')) {
      for (const test of group.tests) {
        // The file writes scalars as signed integers of any length.
        const scalar = hex(test.private.padStart(64, '0').slice(-64));
        const run = (): Uint8Array => backend.p256SharedX(scalar, hex(test.public));
        const outcome = outcomeOf(run);
        const compressed = test.public.length === 66 ? ' (compressed)' : '';
        tally.add(test.result + compressed, outcome !== 'returned' ? outcome : equalBytes(run(), hex(test.shared)) ? 'equal' : 'different');
      }
    }
    // We take uncompressed points only: compressed ones, valid or not, are refused by length.
    expect(tally.counts).toEqual({
      'valid → equal': 330,
      'acceptable (compressed) → RangeError': 1,
      'invalid (compressed) → RangeError': 7,
      'invalid → RangeError': 17,
    });
  });
});

describe.skipIf(!sharedPath(wycheproofPath('ed25519')))('Wycheproof Ed25519, strict', () => {
  it.each(backends)('151 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<SignatureCase, { publicKey: { pk: string } }>('ed25519')) {
      for (const test of group.tests) {
        const outcome = outcomeOf(() => verifySignature(hex(test.sig), hex(test.msg), hex(group.publicKey.pk), { backend }));
        tally.add(test.result, outcome);
      }
    }
    expect(tally.counts).toEqual({ 'valid → returned': 88, 'invalid → OPEN_FAILED': 51, 'invalid → RangeError': 12 });
  });

  it('151 cases, the verifier of ./verify', () => {
    const tally = new Tally();
    for (const group of wycheproofGroups<SignatureCase, { publicKey: { pk: string } }>('ed25519')) {
      for (const test of group.tests) {
        const verify = (): boolean => verifyEd25519(hex(test.sig), hex(test.msg), hex(group.publicKey.pk));
        const outcome = outcomeOf(verify);
        tally.add(test.result, outcome === 'returned' ? String(verify()) : outcome);
      }
    }
    expect(tally.counts).toEqual({ 'valid → true': 88, 'invalid → false': 51, 'invalid → RangeError': 12 });
  });
});
