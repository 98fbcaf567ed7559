import { describe, expect, it } from 'vitest';
import * as aead from '../../../src/foundation/aead.js';
import * as aeadOpen from '../../../src/foundation/aead-open.js';
import type { Backend } from '../../../src/foundation/backend.js';
import * as ed25519 from '../../../src/foundation/ed25519.js';
import * as hpkeOpen from '../../../src/foundation/hpke-open.js';
import * as hpkeSchedule from '../../../src/foundation/hpke-schedule.js';
import * as hpkeSeal from '../../../src/foundation/hpke-seal.js';
import * as hybridKem from '../../../src/foundation/hybrid-kem.js';
import * as hybridKemOpen from '../../../src/foundation/hybrid-kem-open.js';
import * as hybridKemSeal from '../../../src/foundation/hybrid-kem-seal.js';
import * as kdf from '../../../src/foundation/kdf.js';
import { nodeBackend } from '../../../src/backends/node.js';
import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import * as group from '../../../src/foundation/p256-group.js';
import { systemRandom } from '../../../src/foundation/random.js';
import * as tdh2Challenge from '../../../src/foundation/tdh2-challenge.js';
import * as tdh2Open from '../../../src/foundation/tdh2-open.js';
import * as tdh2Seal from '../../../src/foundation/tdh2-seal.js';
import { backends, seededRandom } from '../../support/crypto-fixtures.js';

/** One entry, called with bytes only; `lengths[i]` is the fixed length of argument i, or undefined where any length goes. */
interface Entry {
  readonly name: string;
  readonly call: (...args: Uint8Array[]) => unknown;
  readonly good: readonly Uint8Array[];
  readonly lengths: readonly (number | undefined)[];
}

const random = seededRandom('argument types');
const bytes = (length: number): Uint8Array => random.bytes(length);
const message = bytes(40);
const privateKey = hybridKemOpen.generateHybridPrivateKey({ random });
const publicKey = hybridKemOpen.hybridPublicKey(privateKey);
const sealed = hpkeSeal.hpkeSeal({ publicKey, info: message, aad: message, plaintext: message }, { random });
const point = nobleBackend.p256PublicKey(privateKey.scalar);
const ephemeralPoint = nobleBackend.p256PublicKey(sealed.ephemeralScalar);
const tag = tdh2Seal.makeTag({ ephemeralScalar: sealed.ephemeralScalar, ephemeralPoint, context: message }, { random });
const [key, nonce, seed] = [bytes(32), bytes(24), bytes(32)];
const signature = ed25519.signMessage(message, seed);
const edPublicKey = ed25519.publicKeyOfSeed(seed);
const boxed = aead.sealXChaCha(key, nonce, message, message);

