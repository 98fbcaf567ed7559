import { gcm } from '@noble/ciphers/aes.js';
import { shake128, shake256 } from '@noble/hashes/sha3.js';
import type { Backend } from '../../src/foundation/backend.js';
import { concatBytes, utf8 } from '../../src/foundation/bytes.js';
import { openFailed } from '../../src/foundation/errors.js';
import {
  CN1,
  type HpkeAead,
  type HpkeKdf,
  keyScheduleContext,
  labeledExpand,
  labeledExtract,
  suiteIdOf,
} from '../../src/foundation/hpke-schedule.js';

/** A KDF and its exporter. The library leaves the exporter out; the vectors check it, so the tests have it. */
export interface TestKdf extends HpkeKdf {
  exporterSecret(suiteId: Uint8Array, sharedSecret: Uint8Array, info: Uint8Array, lengths: AeadLengths, backend: Backend): Uint8Array;
  exportSecret(suiteId: Uint8Array, exporterSecret: Uint8Array, context: Uint8Array, length: number, backend: Backend): Uint8Array;
}

interface AeadLengths {
  readonly keyLength: number;
  readonly nonceLength: number;
}

const NOTHING = new Uint8Array(0);

const hkdfSha256: TestKdf = {
  ...CN1.kdf,
  exporterSecret(suiteId, sharedSecret, info, _lengths, backend) {
    const secret = labeledExtract(suiteId, sharedSecret, 'secret', NOTHING, backend);
    return labeledExpand(suiteId, secret, 'exp', keyScheduleContext(suiteId, info, backend), 32, backend);
  },
  exportSecret: (suiteId, secret, context, length, backend) => labeledExpand(suiteId, secret, 'sec', context, length, backend),
};

/** One-stage KDFs of draft-ietf-hpke-pq §5. */
function oneStage(id: number, xof: (input: Uint8Array, length: number) => Uint8Array, hashLength: number): TestKdf {
  const labeledDerive = (suiteId: Uint8Array, ikm: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array =>
    xof(concatBytes(ikm, utf8('HPKE-v1'), suiteId, prefixed(utf8(label)), u16(length), context), length);
  const all = (suiteId: Uint8Array, sharedSecret: Uint8Array, info: Uint8Array, { keyLength, nonceLength }: AeadLengths): Uint8Array => {
    const secrets = concatBytes(prefixed(NOTHING), prefixed(sharedSecret));
    const context = concatBytes(Uint8Array.of(0), prefixed(NOTHING), prefixed(info));
    return labeledDerive(suiteId, secrets, 'secret', context, keyLength + nonceLength + hashLength);
  };
  return {
    id,
    combine({ suiteId, sharedSecret, info, keyLength, nonceLength }) {
      const secret = all(suiteId, sharedSecret, info, { keyLength, nonceLength });
      return { key: secret.slice(0, keyLength), baseNonce: secret.slice(keyLength, keyLength + nonceLength) };
    },
    exporterSecret: (suiteId, sharedSecret, info, lengths) =>
      all(suiteId, sharedSecret, info, lengths).slice(lengths.keyLength + lengths.nonceLength),
    exportSecret: (suiteId, secret, context, length) => labeledDerive(suiteId, secret, 'sec', context, length),
  };
}

function aesGcm(id: number, keyLength: number): HpkeAead {
  return {
    id,
    keyLength,
    nonceLength: 12,
    seal: ({ key, baseNonce }, plaintext, aad) => gcm(key, baseNonce, aad).encrypt(plaintext),
    open({ key, baseNonce }, ciphertext, aad) {
      try {
        return gcm(key, baseNonce, aad).decrypt(ciphertext);
      } catch {
        throw openFailed();
      }
    },
  };
}

const kdfs = [
  hkdfSha256,
  oneStage(0x0010, (input, length) => shake128(input, { dkLen: length }), 32),
  oneStage(0x0011, (input, length) => shake256(input, { dkLen: length }), 64),
];
const aeads = [aesGcm(0x0001, 16), aesGcm(0x0002, 32), CN1.aead];

/** The suite of a public vector; throws when a table is missing, so that no vector is passed over. */
export function suiteOf(
  kemId: number,
  kdfId: number,
  aeadId: number,
): { kemId: number; kdf: TestKdf; aead: HpkeAead; suiteId: Uint8Array } {
  const kdf = kdfs.find(({ id }) => id === kdfId);
  const aead = aeads.find(({ id }) => id === aeadId);
  if (!kdf || !aead) throw new Error(`no table for KDF ${kdfId}, AEAD ${aeadId}`);
  return { kemId, kdf, aead, suiteId: suiteIdOf({ kemId, kdf, aead }) };
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(u16(bytes.length), bytes);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}
