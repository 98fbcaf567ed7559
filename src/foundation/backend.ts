import type { Random } from './random.js';

/**
 * The primitives that have a faster native form, as a table. The default is noble (`nobleBackend`); `backends/node.ts` has the
 * native ones. Deterministic primitives of two backends agree byte for byte; encapsulation of one opens with the other.
 *
 * Every entry asserts its argument types and lengths (TypeError, RangeError) before it computes anything. It only reads its arguments, which may
 * be windows on what a store or a user holds, and what it returns is memory of its own, which the caller may wipe.
 */
export interface Backend {
  /** For reports and benchmarks, e.g. `noble` or `node`. */
  readonly name: string;
  /** SHA-256 (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array;
  /** HMAC-SHA256 (RFC 2104). */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305 (RFC 8439): ciphertext ‖ tag. */
  chacha20Poly1305Seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Throws `OPEN_FAILED`. */
  chacha20Poly1305Open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** Ed25519 (RFC 8032): public key of a 32-byte seed. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  ed25519Sign(message: Uint8Array, seed: Uint8Array): Uint8Array;
  /** Strict verification (RFC 8032, canonical encodings, no small-order key); used through `verifySignature`, which throws. */
  ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** scalar·G on P-256 as 65 uncompressed bytes. The scalar is 32 bytes big-endian in [1, n). */
  p256PublicKey(scalar: Uint8Array): Uint8Array;
  /** x coordinate of scalar·point (32 bytes). Refuses points off the curve and the identity with RangeError. */
  p256SharedX(scalar: Uint8Array, point: Uint8Array): Uint8Array;
  /** The same for many points: the scalar imported once. Left out where that costs nothing. Throws RangeError. */
  p256Agreement?(scalar: Uint8Array): (point: Uint8Array) => Uint8Array;
  /** ML-KEM-768 (FIPS 203) public key (1184 bytes) of a 64-byte seed d‖z. */
  mlKem768PublicKey(seed: Uint8Array): Uint8Array;
  /** Ciphertext 1088 bytes, shared secret 32. Deterministic in `random` where the platform lets us give the randomness. */
  mlKem768Encapsulate(publicKey: Uint8Array, random: Random): { ciphertext: Uint8Array; sharedSecret: Uint8Array };
  /**
   * The same for one public key, expanded once; equal results for equal randomness. Left out where expansion costs nothing.
   * Throws RangeError for a bad key.
   */
  mlKem768Encapsulator?(publicKey: Uint8Array): MlKem768Encapsulate;
  /** Implicit rejection: a forged ciphertext gives a pseudorandom secret, never an error. */
  mlKem768Decapsulate(ciphertext: Uint8Array, seed: Uint8Array): Uint8Array;
  /** The same with the key expanded once, for many ciphertexts. */
  mlKem768Decapsulator(seed: Uint8Array): MlKem768Decapsulator;
}

/** An expanded ML-KEM-768 private key. Whoever gets hold of it has the key: keep it for one run and wipe it. */
export interface MlKem768Decapsulator {
  /** As `Backend.mlKem768Decapsulate`. */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
  /** Best effort. The key is useless afterwards, and so is what it gives. */
  wipe(): void;
}

/** Encapsulates to one key. */
export type MlKem768Encapsulate = (random: Random) => { ciphertext: Uint8Array; sharedSecret: Uint8Array };

/** What every sealing or opening function takes besides its data; both have safe defaults. */
export interface CryptoOptions {
  readonly backend?: Backend;
  readonly random?: Random;
}