const entries: readonly Entry[] = [
  entry('sealXChaCha', aead.sealXChaCha, [key, 32], [nonce, 24], [message], [message]),
  entry('openXChaCha', aeadOpen.openXChaCha, [key, 32], [nonce, 24], [boxed], [message]),
  entry('hkdfExtract', (salt, ikm) => kdf.hkdfExtract(salt, ikm), [message], [message]),
  entry('hkdfExpand', (prk, info) => kdf.hkdfExpand(prk, info, 32), [key], [message]),
  entry('deriveKeyWith', (secret) => kdf.deriveKeyWith({}, secret, 'label'), [key]),
  entry('deriveKey', (secret) => kdf.deriveKey(secret, 'label'), [key]),
  entry('publicKeyOfSeed', (s) => ed25519.publicKeyOfSeed(s), [seed, 32]),
  entry('signMessage', (m, s) => ed25519.signMessage(m, s), [message], [seed, 32]),
  entry('verifySignature', (s, m, p) => ed25519.verifySignature(s, m, p), [signature, 64], [message], [edPublicKey, 32]),
  entry('decodeScalar', group.decodeScalar, [key, 32]),
  entry('reduceScalar', group.reduceScalar, [message]),
  entry('decodePoint', group.decodePoint, [point, 65]),
  entry('decodeCompressedPoint', group.decodeCompressedPoint, [tag.slice(0, 33), 33]),
  entry('splitPublicKey', hybridKem.splitPublicKey, [publicKey, 1249]),
  entry('splitEnc', hybridKem.splitEnc, [sealed.enc, 1153]),
  entry('keyIdOf', (p) => hybridKem.keyIdOf(p), [publicKey, 1249]),
  entry(
    'combineSecrets',
    (mlKemSecret, sharedX, e, r) => hybridKem.combineSecrets({ mlKemSecret, sharedX, ephemeralPoint: e, recipientPoint: r }),
    [key, 32],
    [key, 32],
    [point, 65],
    [point, 65],
  ),
  entry('encapsulate', (p) => hybridKemSeal.encapsulate(p), [publicKey, 1249]),
  entry(
    'hybridPublicKey',
    (scalar, s) => hybridKemOpen.hybridPublicKey({ scalar, seed: s }),
    [privateKey.scalar, 32],
    [privateKey.seed, 64],
  ),
  entry(
    'prepareHybridKey',
    (enc, scalar, s) => hybridKemOpen.prepareHybridKey({ scalar, seed: s }).decapsulate(enc),
    [sealed.enc, 1153],
    [privateKey.scalar, 32],
    [privateKey.seed, 64],
  ),
  entry('compressPoint', group.compressPoint, [point, 65]),
  entry(
    'decapsulate',
    (enc, scalar, s) => hybridKemOpen.decapsulate(enc, { scalar, seed: s }),
    [sealed.enc, 1153],
    [privateKey.scalar, 32],
    [privateKey.seed, 64],
  ),
  entry(
    'encodeHybridPrivateKey',
    (scalar, s) => hybridKemOpen.encodeHybridPrivateKey({ scalar, seed: s }),
    [privateKey.scalar, 32],
    [privateKey.seed, 64],
  ),
  entry('decodeHybridPrivateKey', hybridKemOpen.decodeHybridPrivateKey, [hybridKemOpen.encodeHybridPrivateKey(privateKey), 96]),
  entry('keySchedule', (s, info) => hpkeSchedule.keySchedule(hpkeSchedule.CN1, s, info, nobleBackend), [key, 32], [message]),
  entry(
    'hpkeSeal',
    (p, info, aad, plaintext) => hpkeSeal.hpkeSeal({ publicKey: p, info, aad, plaintext }),
    [publicKey, 1249],
    [message],
    [message],
    [message],
  ),
  entry(
    'hpkeOpen',
    (scalar, s, enc, info, aad, ciphertext) => hpkeOpen.hpkeOpen({ privateKey: { scalar, seed: s }, enc, info, aad, ciphertext }),
    [privateKey.scalar, 32],
    [privateKey.seed, 64],
    [sealed.enc, 1153],
    [message],
    [message],
    [sealed.ciphertext],
  ),
  entry(
    'makeTag',
    (scalar, e, context) => tdh2Seal.makeTag({ ephemeralScalar: scalar, ephemeralPoint: e, context }),
    [sealed.ephemeralScalar, 32],
    [ephemeralPoint, 65],
    [message],
  ),
  entry('verifyTag', tdh2Open.verifyTag, [tag, 97], [ephemeralPoint, 65], [message]),
  ...backends.flatMap(backendEntries),
];

