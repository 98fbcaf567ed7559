import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/foundation/bytes.js';
import { decodeHybridPrivateKey } from '../../../src/foundation/hybrid-kem-open.js';
import { decodeCompartment, encodeCompartment } from '../../../src/sealed/compartment.js';
import { openCompartment } from '../../../src/sealed/open-compartment.js';
import { backends, outcomeOf } from '../../support/crypto-fixtures.js';
import { type CompartmentCase, compartmentInputs, type Malformation, malform, sealCase } from '../../support/sealed-vectors.js';

/** Frozen: a change of these bytes makes stored records unreadable. */
const file = JSON.parse(readFileSync(new URL('../../vectors/sealed-compartment.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly CompartmentCase[];
  readonly malformations: readonly Malformation[];
};

function openCase(value: CompartmentCase, sealed: Uint8Array, privateKey: string): string {
  const input = { holderId: fromHex(value.holderId), compartment: value.compartment, shred: fromHex(value.shred) };
  return toHex(openCompartment({ ...input, sealed, privateKey: decodeHybridPrivateKey(fromHex(privateKey)) }));
}

describe('vectors: sealed compartment', () => {
  it('are all there', () => {
    expect(file.cases.length).toBe(6);
    expect(file.malformations.length).toBe(25);
    expect(file.cases.map(({ sealed: _sealed, ...inputs }) => inputs)).toEqual(compartmentInputs());
  });

  it.each(file.cases)('seals byte for byte: $name', (value) => {
    expect(sealCase(value)).toBe(value.sealed);
    expect(toHex(encodeCompartment(decodeCompartment(fromHex(value.sealed))))).toBe(value.sealed);
  });

  it.each(file.cases)('opens with each key and backend: $name', (value) => {
    for (const key of value.privateKeys) {
      expect(openCase(value, fromHex(value.sealed), key)).toBe(value.plaintext);
      for (const backend of backends) {
        const input = {
          holderId: fromHex(value.holderId),
          compartment: value.compartment,
          shred: fromHex(value.shred),
          sealed: fromHex(value.sealed),
        };
        expect(toHex(openCompartment({ ...input, privateKey: decodeHybridPrivateKey(fromHex(key)) }, { backend }))).toBe(value.plaintext);
      }
    }
  });

  it.each(file.malformations)('malformed: $name', (malformation) => {
    const [value] = file.cases as [CompartmentCase];
    const bytes = malform(fromHex(value.sealed), malformation);
    expect(outcomeOf(() => decodeCompartment(bytes))).toBe(malformation.decode);
    expect(outcomeOf(() => openCase(value, bytes, value.privateKeys[0] as string))).toBe(malformation.open);
  });
});
