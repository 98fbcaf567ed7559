import { createCipheriv, createDecipheriv, createECDH, createHmac, createPrivateKey, createPublicKey, hash, sign } from 'node:crypto';
import type { Backend } from '../foundation/backend.js';
import { assertBytes, concatBytes } from '../foundation/bytes.js';
import { openFailed } from '../foundation/errors.js';
import { nobleBackend } from '../foundation/noble-backend.js';
import { decodeScalar, POINT_LENGTH } from '../foundation/p256-group.js';
import { systemRandom } from '../foundation/random.js';
import { nativeMlKem768 } from './node-ml-kem.js';

const NO_PUBLIC_KEY = Buffer.alloc(32).toString('base64url');
const TAG_LENGTH = 16;
const UNCOMPRESSED = 0x04;

/**
 * Node's own primitives (OpenSSL), several times faster than noble and constant time where OpenSSL is.
 *
 * Two things stay with noble: strict Ed25519 verification, because versions of OpenSSL disagree about
 * small-order keys, and ML-KEM on a Node before 24.7.
 * ML-KEM encapsulation is native only with `systemRandom`, because OpenSSL does not let the caller give the randomness.
 */
export const nodeBackend: Backend = {
  name: 'node',

  sha256(data) {
    assertBytes(data, 'data');
    // In one call: `createHash` would cost more than hashing a record does.
    return plain(hash('sha256', data, 'buffer'));
  },

  hmacSha256(key, data) {
    assertBytes(key, 'key');
    assertBytes(data, 'data');
    return plain(createHmac('sha256', key).update(data).digest());
  },

  chacha20Poly1305Seal(key, nonce, plaintext, aad) {
    assertBytes(key, 'key', 32);
    assertBytes(nonce, 'nonce', 12);
    assertBytes(plaintext, 'plaintext');
    assertBytes(aad, 'aad');
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  },

  chacha20Poly1305Open(key, nonce, ciphertext, aad) {
    assertBytes(key, 'key', 32);
    assertBytes(nonce, 'nonce', 12);
    assertBytes(ciphertext, 'ciphertext');
    assertBytes(aad, 'aad');
    const length = ciphertext.length - TAG_LENGTH;
    if (length < 0) throw openFailed();
    try {
      const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_LENGTH });
      decipher.setAAD(aad, { plaintextLength: length });
      decipher.setAuthTag(ciphertext.subarray(length));
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      // Nothing is returned before `final` has checked the tag; a stream cipher has nothing left to give then.
      decipher.final();
      return plain(plaintext);
    } catch {
      throw openFailed();
    }
  },

  ed25519PublicKey(seed) {
    const { x } = createPublicKey(ed25519Key(seed)).export({ format: 'jwk' });
    return plain(Buffer.from(x ?? '', 'base64url'));
  },

  ed25519Sign(message, seed) {
    assertBytes(message, 'message');
    return plain(sign(null, message, ed25519Key(seed)));
  },

  ed25519Verify: nobleBackend.ed25519Verify,

  p256PublicKey(scalar) {
    return plain(p256Key(scalar).getPublicKey(null, 'uncompressed'));
  },

  p256SharedX: (scalar, point) => p256Agreement(scalar)(point),
  p256Agreement,

  mlKem768PublicKey: nativeMlKem768?.publicKey ?? nobleBackend.mlKem768PublicKey,

  mlKem768Encapsulate(publicKey, random) {
    const native = random === systemRandom ? nativeMlKem768 : undefined;
    return native?.encapsulate(publicKey) ?? nobleBackend.mlKem768Encapsulate(publicKey, random);
  },

  // OpenSSL's import of a key is fast; noble's expansion is half of an encapsulation.
  ...(nativeMlKem768 === undefined && nobleBackend.mlKem768Encapsulator !== undefined
    ? { mlKem768Encapsulator: nobleBackend.mlKem768Encapsulator }
    : {}),

  mlKem768Decapsulate: nativeMlKem768?.decapsulate ?? nobleBackend.mlKem768Decapsulate,
  mlKem768Decapsulator: nativeMlKem768?.decapsulator ?? nobleBackend.mlKem768Decapsulator,
};

/** As a JWK (RFC 8037), which Node 20 reads ten times faster than PKCS #8. `x` must be there and is not looked at beside `d`. */
function ed25519Key(seed: Uint8Array): ReturnType<typeof createPrivateKey> {
  assertBytes(seed, 'seed', 32);
  return createPrivateKey({
    key: { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url'), x: NO_PUBLIC_KEY },
    format: 'jwk',
  });
}

function p256Agreement(scalar: Uint8Array): (point: Uint8Array) => Uint8Array {
  const ecdh = p256Key(scalar);
  return (point) => {
    assertBytes(point, 'point', POINT_LENGTH);
    // OpenSSL would also take the hybrid forms 06 and 07, a second spelling of the same point.
    if (point[0] !== UNCOMPRESSED) throw new RangeError('point is not on the curve');
    try {
      return plain(ecdh.computeSecret(point));
    } catch {
      throw new RangeError('point is not on the curve');
    }
  };
}

function p256Key(scalar: Uint8Array): ReturnType<typeof createECDH> {
  decodeScalar(scalar);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  return ecdh;
}

/** A plain Uint8Array of its own: a Buffer may be a window on a pool that other secrets pass through. Only then is it copied. */
function plain(buffer: Uint8Array): Uint8Array {
  return buffer.byteLength === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : new Uint8Array(buffer);
}
