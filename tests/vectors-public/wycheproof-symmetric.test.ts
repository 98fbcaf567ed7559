import { describe, expect, it } from 'vitest';
import { sealXChaCha } from '../../src/foundation/aead.js';
import { openXChaCha } from '../../src/foundation/aead-open.js';
import { concatBytes, equalBytes } from '../../src/foundation/bytes.js';
import { hkdfExpand, hkdfExtract } from '../../src/foundation/kdf.js';
import { backends, hex, outcomeOf } from '../support/crypto-fixtures.js';
import { sharedPath } from '../support/shared.js';
import { Tally, type WycheproofCase, wycheproofGroups, wycheproofPath } from '../support/wycheproof.js';

interface AeadCase extends WycheproofCase {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

interface HkdfCase extends WycheproofCase {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

interface MacCase extends WycheproofCase {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
}

interface AeadFunctions {
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array;
}

/** Opens every case and re-seals every valid one: both directions must agree with the file. */
function runAead(name: string, { seal, open }: AeadFunctions): Tally {
  const tally = new Tally();
  for (const group of wycheproofGroups<AeadCase>(name)) {
    for (const test of group.tests) {
      const [key, iv, aad, msg] = [hex(test.key), hex(test.iv), hex(test.aad), hex(test.msg)];
      const ciphertext = concatBytes(hex(test.ct), hex(test.tag));
      let outcome = outcomeOf(() => open(key, iv, ciphertext, aad));
      if (outcome === 'returned') {
        const exact = equalBytes(open(key, iv, ciphertext, aad), msg) && equalBytes(seal(key, iv, msg, aad), ciphertext);
        outcome = exact ? 'exact both ways' : 'wrong bytes';
      }
      tally.add(test.result, outcome);
    }
  }
  return tally;
}

describe.skipIf(!sharedPath(wycheproofPath('xchacha20_poly1305')))('Wycheproof XChaCha20-Poly1305', () => {
  it('315 cases', () => {
    const { counts } = runAead('xchacha20_poly1305', { seal: sealXChaCha, open: openXChaCha });
    // 9 of the invalid cases have a nonce that is not 24 bytes: a caller's bug, not a failed opening.
    expect(counts).toEqual({ 'valid → exact both ways': 246, 'invalid → OPEN_FAILED': 60, 'invalid → RangeError': 9 });
  });
});

describe.skipIf(!sharedPath(wycheproofPath('chacha20_poly1305')))('Wycheproof ChaCha20-Poly1305', () => {
  it.each(backends)('325 cases, $name', (backend) => {
    const { counts } = runAead('chacha20_poly1305', { seal: backend.chacha20Poly1305Seal, open: backend.chacha20Poly1305Open });
    expect(counts).toEqual({ 'valid → exact both ways': 256, 'invalid → OPEN_FAILED': 60, 'invalid → RangeError': 9 });
  });
});

describe.skipIf(!sharedPath(wycheproofPath('hmac_sha256')))('Wycheproof HMAC-SHA256', () => {
  it.each(backends)('174 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<MacCase, { tagSize: number }>('hmac_sha256')) {
      for (const test of group.tests) {
        const mac = backend.hmacSha256(hex(test.key), hex(test.msg)).slice(0, group.tagSize / 8);
        tally.add(test.result, equalBytes(mac, hex(test.tag)) ? 'equal' : 'different');
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 66, 'invalid → different': 108 });
  });
});

describe.skipIf(!sharedPath(wycheproofPath('hkdf_sha256')))('Wycheproof HKDF-SHA256', () => {
  it.each(backends)('86 cases, $name', (backend) => {
    const tally = new Tally();
    for (const group of wycheproofGroups<HkdfCase>('hkdf_sha256')) {
      for (const test of group.tests) {
        const prk = hkdfExtract(hex(test.salt), hex(test.ikm), { backend });
        let outcome = outcomeOf(() => hkdfExpand(prk, hex(test.info), test.size, { backend }));
        if (outcome === 'returned') {
          outcome = equalBytes(hkdfExpand(prk, hex(test.info), test.size, { backend }), hex(test.okm)) ? 'equal' : 'different';
        }
        tally.add(test.result, outcome);
      }
    }
    expect(tally.counts).toEqual({ 'valid → equal': 83, 'invalid → RangeError': 3 });
  });
});
