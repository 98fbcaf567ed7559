import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import type { Backend } from './backend.js';
import { assertBytes, wipe } from './bytes.js';
import { openFailed } from './errors.js';
import { decodePoint, decodeScalar, encodePoint, multiplyBase, multiplySecret } from './p256-group.js';
import { drawBytes } from './random.js';

/**
 * The default backend: every primitive from @noble/*, in portable JavaScript, the same in browsers and in Node.
 *
 * Secret-scalar multiplications go through noble's `multiply`, which does the same point operations whatever the scalar is; big-integer
 * arithmetic in JavaScript is still not constant time, so an attacker who times many operations on the same machine is out of scope.
 */
export const nobleBackend: Backend = {
  name: 'noble',

  sha256(data) {
    assertBytes(data, 'data');
    return sha256(data);
  },

  hmacSha256(key, data) {
    assertBytes(key, 'key');
    assertBytes(data, 'data');
    return hmac(sha256, key, data);
  },

  chacha20Poly1305Seal(key, nonce, plaintext, aad) {
    assertBytes(key, 'key', 32);
    assertBytes(nonce, 'nonce', 12);
    assertBytes(plaintext, 'plaintext');
    assertBytes(aad, 'aad');
    return chacha20poly1305(key, nonce, aad).encrypt(plaintext);
  },

  chacha20Poly1305Open(key, nonce, ciphertext, aad) {
    assertBytes(key, 'key', 32);
    assertBytes(nonce, 'nonce', 12);
    assertBytes(ciphertext, 'ciphertext');
    assertBytes(aad, 'aad');
    try {
      return chacha20poly1305(key, nonce, aad).decrypt(ciphertext);
    } catch {
      throw openFailed();
    }
  },

  ed25519PublicKey(seed) {
    assertBytes(seed, 'seed', 32);
    return ed25519.getPublicKey(seed);
  },

  ed25519Sign(message, seed) {
    assertBytes(message, 'message');
    assertBytes(seed, 'seed', 32);
    return ed25519.sign(message, seed);
  },

  ed25519Verify(signature, message, publicKey) {
    assertBytes(signature, 'signature', 64);
    assertBytes(message, 'message');
    assertBytes(publicKey, 'publicKey', 32);
    try {
      // Not ZIP-215: that rule takes non-canonical encodings and small-order keys, under which one signature fits many messages.
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },

  p256PublicKey(scalar) {
    return encodePoint(multiplyBase(decodeScalar(scalar)));
  },

  p256SharedX(scalar, point) {
    const secret = decodeScalar(scalar);
    return encodePoint(multiplySecret(decodePoint(point), secret)).slice(1, 33);
  },

  mlKem768PublicKey(seed) {
    assertBytes(seed, 'seed', 64);
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    wipe(secretKey);
    return publicKey;
  },

  mlKem768Encapsulate(publicKey, random) {
    assertBytes(publicKey, 'publicKey', 1184);
    const message = drawBytes(random, 32);
    try {
      // noble runs the modulus check of FIPS 203 §7.2 and throws when a coefficient is not reduced.
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, message);
      return { ciphertext: cipherText, sharedSecret };
    } catch {
      throw new RangeError('publicKey is not an ML-KEM-768 encapsulation key');
    } finally {
      wipe(message);
    }
  },

  mlKem768Encapsulator(publicKey) {
    assertBytes(publicKey, 'publicKey', 1184);
    const prepared = asKey(() => ml_kem768.prepare(publicKey));
    return (random) => {
      const message = drawBytes(random, 32);
      const { cipherText, sharedSecret } = prepared.encapsulate(message);
      wipe(message);
      return { ciphertext: cipherText, sharedSecret };
    };
  },

  mlKem768Decapsulate(ciphertext, seed) {
    assertBytes(ciphertext, 'ciphertext', 1088);
    assertBytes(seed, 'seed', 64);
    const { secretKey } = ml_kem768.keygen(seed);
    try {
      return ml_kem768.decapsulate(ciphertext, secretKey);
    } finally {
      wipe(secretKey);
    }
  },

  mlKem768Decapsulator(seed) {
    assertBytes(seed, 'seed', 64);
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    // The matrix and t̂, both public; noble binds the secret key to them at each call.
    const prepared = ml_kem768.prepare(publicKey);
    return {
      decapsulate(ciphertext) {
        assertBytes(ciphertext, 'ciphertext', 1088);
        return prepared.decapsulate(ciphertext, secretKey);
      },
      wipe() {
        wipe(secretKey);
        prepared.clean();
      },
    };
  },
};

/** noble checks the modulus (FIPS 203 §7.2) and throws. */
function asKey<T>(use: () => T): T {
  try {
    return use();
  } catch {
    throw new RangeError('publicKey is not an ML-KEM-768 encapsulation key');
  }
}