function backendEntries(backend: Backend): Entry[] {
  const box = backend.chacha20Poly1305Seal(key, nonce.slice(0, 12), message, message);
  const ml = hybridKem.splitPublicKey(publicKey).mlKem;
  const name = (primitive: string): string => `${backend.name}: ${primitive}`;
  return [
    entry(name('sha256'), backend.sha256, [message]),
    entry(name('hmacSha256'), backend.hmacSha256, [message], [message]),
    entry(name('chacha20Poly1305Seal'), backend.chacha20Poly1305Seal, [key, 32], [nonce.slice(0, 12), 12], [message], [message]),
    entry(name('chacha20Poly1305Open'), backend.chacha20Poly1305Open, [key, 32], [nonce.slice(0, 12), 12], [box], [message]),
    entry(name('ed25519PublicKey'), backend.ed25519PublicKey, [seed, 32]),
    entry(name('ed25519Sign'), backend.ed25519Sign, [message], [seed, 32]),
    entry(name('ed25519Verify'), backend.ed25519Verify, [signature, 64], [message], [edPublicKey, 32]),
    entry(name('p256PublicKey'), backend.p256PublicKey, [key, 32]),
    entry(name('p256SharedX'), backend.p256SharedX, [key, 32], [point, 65]),
    // Left out by a backend that imports nothing.
    entry(name('p256Agreement'), (s, p) => (backend.p256Agreement ?? nodeBackend.p256Agreement)?.(s)(p), [key, 32], [point, 65]),
    entry(name('mlKem768PublicKey'), backend.mlKem768PublicKey, [privateKey.seed, 64]),
    entry(name('mlKem768Encapsulate'), (p) => backend.mlKem768Encapsulate(p, systemRandom), [ml, 1184]),
    // Left out by a backend whose keys need no expansion.
    entry(name('mlKem768Encapsulator'), (p) => (backend.mlKem768Encapsulator ?? nobleBackend.mlKem768Encapsulator)?.(p)(systemRandom), [
      ml,
      1184,
    ]),
    entry(
      name('mlKem768Decapsulator'),
      (ciphertext, s) => backend.mlKem768Decapsulator(s).decapsulate(ciphertext),
      [sealed.enc.slice(0, 1088), 1088],
      [privateKey.seed, 64],
    ),
    entry(name('mlKem768Decapsulate'), backend.mlKem768Decapsulate, [sealed.enc.slice(0, 1088), 1088], [privateKey.seed, 64]),
  ];
}

function entry(name: string, call: Entry['call'], ...args: readonly (readonly [Uint8Array, number?])[]): Entry {
  return { name, call, good: args.map(([good]) => good), lengths: args.map(([, length]) => length) };
}

function bytesIn(value: unknown): readonly Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(bytesIn) : [];
}

/** Things that libraries have taken for bytes: a string gave a zero key, a number[] a static hash. All of the right length. */
function impostors(good: Uint8Array): readonly (readonly [string, unknown])[] {
  const detached = good.slice();
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  return [
    ['string', 'a'.repeat(good.length)],
    ['number[]', Array.from(good)],
    ['{ length }', { length: good.length }],
    ['{ length, indices }', { ...good, length: good.length }],
    ['ArrayBuffer', good.slice().buffer],
    ['DataView', new DataView(good.slice().buffer)],
    ['Int8Array', new Int8Array(good)],
    ['Uint16Array', new Uint16Array(good)],
    ['detached', detached],
    ['null', null],
    ['undefined', undefined],
    ['number', good.length],
  ];
}

describe.each(entries)('$name', ({ call, good, lengths }) => {
  it('positive control: the good arguments do not throw', () => {
    expect(() => call(...good)).not.toThrow();
  });

  it('reads its arguments only, and gives back memory of its own', () => {
    const args = good.map((bytes) => new Uint8Array(bytes));
    const given = new Set<ArrayBufferLike>(args.map(({ buffer }) => buffer));
    const result = call(...args);
    expect(args).toEqual(good);
    expect(bytesIn(result).filter(({ buffer }) => given.has(buffer))).toEqual([]);
  });

  it.each(good.map((_, index) => index))('argument %i: no impostor is computed with', (index) => {
    for (const [what, impostor] of impostors(good[index] as Uint8Array)) {
      const args: unknown[] = [...good];
      args[index] = impostor;
      expect(() => call(...(args as Uint8Array[])), what).toThrow(TypeError);
    }
  });

  const fixed = lengths.flatMap((length, index) => (length === undefined ? [] : [{ index, length }]));
  it.each(fixed)('argument $index: no other length than $length is computed with', ({ index, length }) => {
    for (const wrong of [0, 1, length - 1, length + 1, 2 * length]) {
      const args = [...good];
      args[index] = new Uint8Array(wrong).fill(1);
      expect(() => call(...args), `${wrong} bytes`).toThrow(RangeError);
    }
  });
});

