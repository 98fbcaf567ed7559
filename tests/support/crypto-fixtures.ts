import { sha256 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { nodeBackend } from '../../src/backends/node.js';
import type { Backend } from '../../src/foundation/backend.js';
import { concatBytes } from '../../src/foundation/bytes.js';
import type { HybridPrivateKey } from '../../src/foundation/hybrid-kem.js';
import { nobleBackend } from '../../src/foundation/noble-backend.js';
import { randomScalar } from '../../src/foundation/p256-group.js';
import type { Random } from '../../src/foundation/random.js';
import { encodeTuple, u32 } from '../../src/foundation/tuple.js';

export const backends: readonly Backend[] = [nobleBackend, nodeBackend];

/** Lower- or upper-case hex of a public vector. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** A reproducible source, for frozen vectors: SHA-256(seed, counter) blocks. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool: Uint8Array = new Uint8Array(0);
  return {
    bytes(length) {
      while (pool.length < length) pool = concatBytes(pool, sha256(encodeTuple('test random', seed, u32(counter++))));
      const out = pool.slice(0, length);
      pool = pool.slice(length);
      return out;
    },
  };
}

/** Hands out exactly these bytes, in order; asking for more throws. */
export function scriptedRandom(bytes: Uint8Array): Random {
  let offset = 0;
  return {
    bytes(length) {
      if (offset + length > bytes.length) throw new Error('the script is over');
      offset += length;
      return bytes.slice(offset - length, offset);
    },
  };
}

/** The draft's 32-byte private key: SHAKE256 to 64 bytes of ML-KEM seed and four windows for the scalar. Our own keys keep the halves. */
export function privateKeyOfDraftSeed(seed: Uint8Array): HybridPrivateKey {
  const expanded = shake256(seed, { dkLen: 64 + 128 });
  return { scalar: randomScalar(scriptedRandom(expanded.slice(64))), seed: expanded.slice(0, 64) };
}

/** The error's code, its class for a caller's bug, or `returned`. */
export function outcomeOf(run: () => unknown): string {
  try {
    run();
    return 'returned';
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    return error instanceof Error ? error.constructor.name : 'not an error';
  }
}

/** A copy with one bit of one byte flipped. */
export function flip(bytes: Uint8Array, index: number, mask = 1): Uint8Array {
  const out = bytes.slice();
  out[index] = (out[index] as number) ^ mask;
  return out;
}
