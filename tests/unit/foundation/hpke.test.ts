import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegistryError } from '../../../src/foundation/errors.js';
import { hpkeOpen } from '../../../src/foundation/hpke-open.js';
import { CN1, suiteIdOf } from '../../../src/foundation/hpke-schedule.js';
import { hpkeSeal } from '../../../src/foundation/hpke-seal.js';
import { generateHybridPrivateKey, hybridPublicKey, prepareHybridKey } from '../../../src/foundation/hybrid-kem-open.js';
import { backends, flip, hex, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';

const random = seededRandom('hpke');
const privateKey = generateHybridPrivateKey({ random });
const publicKey = hybridPublicKey(privateKey);
const message = { info: random.bytes(20), aad: random.bytes(24), plaintext: random.bytes(32) };

describe('suite CN1', () => {
  it('is MLKEM768-P256, HKDF-SHA256, ChaCha20-Poly1305', () => {
    expect(suiteIdOf(CN1)).toEqual(hex('48504b45005000010003'));
  });
});

describe.each(backends)('HPKE, sealed by either backend, opened by $name', (backend) => {
  it('opens what was sealed', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.constantFrom(...backends), (info, aad, plaintext, sealer) => {
        const { enc, ciphertext } = hpkeSeal({ publicKey, info, aad, plaintext }, { backend: sealer });
        expect([enc.length, ciphertext.length]).toEqual([1153, plaintext.length + 16]);
        expect(hpkeOpen({ privateKey, enc, info, aad, ciphertext }, { backend })).toEqual(plaintext);
      }),
      { numRuns: 15 },
    );
  });

  it('any changed byte gives the one error, with nothing else in it', () => {
    const { info, aad } = message;
    const { enc, ciphertext } = hpkeSeal({ publicKey, ...message }, { backend, random: seededRandom('flips') });
    const good = { privateKey, enc, info, aad, ciphertext };
    expect(hpkeOpen(good, { backend })).toEqual(message.plaintext);
    const wrongs = [
      ...sample(enc.length, 37).map((i) => ({ ...good, enc: flip(enc, i, 0x10) })),
      ...sample(ciphertext.length, 1).map((i) => ({ ...good, ciphertext: flip(ciphertext, i) })),
      ...sample(aad.length, 3).map((i) => ({ ...good, aad: flip(aad, i) })),
      ...sample(info.length, 3).map((i) => ({ ...good, info: flip(info, i) })),
      ...[0, 1, 15, 16, ciphertext.length - 1].map((length) => ({ ...good, ciphertext: ciphertext.slice(0, length) })),
      { ...good, aad: info, info: aad },
      { ...good, privateKey: generateHybridPrivateKey({ random: seededRandom('somebody else') }) },
    ];
    expect(wrongs.length).toBeGreaterThan(100);
    for (const wrong of wrongs) {
      const error = thrownBy(() => hpkeOpen(wrong, { backend }));
      expect(error).toBeInstanceOf(RegistryError);
      expect(JSON.stringify(error)).toBe('{"code":"OPEN_FAILED","message":"could not open","retryable":false,"details":{}}');
    }
  });

  it('opens with a prepared key as with the key, and leaves that alone; what is no key is refused', () => {
    const { info, aad } = message;
    const sealed = [1, 2].map(() => hpkeSeal({ publicKey, ...message }, { backend }));
    const prepared = prepareHybridKey(privateKey, { backend });
    for (const { enc, ciphertext } of sealed) {
      expect(hpkeOpen({ privateKey: prepared, enc, info, aad, ciphertext }, { backend })).toEqual(message.plaintext);
      expect(outcomeOf(() => hpkeOpen({ privateKey: prepared, enc: flip(enc, 1100), info, aad, ciphertext }, { backend }))).toBe(
        'OPEN_FAILED',
      );
      for (const none of [null, undefined, 'key', {}])
        expect(outcomeOf(() => hpkeOpen({ privateKey: none as never, enc, info, aad, ciphertext }, { backend }))).toBe('TypeError');
    }
    prepared.wipe();
    // The key it was made from is its owner's.
    const [{ enc, ciphertext }] = sealed as [(typeof sealed)[0]];
    expect(hpkeOpen({ privateKey, enc, info, aad, ciphertext }, { backend })).toEqual(message.plaintext);
  });

  it('the key of the body is wiped, whether it opens or not', () => {
    const { info, aad } = message;
    const { enc, ciphertext } = hpkeSeal({ publicKey, ...message }, { backend });
    const keys: Uint8Array[] = [];
    const watching = {
      ...backend,
      chacha20Poly1305Open: (...args: Parameters<typeof backend.chacha20Poly1305Open>) => {
        keys.push(args[0]);
        return backend.chacha20Poly1305Open(...args);
      },
    };
    hpkeOpen({ privateKey, enc, info, aad, ciphertext }, { backend: watching });
    expect(outcomeOf(() => hpkeOpen({ privateKey, enc, info, aad, ciphertext: flip(ciphertext, 0) }, { backend: watching }))).toBe(
      'OPEN_FAILED',
    );
    expect(keys).toEqual([new Uint8Array(32), new Uint8Array(32)]);
  });

  it('two seals of one message share nothing', () => {
    const [first, second] = [hpkeSeal({ publicKey, ...message }, { backend }), hpkeSeal({ publicKey, ...message }, { backend })];
    expect(first.enc).not.toEqual(second.enc);
    expect(first.ciphertext).not.toEqual(second.ciphertext);
    expect(first.ephemeralScalar).not.toEqual(second.ephemeralScalar);
  });

  it('a bad public key is KEYS_INVALID before anything is sealed', () => {
    expect(outcomeOf(() => hpkeSeal({ ...message, publicKey: flip(publicKey, 1248) }, { backend }))).toBe('KEYS_INVALID');
  });
});

function sample(length: number, step: number): number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => Math.min(i * step, length - 1));
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
