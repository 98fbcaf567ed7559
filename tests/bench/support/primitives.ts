import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { nodeBackend } from '../../../src/backends/node.js';
import { nativeMlKem768 } from '../../../src/backends/node-ml-kem.js';
import type { Backend } from '../../../src/foundation/backend.js';
import { equalBytes } from '../../../src/foundation/bytes.js';
import { splitPublicKey } from '../../../src/foundation/hybrid-kem.js';
import { decodeScalar, multiplySecret, randomScalar, secondGenerator } from '../../../src/foundation/p256-group.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { must } from '../harness.js';

/** One ML-KEM encapsulation and two P-256 multiplications, on the backend. */
export function encapsulateRaw(publicKey: Uint8Array, backend: Backend): void {
  const { mlKem, point } = splitPublicKey(publicKey);
  const scalar = randomScalar(systemRandom);
  const { sharedSecret } = backend.mlKem768Encapsulate(mlKem, systemRandom);
  must(sharedSecret.length === 32 && backend.p256PublicKey(scalar).length === 65, 'a primitive gave a wrong length');
  must(backend.p256SharedX(scalar, point).length === 32, 'a primitive gave a wrong length');
}

/** The three multiplications a TDH2 tag cannot do without: e·Ḡ and w·Ḡ, which are noble's on every backend, and w·G. */
export function tagRaw(backend: Backend): void {
  const e = decodeScalar(randomScalar(systemRandom));
  const w = randomScalar(systemRandom);
  const points = [multiplySecret(secondGenerator(), e), multiplySecret(secondGenerator(), decodeScalar(w))];
  must(!points.some((point) => point.is0()), 'a multiplication gave the identity');
  must(backend.p256PublicKey(w).length === 65, 'a primitive gave a wrong length');
}

/**
 * One decapsulation as anybody would call it: noble's ML-KEM with the decapsulation key of FIPS 203, expanded once (Node's own where Node has
 * it), and P-256 on the node backend. The result is compared with what was encapsulated.
 */
export function decapsulateRaw(): () => void {
  const { mlKem768PublicKey, mlKem768Encapsulate, mlKem768Decapsulator, p256PublicKey, p256SharedX } = nodeBackend;
  const seed = systemRandom.bytes(64);
  const [scalar, ephemeral] = [randomScalar(systemRandom), randomScalar(systemRandom)];
  const { ciphertext, sharedSecret } = mlKem768Encapsulate(mlKem768PublicKey(seed), systemRandom);
  const { secretKey } = ml_kem768.keygen(seed);
  const native = nativeMlKem768 === undefined ? undefined : mlKem768Decapsulator(seed);
  const point = p256PublicKey(ephemeral);
  const sharedX = p256SharedX(ephemeral, p256PublicKey(scalar));
  return () => {
    const mlKemSecret = native?.decapsulate(ciphertext) ?? ml_kem768.decapsulate(ciphertext, secretKey);
    must(equalBytes(mlKemSecret, sharedSecret), 'ML-KEM gave another secret');
    must(equalBytes(p256SharedX(scalar, point), sharedX), 'P-256 gave another secret');
  };
}
