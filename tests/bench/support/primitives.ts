import type { Backend } from '../../../src/foundation/backend.js';
import { splitPublicKey } from '../../../src/foundation/hybrid-kem.js';
import { decodeScalar, multiplyBase, multiplySecret, randomScalar, secondGenerator } from '../../../src/foundation/p256-group.js';
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

/** The three multiplications a TDH2 tag cannot do without: e·Ḡ, w·G, w·Ḡ. They are noble's on every backend. */
export function tagRaw(): void {
  const e = decodeScalar(randomScalar(systemRandom));
  const w = decodeScalar(randomScalar(systemRandom));
  const points = [multiplySecret(secondGenerator(), e), multiplyBase(w), multiplySecret(secondGenerator(), w)];
  must(!points.some((point) => point.is0()), 'a multiplication gave the identity');
}
