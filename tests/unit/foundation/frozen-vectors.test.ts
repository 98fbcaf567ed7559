import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/foundation/bytes.js';
import { hpkeOpen } from '../../../src/foundation/hpke-open.js';
import { hpkeSeal } from '../../../src/foundation/hpke-seal.js';
import { keyIdOf, splitEnc } from '../../../src/foundation/hybrid-kem.js';
import {
  decapsulate,
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridPrivateKey,
  hybridPublicKey,
} from '../../../src/foundation/hybrid-kem-open.js';
import { encapsulate } from '../../../src/foundation/hybrid-kem-seal.js';
import { encodeCompressedPoint, GROUP_ORDER, secondGenerator } from '../../../src/foundation/p256-group.js';
import { verifyTag } from '../../../src/foundation/tdh2-open.js';
import { makeTag } from '../../../src/foundation/tdh2-seal.js';
import { backends, flip, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';

/**
 * The repository's own vectors, made by this code from a seeded source and frozen. `UPDATE_VECTORS=1` writes them again; a change of a
 * file that is not wanted is a change of the wire format.
 */
const file = (name: string): URL => new URL(`../../vectors/${name}.json`, import.meta.url);

interface KemVector {
  readonly seed: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly keyId: string;
  readonly enc: string;
  readonly ephemeralScalar: string;
  readonly sharedSecret: string;
  readonly info: string;
  readonly aad: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

interface TagVector {
  readonly seed: string;
  readonly ephemeralScalar: string;
  readonly ephemeralPoint: string;
  readonly context: string;
  readonly tag: string;
}

interface TagRefusal {
  readonly why: string;
  readonly tag: string;
  readonly ephemeralPoint: string;
  readonly context: string;
  readonly outcome: 'OPEN_FAILED';
}

interface TagFile {
  readonly secondGenerator: string;
  readonly valid: readonly TagVector[];
  readonly refused: readonly TagRefusal[];
}

function makeKemVectors(): readonly KemVector[] {
  return ['hybrid-kem 1', 'hybrid-kem 2', 'hybrid-kem 3'].map((seed, i) => {
    const random = seededRandom(seed);
    const privateKey = generateHybridPrivateKey({ random });
    const publicKey = hybridPublicKey(privateKey);
    const [info, aad, plaintext] = [random.bytes(8 * i), random.bytes(16 * i), random.bytes(32)];
    const { enc, ciphertext, ephemeralScalar } = hpkeSeal({ publicKey, info, aad, plaintext }, { random });
    return {
      seed,
      privateKey: toHex(encodeHybridPrivateKey(privateKey)),
      publicKey: toHex(publicKey),
      keyId: toHex(keyIdOf(publicKey)),
      enc: toHex(enc),
      ephemeralScalar: toHex(ephemeralScalar),
      sharedSecret: toHex(decapsulate(enc, privateKey)),
      info: toHex(info),
      aad: toHex(aad),
      plaintext: toHex(plaintext),
      ciphertext: toHex(ciphertext),
    };
  });
}

function makeTagVectors(): TagFile {
  const valid = ['tdh2 1', 'tdh2 2', 'tdh2 3'].map((seed, i) => {
    const random = seededRandom(seed);
    const publicKey = hybridPublicKey(generateHybridPrivateKey({ random }));
    const { enc, ephemeralScalar } = encapsulate(publicKey, { random });
    const ephemeralPoint = splitEnc(enc).point;
    const context = random.bytes(32 * i);
    const tag = makeTag({ ephemeralScalar, ephemeralPoint, context }, { random });
    return {
      seed,
      ephemeralScalar: toHex(ephemeralScalar),
      ephemeralPoint: toHex(ephemeralPoint),
      context: toHex(context),
      tag: toHex(tag),
    };
  });
  return { secondGenerator: toHex(encodeCompressedPoint(secondGenerator())), valid, refused: refusals(valid) };
}

function refusals(valid: readonly TagVector[]): readonly TagRefusal[] {
  const [, one, two] = valid as [TagVector, TagVector, TagVector];
  const tag = fromHex(one.tag);
  const order = fromHex(GROUP_ORDER.toString(16));
  const of = (why: string, wrong: Partial<TagRefusal>): TagRefusal => ({
    why,
    tag: one.tag,
    ephemeralPoint: one.ephemeralPoint,
    context: one.context,
    outcome: 'OPEN_FAILED',
    ...wrong,
  });
  const splice = (offset: number, bytes: Uint8Array): string =>
    toHex(concatBytes(tag.slice(0, offset), bytes, tag.slice(offset + bytes.length)));
  return [
    of('the context of another tag', { context: two.context }),
    of('the ephemeral point of another tag', { ephemeralPoint: two.ephemeralPoint }),
    of('an ephemeral point off the curve', { ephemeralPoint: toHex(flip(fromHex(one.ephemeralPoint), 64)) }),
    of('an ephemeral point of zeros', { ephemeralPoint: '00'.repeat(65) }),
    of('Ē negated', { tag: toHex(flip(tag, 0)) }),
    of('Ē of zeros', { tag: splice(0, new Uint8Array(33)) }),
    of('Ē with an uncompressed prefix', { tag: splice(0, Uint8Array.of(4)) }),
    of('challenge with a flipped bit', { tag: toHex(flip(tag, 33)) }),
    of('challenge of zeros', { tag: splice(33, new Uint8Array(32)) }),
    of('response with a flipped bit', { tag: toHex(flip(tag, 96)) }),
    of('response 0', { tag: splice(65, new Uint8Array(32)) }),
    of('response n', { tag: splice(65, order) }),
    of('response 2^256 − 1', { tag: splice(65, new Uint8Array(32).fill(0xff)) }),
  ];
}

function frozen<T>(name: string, made: () => T): T {
  if (process.env['UPDATE_VECTORS'] === '1') writeFileSync(file(name), `${JSON.stringify(made(), null, 2)}\n`);
  return JSON.parse(readFileSync(file(name), 'utf8')) as T;
}

describe('hybrid-kem.json', () => {
  const vectors = frozen('hybrid-kem', makeKemVectors);

  it('is what the code makes today: 3 cases', () => {
    expect(vectors).toHaveLength(3);
    expect(makeKemVectors()).toEqual(vectors);
  });

  it.each(backends)('opens, $name', (backend) => {
    for (const vector of vectors) {
      const privateKey = decodeHybridPrivateKey(fromHex(vector.privateKey));
      expect(toHex(hybridPublicKey(privateKey, { backend }))).toBe(vector.publicKey);
      const enc = fromHex(vector.enc);
      expect(toHex(decapsulate(enc, privateKey, { backend }))).toBe(vector.sharedSecret);
      const sealed = { info: fromHex(vector.info), aad: fromHex(vector.aad), ciphertext: fromHex(vector.ciphertext) };
      expect(toHex(hpkeOpen({ privateKey, enc, ...sealed }, { backend }))).toBe(vector.plaintext);
    }
  });
});

describe('tdh2.json', () => {
  const vectors = frozen('tdh2', makeTagVectors);

  it('is what the code makes today: 3 valid tags, 13 refused', () => {
    expect([vectors.valid.length, vectors.refused.length]).toEqual([3, 13]);
    expect(makeTagVectors()).toEqual(vectors);
  });

  it('valid tags verify', () => {
    for (const { tag, ephemeralPoint, context } of vectors.valid) verifyTag(fromHex(tag), fromHex(ephemeralPoint), fromHex(context));
  });

  it.each(vectors.refused)('refused: $why', ({ tag, ephemeralPoint, context, outcome }) => {
    expect(outcomeOf(() => verifyTag(fromHex(tag), fromHex(ephemeralPoint), fromHex(context)))).toBe(outcome);
  });
});
