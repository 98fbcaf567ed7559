import { describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import type { Backend } from '../../../src/foundation/backend.js';
import { encapsulate } from '../../../src/foundation/hybrid-kem-seal.js';
import { generateHybridPrivateKey, hybridPublicKey } from '../../../src/foundation/hybrid-kem-open.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { rememberKeys } from '../../../src/foundation/remembered-keys.js';
import { seededRandom } from '../../support/crypto-fixtures.js';

const keysOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) => nobleBackend.mlKem768PublicKey(seededRandom(`key ${i}`).bytes(64)));

/** Counts expansions, and whether the plain function was ever called. */
function counting(): { readonly backend: Backend; readonly expanded: () => number } {
  let expanded = 0;
  const expand = nobleBackend.mlKem768Encapsulator as NonNullable<Backend['mlKem768Encapsulator']>;
  const backend: Backend = {
    ...nobleBackend,
    mlKem768Encapsulator: (publicKey) => {
      expanded++;
      return expand(publicKey);
    },
    mlKem768Encapsulate: () => {
      throw new Error('not to be called');
    },
  };
  return { backend, expanded: () => expanded };
}

describe('a backend that remembers keys', () => {
  it.each([nobleBackend, nodeBackend])('$name: encapsulates byte for byte as without', (backend) => {
    const remembering = rememberKeys(backend);
    for (const key of [...keysOf(3), ...keysOf(3)]) {
      const plain = backend.mlKem768Encapsulate(key, seededRandom('same'));
      expect(remembering.mlKem768Encapsulate(key, seededRandom('same'))).toEqual(plain);
    }
  });

  it('expands a key once, and again when four others came since', () => {
    const { backend, expanded } = counting();
    const remembering = rememberKeys(backend);
    const [first, ...others] = keysOf(5) as [Uint8Array, ...Uint8Array[]];
    for (let i = 0; i < 3; i++) remembering.mlKem768Encapsulate(first.slice(), seededRandom('a'));
    expect(expanded()).toBe(1);
    for (const key of others) remembering.mlKem768Encapsulate(key, seededRandom('a'));
    expect(expanded()).toBe(5);
    remembering.mlKem768Encapsulate(first, seededRandom('a'));
    expect(expanded()).toBe(6);
  });

  it('knows a key by its bytes: what the caller does to his array later changes nothing', () => {
    const remembering = rememberKeys(nobleBackend);
    const [one, two] = keysOf(2) as [Uint8Array, Uint8Array];
    const given = one.slice();
    const before = remembering.mlKem768Encapsulate(given, seededRandom('a'));
    given.set(two);
    expect(remembering.mlKem768Encapsulate(given, seededRandom('a'))).toEqual(nobleBackend.mlKem768Encapsulate(two, seededRandom('a')));
    expect(remembering.mlKem768Encapsulate(one, seededRandom('a'))).toEqual(before);
  });

  it('refuses a bad key as without, and remembers none', () => {
    const remembering = rememberKeys(nobleBackend);
    const bad = new Uint8Array(1184).fill(0xff);
    for (let i = 0; i < 2; i++) expect(() => remembering.mlKem768Encapsulate(bad, seededRandom('a'))).toThrow(RangeError);
    expect(() => remembering.mlKem768Encapsulate(new Uint8Array(3), seededRandom('a'))).toThrow(RangeError);
    expect(() => remembering.mlKem768Encapsulate('key' as never, seededRandom('a'))).toThrow(TypeError);
    const publicKey = hybridPublicKey(generateHybridPrivateKey());
    publicKey.fill(0xff, 0, 1184);
    expect(() => encapsulate(publicKey, { backend: remembering })).toThrow(expect.objectContaining({ code: 'KEYS_INVALID' }));
  });

  it('is the same backend where keys need no expansion, and once only', () => {
    const { mlKem768Encapsulator: _, ...plain } = nobleBackend;
    expect(rememberKeys(plain)).toBe(plain);
    const remembering = rememberKeys(nobleBackend);
    expect(rememberKeys(remembering)).toBe(remembering);
  });
});
