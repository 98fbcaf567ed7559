import { describe, expect, it } from 'vitest';
import { fromUtf8, toBase64, utf8 } from '../../../src/foundation/bytes.js';
import { encodeCanonicalJson, type JsonValue } from '../../../src/foundation/canonical-json.js';
import { decodePublicKeys, encodePublicKeys, type PublicKeys } from '../../../src/sealed/keys/public-keys.js';
import { flip, outcomeOf } from '../../support/crypto-fixtures.js';
import { keyPair } from '../../support/sealed-fixtures.js';

const [vault, link, quarantine, day1, day2] = ['v', 'l', 'q', '1', '2'].map((seed) => keyPair(seed).publicKey) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const keys: PublicKeys = {
  vault,
  link,
  quarantine,
  epochs: [
    { epoch: 20_000, expires: 20_001, publicKey: day1 },
    { epoch: 20_001, expires: 20_005, publicKey: day2 },
  ],
  categories: [{ id: 'league', label: '团' }, { id: 'party' }],
};
const encoded = encodePublicKeys(keys);

/** The file with one change, encoded canonically. */
function changed(change: Record<string, JsonValue>): Uint8Array {
  return encodeCanonicalJson({ ...(JSON.parse(fromUtf8(encoded)) as Record<string, JsonValue>), ...change });
}

describe('public keys file', () => {
  it('decodes what it encodes', () => {
    expect(decodePublicKeys(encoded)).toEqual(keys);
    expect(decodePublicKeys(encodePublicKeys({ ...keys, epochs: [] })).epochs).toEqual([]);
    expect(encodePublicKeys(decodePublicKeys(encoded))).toEqual(encoded);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['white space', utf8(`${fromUtf8(encoded)}\n`)],
    ['another version', changed({ v: 2 })],
    ['an unknown member', changed({ extra: 1 })],
    ['a short key', changed({ vault: toBase64(vault.slice(1)) })],
    ['a point off the curve', changed({ vault: toBase64(flip(vault, 1248)) })],
    ['a key that is a number', changed({ vault: 7 })],
    ['loose base64', changed({ vault: toBase64(vault).replace(/=+$/, '') })],
    ['vault key = link key', changed({ link: toBase64(vault) })],
    ['link key = quarantine key', changed({ quarantine: toBase64(link) })],
    ['no categories', changed({ categories: [] })],
    ['a bad category', changed({ categories: [{ id: 'A' }] })],
    ['a label that is a number', changed({ categories: [{ id: 'a', label: 7 }] })],
    ['an unknown member of a category', changed({ categories: [{ id: 'a', x: 7 }] })],
    ['epochs that are no list', changed({ epochs: {} })],
    ['epochs out of order', changed({ epochs: [2, 1].map((epoch) => ({ epoch, expires: 9, key: toBase64(day1) })) })],
    ['an epoch twice', changed({ epochs: [1, 1].map((epoch) => ({ epoch, expires: 9, key: toBase64(day1) })) })],
    ['an epoch that expires at once', changed({ epochs: [{ epoch: 1, expires: 1, key: toBase64(day1) }] })],
    ['a negative epoch', changed({ epochs: [{ epoch: -1, expires: 1, key: toBase64(day1) }] })],
    ['more than 1 MiB', new Uint8Array(1024 * 1024 + 1).fill(0x20)],
  ])('refuses %s', (_, bytes) => {
    expect(outcomeOf(() => decodePublicKeys(bytes))).toBe('KEYS_INVALID');
  });

  it('does not encode what it would not decode', () => {
    expect(outcomeOf(() => encodePublicKeys({ ...keys, link: vault }))).toBe('KEYS_INVALID');
    expect(outcomeOf(() => encodePublicKeys({ ...keys, vault: vault.slice(1) }))).toBe('KEYS_INVALID');
    expect(outcomeOf(() => encodePublicKeys({ ...keys, vault: 'x' as unknown as Uint8Array }))).toBe('TypeError');
    expect(outcomeOf(() => encodePublicKeys({ ...keys, epochs: [...keys.epochs].reverse() }))).toBe('KEYS_INVALID');
    expect(outcomeOf(() => decodePublicKeys(fromUtf8(encoded) as unknown as Uint8Array))).toBe('TypeError');
  });
});
