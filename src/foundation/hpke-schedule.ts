import type { Backend } from './backend.js';
import { assertBytes, concatBytes, utf8, wipe } from './bytes.js';
import { hkdfExpand, hkdfExtract } from './kdf.js';

/**
 * HPKE base mode (RFC 9180 §5.1), one message per encapsulation: from a KEM's shared secret to one AEAD key and nonce.
 *
 * Left out on purpose: PSK and authenticated modes, sequence numbers above 0 and the exporter. The suite is a parameter so that the public
 * vectors of other suites run through the same lines; the library itself uses `CN1` only.
 */
export interface HpkeSuite {
  readonly kemId: number;
  readonly kdf: HpkeKdf;
  readonly aead: HpkeAead;
}

export interface HpkeKdf {
  readonly id: number;
  /** Key and base nonce from the shared secret, bound to `suiteId` and `info`, in base mode (empty PSK and PSK id). */
  combine(input: HpkeKdfInput, backend: Backend): HpkeSecrets;
}

export interface HpkeKdfInput {
  /** "HPKE" ‖ KEM id ‖ KDF id ‖ AEAD id, 10 bytes. */
  readonly suiteId: Uint8Array;
  readonly sharedSecret: Uint8Array;
  readonly info: Uint8Array;
  /** Nk and Nn of the AEAD, in bytes. */
  readonly keyLength: number;
  readonly nonceLength: number;
}

export interface HpkeSecrets {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
}

export interface HpkeAead {
  readonly id: number;
  readonly keyLength: number;
  readonly nonceLength: number;
  seal(secrets: HpkeSecrets, plaintext: Uint8Array, aad: Uint8Array, backend: Backend): Uint8Array;
  /** Throws `OPEN_FAILED`. */
  open(secrets: HpkeSecrets, ciphertext: Uint8Array, aad: Uint8Array, backend: Backend): Uint8Array;
}

const MODE_BASE = 0x00;
const NOTHING = new Uint8Array(0);

/** RFC 9180 §4: LabeledExtract with HKDF-SHA256. */
export function labeledExtract(suiteId: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array, backend: Backend): Uint8Array {
  return hkdfExtract(salt, concatBytes(utf8('HPKE-v1'), suiteId, utf8(label), ikm), { backend });
}

/** RFC 9180 §4: LabeledExpand with HKDF-SHA256; the output length, u16, comes first. */
export function labeledExpand(
  suiteId: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
  backend: Backend,
): Uint8Array {
  return hkdfExpand(prk, concatBytes(u16(length), utf8('HPKE-v1'), suiteId, utf8(label), info), length, { backend });
}

/** RFC 9180 §5.1: mode ‖ psk_id_hash ‖ info_hash. */
export function keyScheduleContext(suiteId: Uint8Array, info: Uint8Array, backend: Backend): Uint8Array {
  const pskIdHash = labeledExtract(suiteId, NOTHING, 'psk_id_hash', NOTHING, backend);
  const infoHash = labeledExtract(suiteId, NOTHING, 'info_hash', info, backend);
  return concatBytes(Uint8Array.of(MODE_BASE), pskIdHash, infoHash);
}

const hkdfSha256: HpkeKdf = {
  id: 0x0001,
  combine({ suiteId, sharedSecret, info, keyLength, nonceLength }, backend) {
    const context = keyScheduleContext(suiteId, info, backend);
    const secret = labeledExtract(suiteId, sharedSecret, 'secret', NOTHING, backend);
    const key = labeledExpand(suiteId, secret, 'key', context, keyLength, backend);
    const baseNonce = labeledExpand(suiteId, secret, 'base_nonce', context, nonceLength, backend);
    wipe(secret);
    return { key, baseNonce };
  },
};

const chacha20Poly1305: HpkeAead = {
  id: 0x0003,
  keyLength: 32,
  nonceLength: 12,
  seal: ({ key, baseNonce }, plaintext, aad, backend) => backend.chacha20Poly1305Seal(key, baseNonce, plaintext, aad),
  open: ({ key, baseNonce }, ciphertext, aad, backend) => backend.chacha20Poly1305Open(key, baseNonce, ciphertext, aad),
};

/** The library's suite: MLKEM768-P256, HKDF-SHA256, ChaCha20-Poly1305. Spec: docs/spec/hpke.md. */
export const CN1: HpkeSuite = { kemId: 0x0050, kdf: hkdfSha256, aead: chacha20Poly1305 };

/** "HPKE" ‖ u16 KEM id ‖ u16 KDF id ‖ u16 AEAD id (RFC 9180 §5.1). */
export function suiteIdOf(suite: HpkeSuite): Uint8Array {
  return concatBytes(utf8('HPKE'), u16(suite.kemId), u16(suite.kdf.id), u16(suite.aead.id));
}

/** KeySchedule of base mode. The nonce is the one of sequence number 0: a second message under it would break the AEAD. */
export function keySchedule(suite: HpkeSuite, sharedSecret: Uint8Array, info: Uint8Array, backend: Backend): HpkeSecrets {
  assertBytes(sharedSecret, 'sharedSecret', 32);
  assertBytes(info, 'info');
  const { keyLength, nonceLength } = suite.aead;
  return suite.kdf.combine({ suiteId: suiteIdOf(suite), sharedSecret, info, keyLength, nonceLength }, backend);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}
