import { ml_kem768_p256, ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/foundation/backend.js';
import { toHex } from '../../src/foundation/bytes.js';
import { keySchedule } from '../../src/foundation/hpke-schedule.js';
import { decapsulate, hybridPublicKey } from '../../src/foundation/hybrid-kem-open.js';
import { encapsulate } from '../../src/foundation/hybrid-kem-seal.js';
import { backends, hex, privateKeyOfDraftSeed, scriptedRandom } from '../support/crypto-fixtures.js';
import { suiteOf } from '../support/hpke-tables.js';
import { readSharedJson, sharedPath } from '../support/shared.js';

interface HpkeVector {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmE: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly suite_id: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly encryptions: readonly { aad: string; ct: string; nonce: string; pt: string }[];
  readonly exports: readonly { exporter_context: string; L: number; exported_value: string }[];
}

const MLKEM768_P256 = 0x0050;
const MLKEM768_X25519 = 0x647a;

/** Our KEM for its id; noble's X-Wing for the other, so that the schedule meets more suites. */
function sharedSecretOf(vector: HpkeVector, backend: Backend): Uint8Array {
  const enc = hex(vector.enc);
  if (vector.kem_id === MLKEM768_X25519) return ml_kem768_x25519.decapsulate(enc, hex(vector.skRm));
  const privateKey = privateKeyOfDraftSeed(hex(vector.skRm));
  expect(toHex(hybridPublicKey(privateKey, { backend }))).toBe(vector.pkRm);
  const sealed = encapsulate(hex(vector.pkRm), { backend, random: scriptedRandom(hex(vector.ikmE)) });
  expect(toHex(sealed.enc)).toBe(vector.enc);
  expect(toHex(sealed.sharedSecret)).toBe(vector.shared_secret);
  expect(toHex(ml_kem768_p256.decapsulate(enc, hex(vector.skRm)))).toBe(vector.shared_secret);
  return decapsulate(enc, privateKey, { backend });
}

/** RFC 9180 §5.2 ComputeNonce; the library only ever uses sequence number 0. */
function nonceAt(baseNonce: Uint8Array, sequence: number): Uint8Array {
  const nonce = baseNonce.slice();
  nonce[nonce.length - 1] = (nonce.at(-1) as number) ^ sequence;
  return nonce;
}

function run(vector: HpkeVector, backend: Backend): { encryptions: number; exports: number } {
  expect(vector.mode).toBe(0);
  const suite = suiteOf(vector.kem_id, vector.kdf_id, vector.aead_id);
  expect(toHex(suite.suiteId)).toBe(vector.suite_id);
  const sharedSecret = sharedSecretOf(vector, backend);
  expect(toHex(sharedSecret)).toBe(vector.shared_secret);
  const info = hex(vector.info);
  const { key, baseNonce } = keySchedule(suite, sharedSecret, info, backend);
  expect([toHex(key), toHex(baseNonce)]).toEqual([vector.key, vector.base_nonce]);

  vector.encryptions.forEach(({ aad, ct, nonce, pt }, sequence) => {
    const secrets = { key, baseNonce: nonceAt(baseNonce, sequence) };
    expect(toHex(secrets.baseNonce)).toBe(nonce);
    expect(toHex(suite.aead.seal(secrets, hex(pt), hex(aad), backend))).toBe(ct);
    expect(toHex(suite.aead.open(secrets, hex(ct), hex(aad), backend))).toBe(pt);
  });

  const exporterSecret = suite.kdf.exporterSecret(suite.suiteId, sharedSecret, info, suite.aead, backend);
  expect(toHex(exporterSecret)).toBe(vector.exporter_secret);
  for (const { exporter_context, L, exported_value } of vector.exports) {
    expect(toHex(suite.kdf.exportSecret(suite.suiteId, exporterSecret, hex(exporter_context), L, backend))).toBe(exported_value);
  }
  return { encryptions: vector.encryptions.length, exports: vector.exports.length };
}

const files = ['hpke-pq-test-vectors.json', 'hpke-pq.filosottile.json'].map((name) => `vectors/hpke/${name}`);

describe.skipIf(!sharedPath('vectors/hpke'))('HPKE with hybrid KEMs', () => {
  describe.each(files)('%s', (file) => {
    it.each(backends)('4 of 13 vectors are of our KEM and X-Wing; 40 encryptions and 20 exports, $name', (backend) => {
      const all = readSharedJson<readonly HpkeVector[]>(file);
      expect(all).toHaveLength(13);
      const ours = all.filter(({ kem_id }) => kem_id === MLKEM768_P256 || kem_id === MLKEM768_X25519);
      expect(ours.map(({ kem_id, kdf_id, aead_id }) => [kem_id, kdf_id, aead_id])).toEqual([
        [MLKEM768_P256, 0x0001, 0x0001],
        [MLKEM768_X25519, 0x0001, 0x0003],
        [MLKEM768_P256, 0x0010, 0x0002],
        [MLKEM768_X25519, 0x0011, 0x0003],
      ]);
      const counts = ours.map((vector) => run(vector, backend));
      expect(counts.reduce((sum, { encryptions }) => sum + encryptions, 0)).toBe(40);
      expect(counts.reduce((sum, { exports }) => sum + exports, 0)).toBe(20);
    });
  });
});
