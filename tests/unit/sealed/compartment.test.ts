import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/foundation/bytes.js';
import {
  BUCKETS,
  COMPARTMENTS,
  compartmentContext,
  compartmentLength,
  decodeCompartment,
  encodeCompartment,
} from '../../../src/sealed/compartment.js';
import { decodeLink, encodeLink } from '../../../src/sealed/link.js';
import { decodeSealedRecord, encodeSealedRecord, recordDigest } from '../../../src/sealed/record.js';
import { unwrapShred, wrapShred } from '../../../src/sealed/shred.js';
import { flip, outcomeOf, seededRandom } from '../../support/crypto-fixtures.js';
import { id, shredOf } from '../../support/sealed-fixtures.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const wrap = fc.record({ keyId: bytes(16), enc: bytes(1153), ciphertext: bytes(48), tag: bytes(97) });
const wraps = fc
  .uniqueArray(wrap, { minLength: 1, maxLength: 4, selector: (value) => toHex(value.keyId) })
  .map((list) => [...list].sort((a, b) => (toHex(a.keyId) < toHex(b.keyId) ? -1 : 1)));
const compartment = fc
  .constantFrom(...COMPARTMENTS)
  .chain((name) =>
    fc.record({ compartment: fc.constant(name), commit: bytes(32), wraps, nonce: bytes(24), body: bytes(BUCKETS[name] + 16) }),
  );

describe('compartment format', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(compartment, (value) => {
        const encoded = encodeCompartment(value);
        expect(encoded.length).toBe(compartmentLength(value.compartment, value.wraps.length));
        expect(decodeCompartment(encoded)).toEqual(value);
      }),
      { numRuns: 30 },
    );
  });

  it('is canonical: whatever decodes encodes to the same bytes', () => {
    const base = fc.tuple(compartment, fc.nat(60), fc.nat(255));
    fc.assert(
      fc.property(base, ([value, offset, byte]) => {
        const altered = encodeCompartment(value);
        altered[offset] = byte;
        if (outcomeOf(() => decodeCompartment(altered)) === 'returned')
          expect(encodeCompartment(decodeCompartment(altered))).toEqual(altered);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses every truncation at a field border and every extension', () => {
    const [value] = fc.sample(compartment, { numRuns: 1, seed: 1 });
    const encoded = encodeCompartment(value as NonNullable<typeof value>);
    for (const length of [0, 7, 8, 9, 10, 42, 43, 59, encoded.length - 1]) {
      expect(outcomeOf(() => decodeCompartment(encoded.slice(0, length)))).toBe('FORMAT_INVALID');
    }
    const longer = new Uint8Array(encoded.length + 1);
    longer.set(encoded);
    expect(outcomeOf(() => decodeCompartment(longer))).toBe('FORMAT_INVALID');
  });

  it('does not encode wraps out of order, twice, none or five', () => {
    const [one, two] = [1, 2].map((n) => ({
      keyId: new Uint8Array(16).fill(n),
      enc: new Uint8Array(1153),
      ciphertext: new Uint8Array(48),
      tag: new Uint8Array(97),
    }));
    if (one === undefined || two === undefined) return expect.fail();
    const rest = { compartment: 'link' as const, commit: new Uint8Array(32), nonce: new Uint8Array(24), body: new Uint8Array(272) };
    for (const list of [[], [two, one], [one, one], [one, two, two, two, two]]) {
      expect(outcomeOf(() => encodeCompartment({ ...rest, wraps: list }))).toBe('RangeError');
    }
  });

  it('has a context of its own for each record, compartment and version', () => {
    const contexts = [id('a'), id('b')].flatMap((holder) =>
      COMPARTMENTS.flatMap((name) => [1, 2].map((v) => toHex(compartmentContext(holder, name, v)))),
    );
    expect(new Set(contexts).size).toBe(12);
  });
});

describe('link format', () => {
  it('decodes what it encodes, and nothing else', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), bytes(16), (entryId, groupId, registrarMark) => {
        expect(decodeLink(encodeLink({ entryId, groupId, registrarMark }))).toEqual({ entryId, groupId, registrarMark });
      }),
    );
    const encoded = encodeLink({ entryId: id('a'), groupId: id('b'), registrarMark: id('c') });
    for (const bad of [encoded.slice(1), encoded.slice(0, -1), flip(encoded, 7), new Uint8Array(57)]) {
      expect(outcomeOf(() => decodeLink(bad))).toBe('FORMAT_INVALID');
    }
  });
});

