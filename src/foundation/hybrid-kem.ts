import { sha3_256 } from '@noble/hashes/sha3.js';
import type { CryptoOptions } from './backend.js';
import { assertBytes, concatBytes, utf8, wipe } from './bytes.js';
import { LABELS } from './labels.js';
import { POINT_LENGTH } from './p256-group.js';
import { sha256 } from './sha256.js';
import { hashTupleBy } from './tuple.js';

/**
 * The hybrid KEM MLKEM768-P256 (HPKE KEM id 0x0050, draft-ietf-hpke-pq, draft-irtf-cfrg-concrete-hybrid-kems): what the sealing and the
 * opening half share. An attacker has to break both ML-KEM-768 and P-256 to learn the shared secret.
 *
 * Both halves are laid out post-quantum first. The layout and the combiner are held to noble's `ml_kem768_p256` and to the public vectors.
 */
export const ML_KEM_PUBLIC_KEY_LENGTH = 1184;
export const ML_KEM_CIPHERTEXT_LENGTH = 1088;
export const ML_KEM_SEED_LENGTH = 64;

/** ML-KEM-768 encapsulation key 1184 ‖ P-256 point, uncompressed, 65. */
export const HYBRID_PUBLIC_KEY_LENGTH = ML_KEM_PUBLIC_KEY_LENGTH + POINT_LENGTH;
/** ML-KEM-768 ciphertext 1088 ‖ ephemeral P-256 point, uncompressed, 65. */
export const HYBRID_ENC_LENGTH = ML_KEM_CIPHERTEXT_LENGTH + POINT_LENGTH;
/** P-256 scalar 32 ‖ ML-KEM-768 seed d‖z 64. */
export const HYBRID_PRIVATE_KEY_LENGTH = 96;
export const SHARED_SECRET_LENGTH = 32;
export const KEY_ID_LENGTH = 16;

/** Its two halves are apart, not one seed as in the draft: the scalar is shared among custodians as an element of Z_n. */
export interface HybridPrivateKey {
  /** P-256, 32 bytes big-endian in [1, n). */
  readonly scalar: Uint8Array;
  /** ML-KEM-768, d‖z (FIPS 203 §7.1), 64 bytes. */
  readonly seed: Uint8Array;
}

export interface SplitPublicKey {
  readonly mlKem: Uint8Array;
  readonly point: Uint8Array;
}

export interface SplitEnc {
  readonly mlKem: Uint8Array;
  readonly point: Uint8Array;
}

/** Copies of both halves; lengths are checked, contents are not. Throws TypeError or RangeError. */
export function splitPublicKey(publicKey: Uint8Array): SplitPublicKey {
  assertBytes(publicKey, 'publicKey', HYBRID_PUBLIC_KEY_LENGTH);
  return { mlKem: copyOf(publicKey, 0, ML_KEM_PUBLIC_KEY_LENGTH), point: copyOf(publicKey, ML_KEM_PUBLIC_KEY_LENGTH) };
}

/** Copies of both halves; lengths are checked, contents are not. Throws TypeError or RangeError. */
export function splitEnc(enc: Uint8Array): SplitEnc {
  assertBytes(enc, 'enc', HYBRID_ENC_LENGTH);
  return { mlKem: copyOf(enc, 0, ML_KEM_CIPHERTEXT_LENGTH), point: copyOf(enc, ML_KEM_CIPHERTEXT_LENGTH) };
}

/** The 16 bytes that name a public key in a wrap. */
export function keyIdOf(publicKey: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  assertBytes(publicKey, 'publicKey', HYBRID_PUBLIC_KEY_LENGTH);
  return hashTupleBy(options.backend?.sha256 ?? sha256, LABELS.keyId, publicKey).slice(0, KEY_ID_LENGTH);
}

/**
 * C2PRI combiner: SHA3-256(ss_PQ ‖ ss_T ‖ ct_T ‖ ek_T ‖ "MLKEM768-P256"). Every input but the constant at the end has a fixed length, so
 * the concatenation is injective. The ML-KEM ciphertext and key may stay out because ML-KEM binds them itself; the P-256 ones may not.
 */
export function combineSecrets(parts: {
  readonly mlKemSecret: Uint8Array;
  readonly sharedX: Uint8Array;
  readonly ephemeralPoint: Uint8Array;
  readonly recipientPoint: Uint8Array;
}): Uint8Array {
  assertBytes(parts.mlKemSecret, 'mlKemSecret', SHARED_SECRET_LENGTH);
  assertBytes(parts.sharedX, 'sharedX', 32);
  assertBytes(parts.ephemeralPoint, 'ephemeralPoint', POINT_LENGTH);
  assertBytes(parts.recipientPoint, 'recipientPoint', POINT_LENGTH);
  const input = concatBytes(parts.mlKemSecret, parts.sharedX, parts.ephemeralPoint, parts.recipientPoint, utf8('MLKEM768-P256'));
  const sharedSecret = sha3_256(input);
  wipe(input);
  return sharedSecret;
}

/** Not `slice`: on a Buffer that is a window, and wiping the Buffer would wipe what was taken out of it. */
function copyOf(bytes: Uint8Array, start: number, end?: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
