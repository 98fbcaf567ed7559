import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, toBase64, toHex, utf8 } from '../../../src/foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../../../src/foundation/canonical-json.js';
import { pad, unpad } from '../../../src/foundation/padding.js';
import { encodeTuple, hashTuple } from '../../../src/foundation/tuple.js';
import { changeMessage } from '../../../src/public/change.js';
import { contentHash, contentOf, decodeContent, encodeContent } from '../../../src/public/content.js';
import { decodeLeaf, encodeLeaf } from '../../../src/public/leaf.js';
import { decodeStatement, encodeStatement, statementDigest } from '../../../src/public/statement.js';
import type { ChangeKind } from '../../../src/vocabulary/words.js';

type Item = { readonly text: string; readonly hex?: undefined } | { readonly hex: string; readonly text?: undefined };

interface EncodingVectors {
  readonly tuple: readonly { readonly items: readonly Item[]; readonly encoded: string }[];
  readonly hash: readonly { readonly label: string; readonly items: readonly Item[]; readonly digest: string }[];
  readonly canonicalJson: readonly { readonly value: JsonValue; readonly text: string }[];
  readonly nonCanonicalJson: readonly (Item & { readonly name: string })[];
  readonly hex: readonly { readonly bytes: readonly number[]; readonly text: string }[];
  readonly nonHex: readonly string[];
  readonly base64: readonly { readonly bytes: readonly number[]; readonly text: string }[];
  readonly nonBase64: readonly string[];
  readonly padding: readonly { readonly plaintext: string; readonly bucket: number; readonly padded: string }[];
  readonly tooLongToPad: readonly { readonly plaintext: string; readonly bucket: number }[];
  readonly badPadding: readonly string[];
}

interface LeafVectors {
  readonly statements: readonly {
    readonly salt: string;
    readonly statement: string;
    readonly digest: string;
    readonly content: string;
    readonly contentHash: string;
    readonly coarsened: string;
    readonly coarsenedHash: string;
    readonly batch: number;
    readonly leaf: string;
  }[];
  readonly tallies: readonly string[];
  readonly changes: readonly string[];
  readonly messages: readonly {
    readonly kind: ChangeKind;
    readonly key: string;
    readonly number: number;
    readonly salt: string;
    readonly value: string;
    readonly message: string;
  }[];
  readonly malformed: readonly {
    readonly format: 'leaf' | 'content' | 'statement';
    readonly name: string;
    readonly text: string;
    readonly code: string;
  }[];
}

const load = <Vectors>(name: string): Vectors =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8')) as Vectors;
const counts = (vectors: object): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(vectors).map(([name, cases]) => [name, (cases as unknown[]).length]));
const bytesOf = (item: Item): Uint8Array => (item.hex === undefined ? utf8(item.text) : fromHex(item.hex));
const asText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const ENCODING_COUNTS = {
  tuple: 11,
  hash: 4,
  canonicalJson: 18,
  nonCanonicalJson: 33,
  hex: 3,
  nonHex: 8,
  base64: 4,
  nonBase64: 11,
  padding: 6,
  tooLongToPad: 3,
  badPadding: 7,
};
const LEAF_COUNTS = { statements: 6, tallies: 3, changes: 8, messages: 5, malformed: 130 };