describe('arguments that are not bytes', () => {
  it.each([undefined, null, 'privateKey', [], {}])('a private key is an object with both halves: %j', (wrong) => {
    expect(() => hybridKemOpen.hybridPublicKey(wrong as never)).toThrow(TypeError);
    expect(() => hybridKemOpen.encodeHybridPrivateKey(wrong as never)).toThrow(TypeError);
    expect(() => hybridKemOpen.decapsulate(sealed.enc, wrong as never)).toThrow(TypeError);
  });

  it.each(['1', 1, undefined, null, {}])('scalars of the group are bigints: %j', (wrong) => {
    expect(() => group.encodeScalar(wrong as never)).toThrow(TypeError);
    expect(() => group.multiplyBase(wrong as never)).toThrow(TypeError);
    expect(() => group.multiplySecret(group.baseGenerator, wrong as never)).toThrow(TypeError);
    expect(() => group.publicDifference(wrong as never, group.baseGenerator, 1n, group.baseGenerator)).toThrow(TypeError);
  });

  it.each(['G', 1, undefined, null, {}])('points of the group are points: %j', (wrong) => {
    expect(() => group.encodePoint(wrong as never)).toThrow(TypeError);
    expect(() => group.encodeCompressedPoint(wrong as never)).toThrow(TypeError);
    expect(() => group.multiplySecret(wrong as never, 2n)).toThrow(TypeError);
  });

  it('lengths of an expansion are whole numbers from 1 to 8160', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, 8161, '32', undefined]) {
      expect(() => kdf.hkdfExpand(key, message, wrong as number)).toThrow(RangeError);
    }
    expect(() => kdf.hkdfExpand(key.slice(1), message, 32)).toThrow(RangeError);
  });

  it('a random source that gives something else is refused', () => {
    const wrongs: unknown[] = [new Uint8Array(31), new Uint8Array(0), 'a'.repeat(32), Array.from(key), undefined];
    for (const wrong of wrongs) {
      const broken = { bytes: () => wrong as Uint8Array };
      expect(() => hybridKemSeal.encapsulate(publicKey, { random: broken })).toThrow(TypeError);
      expect(() => hybridKemOpen.generateHybridPrivateKey({ random: broken })).toThrow(TypeError);
      expect(() => group.randomScalar(broken)).toThrow(TypeError);
      const input = { ephemeralScalar: sealed.ephemeralScalar, ephemeralPoint, context: message };
      expect(() => tdh2Seal.makeTag(input, { random: broken })).toThrow(TypeError);
    }
  });
});

describe('completeness', () => {
  it('every exported function is in the table or in the list of those that take no bytes from outside', () => {
    const modules = [
      aead,
      aeadOpen,
      kdf,
      ed25519,
      group,
      hybridKem,
      hybridKemSeal,
      hybridKemOpen,
      hpkeSchedule,
      hpkeSeal,
      hpkeOpen,
      tdh2Seal,
      tdh2Open,
    ];
    const exported = [...modules, tdh2Challenge].flatMap((module) =>
      Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
    );
    // Bigints, points, random sources or nothing; or called by the tested ones on checked bytes only.
    const elsewhere =
      'encodeScalar multiplyBase multiplySecret publicDifference encodePoint encodeCompressedPoint randomScalar secondGenerator ' +
      'assertAeadArguments generateHybridPrivateKey labeledExtract labeledExpand keyScheduleContext suiteIdOf tagChallenge';
    const tested = new Set([...entries.map(({ name }) => name), ...elsewhere.split(' ')]);
    expect(exported.filter((name) => !tested.has(name))).toEqual([]);
    expect(exported.length).toBeGreaterThan(30);
    for (const backend of backends) {
      const primitives = Object.entries(backend).flatMap(([name, value]) =>
        typeof value === 'function' ? [`${backend.name}: ${name}`] : [],
      );
      expect(primitives.filter((name) => !tested.has(name))).toEqual([]);
      expect(primitives.length).toBeGreaterThanOrEqual(13);
    }
  });
});