describe('record format', () => {
  const samples = fc.sample(compartment, { numRuns: 60, seed: 2 });
  const of = (name: (typeof COMPARTMENTS)[number]) =>
    encodeCompartment(samples.find((sample) => sample.compartment === name) as (typeof samples)[0]);
  const record = { recordId: toHex(id('r')), shred: shredOf('r'), identity: of('identity'), contact: of('contact'), link: of('link') };

  it('decodes what it encodes', () => {
    expect(decodeSealedRecord(encodeSealedRecord(record))).toEqual(record);
  });

  it('refuses exchanged compartments in both directions', () => {
    const exchanged = { ...record, identity: record.contact, contact: record.identity };
    expect(outcomeOf(() => encodeSealedRecord(exchanged))).toBe('RangeError');
    const encoded = encodeSealedRecord(record);
    expect(outcomeOf(() => decodeSealedRecord(flip(encoded, 8 + 16 + 32 + 4 + 9)))).toBe('FORMAT_INVALID');
  });

  it('refuses truncation, extension and length prefixes that lie', () => {
    const encoded = encodeSealedRecord(record);
    for (const bad of [encoded.slice(0, -1), new Uint8Array([...encoded, 0]), flip(encoded, 59), flip(encoded, 56)]) {
      expect(outcomeOf(() => decodeSealedRecord(bad))).toBe('FORMAT_INVALID');
    }
  });

  it('has a digest that tells every compartment apart', () => {
    const variants = [record, { ...record, identity: flip(record.identity, 60) }, { ...record, link: flip(record.link, 60) }];
    const digests = [...variants, { ...record, shred: flip(record.shred, 0) }].map((one) => recordDigest(one, one.shred));
    expect(new Set(digests.map(toHex)).size).toBe(4);
  });
});

describe('shred rows', () => {
  const kek = seededRandom('kek').bytes(32);
  const wrapped = wrapShred(kek, id('a'), 7, shredOf('a'));

  it('open under their own record and generation only', () => {
    expect(wrapped.length).toBe(72);
    expect(unwrapShred(kek, id('a'), 7, wrapped)).toEqual(shredOf('a'));
    expect(outcomeOf(() => unwrapShred(kek, id('b'), 7, wrapped))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => unwrapShred(kek, id('a'), 8, wrapped))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => unwrapShred(flip(kek, 0), id('a'), 7, wrapped))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => unwrapShred(kek, id('a'), 7, seededRandom('overwritten').bytes(72)))).toBe('OPEN_FAILED');
    for (let offset = 0; offset < 72; offset++)
      expect(outcomeOf(() => unwrapShred(kek, id('a'), 7, flip(wrapped, offset)))).toBe('OPEN_FAILED');
    expect(outcomeOf(() => unwrapShred(kek, id('a'), 7, wrapped.slice(1)))).toBe('OPEN_FAILED');
  });

  it('never use a nonce twice', () => {
    const nonces = new Set(Array.from({ length: 2000 }, () => toHex(wrapShred(kek, id('a'), 7, shredOf('a')).slice(0, 24))));
    expect(nonces.size).toBe(2000);
  });

  it('refuses wrong types and lengths', () => {
    for (const bad of ['x'.repeat(32), Array(32).fill(0), { length: 32 }, new ArrayBuffer(32), new DataView(new ArrayBuffer(32))]) {
      expect(outcomeOf(() => wrapShred(bad as Uint8Array, id('a'), 7, shredOf('a')))).toBe('TypeError');
      expect(outcomeOf(() => wrapShred(kek, id('a'), 7, bad as Uint8Array))).toBe('TypeError');
    }
    expect(outcomeOf(() => wrapShred(kek, id('a'), 7, new Uint8Array(31)))).toBe('RangeError');
    expect(outcomeOf(() => wrapShred(kek, id('a'), -1, shredOf('a')))).toBe('RangeError');
    expect(outcomeOf(() => wrapShred(kek, id('a'), 7, shredOf('a'), { random: { bytes: () => new Uint8Array(0) } }))).toBe('RangeError');
  });
});