// Both files were made by a few lines of Python (struct, json, hashlib), so an error of ours shows as a difference.
describe('tests/vectors/encoding.json', () => {
  const vectors = load<EncodingVectors>('encoding');

  it('is whole', () => {
    expect(counts(vectors)).toEqual(ENCODING_COUNTS);
  });

  it('tuples', () => {
    for (const { items, encoded } of vectors.tuple) expect(toHex(encodeTuple(...items.map(bytesOf)))).toBe(encoded);
    for (const { items, encoded } of vectors.tuple)
      expect(toHex(encodeTuple(...items.map((item) => item.text ?? fromHex(item.hex))))).toBe(encoded);
    expect(new Set(vectors.tuple.map(({ encoded }) => encoded)).size).toBe(vectors.tuple.length);
    for (const { label, items, digest } of vectors.hash) expect(toHex(hashTuple(label, ...items.map(bytesOf)))).toBe(digest);
  });

  it('canonical JSON', () => {
    for (const { value, text } of vectors.canonicalJson) {
      expect(asText(encodeCanonicalJson(value))).toBe(text);
      expect(decodeCanonicalJson(utf8(text), 4096)).toEqual(value);
    }
    for (const item of vectors.nonCanonicalJson) {
      expect(() => decodeCanonicalJson(bytesOf(item), 4096), item.name).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }));
    }
  });

  it('hex and base64', () => {
    for (const { bytes, text } of vectors.hex) {
      expect(toHex(Uint8Array.from(bytes))).toBe(text);
      expect([...fromHex(text)]).toEqual(bytes);
    }
    for (const { bytes, text } of vectors.base64) {
      expect(toBase64(Uint8Array.from(bytes))).toBe(text);
      expect([...fromBase64(text)]).toEqual(bytes);
    }
    for (const text of vectors.nonHex) expect(() => fromHex(text), text).toThrow(RangeError);
    for (const text of vectors.nonBase64) expect(() => fromBase64(text), text).toThrow(RangeError);
  });

  it('padding', () => {
    for (const { plaintext, bucket, padded } of vectors.padding) {
      expect(toHex(pad(fromHex(plaintext), bucket))).toBe(padded);
      expect(toHex(unpad(fromHex(padded)))).toBe(plaintext);
    }
    for (const { plaintext, bucket } of vectors.tooLongToPad) {
      expect(() => pad(fromHex(plaintext), bucket)).toThrow(expect.objectContaining({ code: 'COMPARTMENT_TOO_LARGE' }));
    }
    for (const padded of vectors.badPadding)
      expect(() => unpad(fromHex(padded)), padded).toThrow(expect.objectContaining({ code: 'OPEN_FAILED' }));
  });
});

describe('tests/vectors/leaf.json', () => {
  const vectors = load<LeafVectors>('leaf');

  it('is whole', () => {
    expect(counts(vectors)).toEqual(LEAF_COUNTS);
  });

  it('statements, their digests, contents and leaves', () => {
    for (const vector of vectors.statements) {
      const salt = fromHex(vector.salt);
      const statement = decodeStatement(utf8(vector.statement));
      expect(asText(encodeStatement(statement))).toBe(vector.statement);
      expect(toHex(statementDigest(statement, salt))).toBe(vector.digest);
      for (const [coarsen, content, hash] of [
        [false, vector.content, vector.contentHash],
        [true, vector.coarsened, vector.coarsenedHash],
      ] as const) {
        expect(asText(encodeContent(contentOf(statement, coarsen)))).toBe(content);
        expect(asText(encodeContent(decodeContent(utf8(content))))).toBe(content);
        expect(toHex(contentHash(salt, utf8(content)))).toBe(hash);
      }
      const { categories, display, evidence, origin } = statement;
      const leaf = {
        type: 'statement',
        batch: vector.batch,
        categories,
        display,
        evidence,
        origin,
        contentHash: vector.contentHash,
      } as const;
      expect(asText(encodeLeaf(leaf))).toBe(vector.leaf);
      expect(decodeLeaf(utf8(vector.leaf))).toEqual(leaf);
    }
  });

  it('what the holder of an entry signs', () => {
    for (const { kind, key, number, salt, value, message } of vectors.messages)
      expect(toHex(changeMessage({ kind, entryPublicKey: fromHex(key), number, salt: fromHex(salt), value }))).toBe(message);
  });

  it('tallies and changes', () => {
    for (const text of [...vectors.tallies, ...vectors.changes]) expect(asText(encodeLeaf(decodeLeaf(utf8(text))))).toBe(text);
  });

  it.each(vectors.malformed.map((vector) => [`${vector.format}: ${vector.name}`, vector] as const))('%s', (_, { format, text, code }) => {
    const decode = { leaf: decodeLeaf, content: decodeContent, statement: decodeStatement }[format];
    expect(() => decode(utf8(text))).toThrow(expect.objectContaining({ code }));
  });
});
