import * as crypto from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { nativeMlKem768 } from '../../../src/backends/node-ml-kem.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { decodePoint, encodePoint, GROUP_ORDER } from '../../../src/foundation/p256-group.js';
import { systemRandom } from '../../../src/foundation/random.js';
import { backends, flip, hex, outcomeOf, scriptedRandom, seededRandom } from '../../support/crypto-fixtures.js';

const bytes = fc.uint8Array({ maxLength: 200 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });
const seed64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
/** fast-check's arrays lean towards 0 and 255, so that zero bytes at the front are met. */
const scalar = bytes32.filter((value) => outcomeOf(() => nobleBackend.p256PublicKey(value)) === 'returned');

describe('the two backends', () => {
  it('agree byte for byte on hashes, MACs and AEAD', () => {
    fc.assert(
      fc.property(bytes32, nonce, bytes, bytes, (key, iv, data, aad) => {
        expect(nodeBackend.sha256(data)).toEqual(nobleBackend.sha256(data));
        expect(nodeBackend.hmacSha256(aad, data)).toEqual(nobleBackend.hmacSha256(aad, data));
        const box = nobleBackend.chacha20Poly1305Seal(key, iv, data, aad);
        expect(nodeBackend.chacha20Poly1305Seal(key, iv, data, aad)).toEqual(box);
        for (const backend of backends) expect(backend.chacha20Poly1305Open(key, iv, box, aad)).toEqual(data);
      }),
      { numRuns: 60 },
    );
  });

  it('agree byte for byte on Ed25519 and P-256', () => {
    fc.assert(
      fc.property(bytes32, scalar, scalar, bytes, (seed, a, b, message) => {
        expect(nodeBackend.ed25519PublicKey(seed)).toEqual(nobleBackend.ed25519PublicKey(seed));
        expect(nodeBackend.ed25519Sign(message, seed)).toEqual(nobleBackend.ed25519Sign(message, seed));
        const point = nobleBackend.p256PublicKey(b);
        expect(nodeBackend.p256PublicKey(b)).toEqual(point);
        expect(nodeBackend.p256SharedX(a, point)).toEqual(nobleBackend.p256SharedX(a, point));
        const agree = nodeBackend.p256Agreement?.(a);
        // Twice: what one agreement leaves behind must not change the next.
        for (const each of [point, nodeBackend.p256PublicKey(a), point]) expect(agree?.(each)).toEqual(nobleBackend.p256SharedX(a, each));
        expect(nodeBackend.p256SharedX(b, nodeBackend.p256PublicKey(a))).toEqual(nobleBackend.p256SharedX(a, point));
      }),
      { numRuns: 25 },
    );
  });

  it('agree on ML-KEM keys, open each other, and reject implicitly alike', () => {
    fc.assert(
      fc.property(seed64, bytes32, fc.nat(1087), (seed, message, index) => {
        const publicKey = nobleBackend.mlKem768PublicKey(seed);
        expect(nodeBackend.mlKem768PublicKey(seed)).toEqual(publicKey);
        const fixed = nodeBackend.mlKem768Encapsulate(publicKey, scriptedRandom(message));
        expect(fixed).toEqual(nobleBackend.mlKem768Encapsulate(publicKey, scriptedRandom(message)));
        for (const { ciphertext, sharedSecret } of [fixed, nodeBackend.mlKem768Encapsulate(publicKey, systemRandom)]) {
          for (const backend of backends) expect(backend.mlKem768Decapsulate(ciphertext, seed)).toEqual(sharedSecret);
          const forged = flip(ciphertext, index);
          const rejected = nobleBackend.mlKem768Decapsulate(forged, seed);
          expect(rejected).not.toEqual(sharedSecret);
          expect(nodeBackend.mlKem768Decapsulate(forged, seed)).toEqual(rejected);
          for (const backend of backends) {
            const prepared = backend.mlKem768Decapsulator(seed);
            // Twice: what one decapsulation leaves behind must not change the next.
            for (let i = 0; i < 2; i++)
              expect([prepared.decapsulate(ciphertext), prepared.decapsulate(forged)]).toEqual([sharedSecret, rejected]);
            prepared.wipe();
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it('return plain arrays of their own, never a window on a shared pool', () => {
    const key = seededRandom('plain').bytes(32);
    for (const backend of backends) {
      const outputs = [backend.sha256(key), backend.hmacSha256(key, key), backend.p256PublicKey(key), backend.ed25519Sign(key, key)];
      for (const output of outputs) {
        expect(Object.getPrototypeOf(output)).toBe(Uint8Array.prototype);
        expect(output.buffer.byteLength).toBe(output.length);
      }
    }
  });
});

describe.each(backends)('$name: scalars and points', (backend) => {
  const good = backend.p256PublicKey(order(-1n));

  it('scalars are in [1, n)', () => {
    expect(good).toHaveLength(65);
    for (const wrong of [order(0n), order(1n), new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      expect(() => backend.p256PublicKey(wrong)).toThrow(RangeError);
      expect(() => backend.p256SharedX(wrong, good)).toThrow(RangeError);
    }
  });

  it('points are on the curve, canonical and not the identity', () => {
    const one = order(1n - GROUP_ORDER);
    expect(backend.p256SharedX(one, good)).toEqual(good.slice(1, 33));
    const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
    // x = 5 is on the curve, so that 5 + p is a second spelling that only a canonical decoder refuses.
    const five = encodePoint(decodePointOfX(5n));
    expect(backend.p256SharedX(one, five)).toEqual(five.slice(1, 33));
    const respelt = new Uint8Array([4, ...hex((5n + p).toString(16).padStart(64, '0')), ...five.slice(33)]);
    const wrongs = {
      'off the curve': flip(good, 64),
      'not canonical': respelt,
      'hybrid form': new Uint8Array([6 + ((good[64] as number) & 1), ...good.slice(1)]),
      'compressed form, padded': new Uint8Array([2, ...good.slice(1)]),
      identity: new Uint8Array(65),
      'zero coordinates': new Uint8Array([4, ...new Uint8Array(64)]),
    };
    for (const [what, wrong] of Object.entries(wrongs)) {
      expect(() => backend.p256SharedX(one, wrong), what).toThrow(RangeError);
      expect(() => decodePoint(wrong), what).toThrow(RangeError);
    }
  });
});

describe('strict Ed25519', () => {
  // A = R = the neutral element and S = 0 satisfy the equation for every message.
  const neutral = hex(`01${'00'.repeat(31)}`);
  const signature = hex(`01${'00'.repeat(63)}`);
  const message = hex('00');

  it('positive control: the permissive rule of ZIP-215 accepts a small-order key', () => {
    expect(ed25519.verify(signature, message, neutral, { zip215: true })).toBe(true);
  });

  // OpenSSL 3.0 (Node 20) accepts it and 3.5 (Node 24) does not: the reason why the node backend verifies with noble.

  it.each(backends)('small-order and non-canonical keys and R are refused, $name', (backend) => {
    const seed = seededRandom('ed25519').bytes(32);
    const good = backend.ed25519Sign(message, seed);
    const publicKey = backend.ed25519PublicKey(seed);
    expect(backend.ed25519Verify(good, message, publicKey)).toBe(true);
    expect(backend.ed25519Verify(signature, message, neutral)).toBe(false);
    // y = p + 1, the neutral element once more.
    const again = hex(`ee${'ff'.repeat(30)}7f`);
    expect(backend.ed25519Verify(signature, message, again)).toBe(false);
    expect(backend.ed25519Verify(new Uint8Array([...again, ...new Uint8Array(32)]), message, neutral)).toBe(false);
    for (let i = 0; i < 64; i++) expect(backend.ed25519Verify(flip(good, i), message, publicKey)).toBe(false);
  });
});

describe('native ML-KEM', () => {
  it('is used where this Node has it and only there', () => {
    expect(nativeMlKem768 !== undefined).toBe('encapsulate' in crypto);
  });

  it.skipIf(!nativeMlKem768)('refuses unreduced keys as noble does', () => {
    const publicKey = nobleBackend.mlKem768PublicKey(new Uint8Array(64));
    publicKey.set([0xff, 0xff, 0xff]);
    for (const backend of backends) expect(() => backend.mlKem768Encapsulate(publicKey, systemRandom)).toThrow(RangeError);
  });
});

/** n + delta as 32 bytes. */
function order(delta: bigint): Uint8Array {
  return hex((GROUP_ORDER + delta).toString(16).padStart(64, '0'));
}

/** Some point with this x coordinate; throws where there is none. */
function decodePointOfX(x: bigint): ReturnType<typeof decodePoint> {
  const uncompressed = crypto.ECDH.convertKey(
    hex(`02${x.toString(16).padStart(64, '0')}`),
    'prime256v1',
    undefined,
    undefined,
    'uncompressed',
  );
  return decodePoint(new Uint8Array(uncompressed as Buffer));
}
