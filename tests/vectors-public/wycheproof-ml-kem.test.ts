import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/foundation/bytes.js';
import { systemRandom } from '../../src/foundation/random.js';
import { backends, hex, outcomeOf, scriptedRandom } from '../support/crypto-fixtures.js';
import { sharedPath } from '../support/shared.js';
import { Tally, type WycheproofCase, wycheproofGroups, wycheproofPath } from '../support/wycheproof.js';

interface DecapsCase extends WycheproofCase {
  readonly seed: string;
  readonly ek?: string;
  readonly c: string;
  readonly K: string;
}

interface EncapsCase extends WycheproofCase {
  readonly m: string;
  readonly ek: string;
  readonly c: string;
  readonly K: string;
}

interface KeygenCase extends WycheproofCase {
  readonly seed: string;
  readonly ek: string;
}

interface ExpandedCase extends WycheproofCase {
  readonly dk: string;
  readonly c: string;
  readonly K: string;
}

describe.skipIf(!sharedPath(wycheproofPath('mlkem_768')))('Wycheproof ML-KEM-768', () => {
  it.each(backends)('decapsulation from a seed: 193 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<DecapsCase>('mlkem_768')) {
      for (const test of group.tests) {
        const run = (): Uint8Array => backend.mlKem768Decapsulate(hex(test.c), hex(test.seed));
        const outcome = outcomeOf(run);
        const exact =
          outcome === 'returned' &&
          equalBytes(run(), hex(test.K)) &&
          equalBytes(backend.mlKem768Decapsulator(hex(test.seed)).decapsulate(hex(test.c)), hex(test.K)) &&
          (test.ek === undefined || equalBytes(backend.mlKem768PublicKey(hex(test.seed)), hex(test.ek)));
        tally.add(test.result, exact ? 'equal' : outcome);
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 153, 'invalid → RangeError': 40 });
  });

  it.each(backends)('encapsulation: 265 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<EncapsCase>('mlkem_768_encaps')) {
      for (const test of group.tests) {
        const run = (): ReturnType<typeof backend.mlKem768Encapsulate> =>
          backend.mlKem768Encapsulate(hex(test.ek), scriptedRandom(hex(test.m)));
        const outcome = outcomeOf(run);
        const exact = outcome === 'returned' && equalBytes(run().ciphertext, hex(test.c)) && equalBytes(run().sharedSecret, hex(test.K));
        tally.add(test.result, exact ? 'equal' : outcome);
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 133, 'invalid → RangeError': 132 });
  });

  it.each(backends)('encapsulation keys with the system’s randomness, where a backend may go native: 265 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<EncapsCase>('mlkem_768_encaps')) {
      for (const test of group.tests)
        tally.add(
          test.result,
          outcomeOf(() => backend.mlKem768Encapsulate(hex(test.ek), systemRandom)),
        );
    }
    expect(tally.counts).toEqual({ 'valid → returned': 133, 'invalid → RangeError': 132 });
  });

  it.each(backends)('key generation: 100 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<KeygenCase>('mlkem_768_keygen_seed')) {
      for (const test of group.tests) {
        tally.add(test.result, equalBytes(backend.mlKem768PublicKey(hex(test.seed)), hex(test.ek)) ? 'equal' : 'different');
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 100 });
  });

  it('expanded decapsulation keys: 9 cases, on noble itself, because our keys are seeds', () => {
    const tally = new Tally();
    for (const group of wycheproofGroups<ExpandedCase>('mlkem_768_semi_expanded_decaps')) {
      for (const test of group.tests) {
        const run = (): Uint8Array => ml_kem768.decapsulate(hex(test.c), hex(test.dk));
        const refused = outcomeOf(run) !== 'returned';
        tally.add(test.result, refused ? 'refused' : equalBytes(run(), hex(test.K)) ? 'equal' : 'different');
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 3, 'invalid → refused': 6 });
  });
});
