import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../src/backends/node.js';
import { deriveClaimKey } from '../../src/claims/claim-key.js';
import { makeClaim } from '../../src/claims/make-claim.js';
import { openClaim } from '../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../src/claims/open-phrase.js';
import { phraseFromEntropy } from '../../src/claims/phrase.js';
import type { EntryStatus, Reply } from '../../src/claims/reply.js';
import { decodeReply, encodeReply } from '../../src/claims/reply-format.js';
import { ByteReader } from '../../src/foundation/byte-reader.js';
import { fromBase64, fromHex, fromUtf8, isWellFormed, toBase64, toHex, utf8 } from '../../src/foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../../src/foundation/canonical-json.js';
import { decodeHybridPrivateKey, encodeHybridPrivateKey, hybridPublicKey } from '../../src/foundation/hybrid-kem-open.js';
import { pad, unpad } from '../../src/foundation/padding.js';
import { encodeScalar, GROUP_ORDER } from '../../src/foundation/p256-group.js';
import { encodeTuple } from '../../src/foundation/tuple.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/log/checkpoint.js';
import { encodeVerifierKey, parseNote, parseVerifierKey } from '../../src/log/note.js';
import { decodeProofBundle, encodeProofBundle } from '../../src/log/proof-bundle.js';
import { encodeNote } from '../../src/log/sign-note.js';
import { encodeSignerKey, parseSignerKey, verifierOf } from '../../src/log/signer-key.js';
import { decodeEntryBundle, encodeEntryBundle } from '../../src/log/tile.js';
import { decodeAddCheckpoint, encodeAddCheckpoint } from '../../src/log/witness-request.js';
import { contentOf, decodeContent, encodeContent } from '../../src/public/content.js';
import { decodeLeaf, encodeLeaf, type Leaf } from '../../src/public/leaf.js';
import { decodeStatement, encodeStatement } from '../../src/public/statement.js';
import { decodeSettings, encodeSettings } from '../../src/registry/settings.js';
import { BUCKETS, COMPARTMENTS, type CompartmentName, decodeCompartment, encodeCompartment } from '../../src/sealed/compartment.js';
import { decodePublicKeys, encodePublicKeys, type PublicKeys } from '../../src/sealed/keys/public-keys.js';
import { armourShare, parseShare } from '../../src/sealed/keys/share-armour.js';
import { decodeShareEnvelope, encodeShareEnvelope, SHARE_PURPOSES, type ShareEnvelope } from '../../src/sealed/keys/share-envelope.js';
import { decodeLink, encodeLink } from '../../src/sealed/link.js';
import { decodeSealedRecord, encodeSealedRecord } from '../../src/sealed/record.js';
import { decodeInner, decodeInside, encodeInner, encodeInnerRequest } from '../../src/submit/inner-format.js';
import { decodeOuter, encodeOuter, INNER_LENGTH } from '../../src/submit/outer-format.js';
import { decodeRequest, encodeRequest } from '../../src/submit/request-format.js';
import { CHANGE_KINDS, DISPLAYS, EVIDENCES, LEAF_TYPES, ORIGINS } from '../../src/vocabulary/words.js';
import { dateOfDay } from '../../src/vocabulary/period.js';
import { makePolicy } from '../../src/vocabulary/policy.js';
import { scriptedRandom, seededRandom } from '../support/crypto-fixtures.js';
import { addCheckpoint, checkpoint, parsedNote, proofBundle, signer } from '../support/log-arbitraries.js';
import { bytes, statement } from '../unit/public/arbitraries.js';
import { anyRequest } from '../support/request-arbitrary.js';

const RUNS = 1000;
const options = { backend: nodeBackend };
const u32 = fc.nat(0xffffffff);
const hex = (length: number) => bytes(length).map(toHex);
const upTo = (length: number) => fc.uint8Array({ maxLength: length });

/** decode(encode(value)) = value, and encoding again gives the same bytes. */
function keeps<Value, Encoded>(
  values: fc.Arbitrary<Value>,
  encode: (value: Value) => Encoded,
  decode: (encoded: Encoded) => Value,
  numRuns = RUNS,
): void {
  const property = fc.property(values, (value) => {
    const encoded = encode(value);
    const decoded = decode(encoded);
    expect(decoded).toEqual(value);
    expect(encode(decoded)).toEqual(encoded);
  });
  fc.assert(property, { numRuns });
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(isWellFormed);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

const wrap = fc.record({ keyId: bytes(16), enc: bytes(1153), ciphertext: bytes(48), tag: bytes(97) });
const wraps = fc
  .uniqueArray(wrap, { minLength: 1, maxLength: 4, selector: ({ keyId }) => toHex(keyId) })
  .map((list) => [...list].sort((a, b) => (toHex(a.keyId) < toHex(b.keyId) ? -1 : 1)));
const compartmentOf = (name: CompartmentName) =>
  fc.record({ compartment: fc.constant(name), commit: bytes(32), wraps, nonce: bytes(24), body: bytes(BUCKETS[name] + 16) });

const share: fc.Arbitrary<ShareEnvelope> = fc
  .integer({ min: 2, max: 16 })
  .chain((custodians) =>
    fc.tuple(fc.constant(custodians), fc.integer({ min: 2, max: custodians }), fc.integer({ min: 1, max: custodians })),
  )
  .chain(([custodians, quorum, custodian]) =>
    fc.record({
      purpose: fc.constantFrom(...SHARE_PURPOSES),
      quorum: fc.constant(quorum),
      custodians: fc.constant(custodians),
      custodian: fc.constant(custodian),
      setId: bytes(16),
      keyId: bytes(16),
      commitments: fc.array(bytes(33), { minLength: quorum, maxLength: quorum }),
      seedHashes: fc.array(bytes(32), { minLength: custodians, maxLength: custodians }),
      scalarShare: bytes(32),
      seedShare: bytes(65),
    }),
  );

const inner = fc.record({
  recordId: bytes(16),
  shred: bytes(32),
  identity: upTo(4000),
  contact: upTo(4000),
  link: upTo(3000),
  salt: bytes(32),
  statement: upTo(4096),
  locator: bytes(32),
  claimRow: bytes(296),
  matcherEnvelope: bytes(2048),
  counterEnvelope: bytes(1536),
  registrarSignature: bytes(128),
});

const entryStatus = fc.record(
  {
    state: fc.constantFrom('waiting' as const, 'published' as const),
    registerNumber: fc.maxSafeNat(),
    retracted: fc.boolean(),
    removed: fc.boolean(),
    amendments: u32,
    nameLocked: fc.boolean(),
    pending: fc.shuffledSubarray([...CHANGE_KINDS]),
  },
  { requiredKeys: ['state', 'retracted', 'removed', 'amendments', 'nameLocked', 'pending'] },
) as fc.Arbitrary<EntryStatus>;
const day = fc.nat(40_000).map(dateOfDay);
const reply: fc.Arbitrary<Reply> = fc.oneof(
  entryStatus.map((entry) => ({ result: 'done' as const, entry })),
  day.map((dueOn) => ({ result: 'waiting' as const, dueOn })),
  fc.constantFrom('number' as const, 'locked' as const, 'pending' as const).map((reason) => ({ result: 'refused' as const, reason })),
  day.map((finalOn) => ({ result: 'done' as const, finalOn, record: 'erased' as const })),
);

const countsBy = (words: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...words), fc.integer({ min: 1, max: 1_000_000 }), { noNullPrototype: true });
const tally = fc.record({
  statements: fc.nat(),
  retracted: fc.nat(),
  category: countsBy(['party', 'league', 'x-1']),
  evidence: countsBy(EVIDENCES),
  display: countsBy(DISPLAYS),
  origin: countsBy(ORIGINS),
  type: countsBy(LEAF_TYPES),
});
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const by = fc.oneof(
  fc.constant({ by: 'registry' as const }),
  hex(64).map((signature) => ({ by: 'holder' as const, signature })),
);
const at = { batch: positive, entry: positive };
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.tuple(statement, positive).map(([{ categories, display, evidence, origin, entryKey }, batch]) => ({
    type: 'statement' as const,
    batch,
    categories,
    display,
    evidence,
    origin,
    contentHash: entryKey,
  })),
  fc.record({ type: fc.constant('tally' as const), batch: positive, date: day, before: tally, after: tally }),
  fc
    .record({
      type: fc.constant('amendment' as const),
      ...at,
      number: positive,
      kind: fc.constantFrom('text' as const, 'name' as const),
      contentHash: hex(32),
    })
    .chain((value) => by.map((signer) => ({ ...value, ...signer }))),
  fc
    .constantFrom(['stated', 'contact'] as const, ['stated', 'verified'] as const, ['contact', 'verified'] as const)
    .chain(([from, to]) => fc.record(at).map((place) => ({ type: 'raise' as const, ...place, from, to }))),
  fc
    .record({ type: fc.constantFrom('retraction' as const, 'removal' as const), ...at })
    .chain((value) => by.map((signer) => ({ ...value, ...signer }))),
);

const scalar = fc.bigInt({ min: 1n, max: GROUP_ORDER - 1n }).map(encodeScalar);

describe('foundation', () => {
  it('canonical JSON', () => keeps(json, encodeCanonicalJson, (encoded) => decodeCanonicalJson(encoded, 1_000_000)));
  it('hex, base64 and UTF-8', () => {
    keeps(upTo(300), toHex, fromHex);
    keeps(upTo(300), toBase64, fromBase64);
    keeps(text, utf8, fromUtf8);
  });
  it('padding', () => keeps(upTo(255), (value) => pad(value, 256), unpad));
  it('tuples can be read in one way only', () => {
    const read = (encoded: Uint8Array): Uint8Array[] => {
      const reader = new ByteReader(encoded, 'tuple', encoded.length);
      const items: Uint8Array[] = [];
      for (let left = encoded.length; left > 0; ) {
        const item = reader.prefixed(encoded.length);
        items.push(item);
        left -= 4 + item.length;
      }
      return items;
    };
    keeps(fc.array(upTo(40), { maxLength: 8 }), (items) => encodeTuple(...items), read);
  });
  it('private keys', () => keeps(fc.record({ scalar, seed: bytes(64) }), encodeHybridPrivateKey, decodeHybridPrivateKey));
});

describe('submission and request', () => {
  it('outer layer', () => {
    const outer = fc.record({ epoch: u32, expires: u32, enc: bytes(1153), ciphertext: bytes(INNER_LENGTH + 16) });
    keeps(outer, encodeOuter, decodeOuter, 200);
  });
  it('inside of a registration', () => keeps(inner, encodeInner, decodeInner, 300));
  it('inside of a request', () => {
    const decode = (padded: Uint8Array): Uint8Array => {
      const inside = decodeInside(padded);
      return 'request' in inside ? inside.request : expect.fail('a request');
    };
    keeps(upTo(2317), encodeInnerRequest, decode, 300);
  });
  it('request: the public key is the seed’s, the rest as it was', () => {
    const seed = new Uint8Array(32).fill(3);
    const decode = (encoded: Uint8Array) => {
      const { publicKey, ...rest } = decodeRequest(encoded, options);
      expect(toHex(publicKey)).toBe(toHex(nodeBackend.ed25519PublicKey(seed)));
      return rest;
    };
    keeps(anyRequest, (value) => encodeRequest(value, seed, options), decode);
  });
});

describe('sealed side', () => {
  it.each(COMPARTMENTS)('compartment %s', (name) => keeps(compartmentOf(name), encodeCompartment, decodeCompartment, 300));
  it('link', () => keeps(fc.record({ entryId: bytes(16), groupId: bytes(16), registrarMark: bytes(16) }), encodeLink, decodeLink));
  it('record', () => {
    const sealed = (name: CompartmentName) => compartmentOf(name).map(encodeCompartment);
    const record = fc.record({
      recordId: hex(16),
      shred: bytes(32),
      identity: sealed('identity'),
      contact: sealed('contact'),
      link: sealed('link'),
    });
    keeps(record, encodeSealedRecord, decodeSealedRecord, 200);
  });
  it('share and its armour', () => {
    keeps(share, encodeShareEnvelope, decodeShareEnvelope);
    keeps(share, armourShare, parseShare);
  });
});

describe('claims', () => {
  it('phrases of all languages', () => {
    for (const language of ['en', 'zh-Hans', 'zh-Hant'] as const)
      keeps(bytes(16), (entropy) => phraseFromEntropy(entropy, language), entropyFromPhrase);
  });
  it('claim rows hold κ and the reply seed', () => {
    const property = fc.property(bytes(32), bytes(16), bytes(24), bytes(32), (kappa, entropy, nonce, replySeed) => {
      const { row } = makeClaim(kappa, 'words', scriptedRandom(new Uint8Array([...entropy, ...nonce, ...replySeed])));
      expect(openClaim(row.row, deriveClaimKey(entropy))).toEqual({ kappa, replySeed });
    });
    fc.assert(property, { numRuns: RUNS });
  });
  it('replies', () => keeps(reply, encodeReply, decodeReply));
});

describe('public side', () => {
  it('statements', () => keeps(statement, encodeStatement, decodeStatement));
  it('contents', () =>
    keeps(
      fc.tuple(statement, fc.boolean()).map(([value, coarsen]) => contentOf(value, coarsen)),
      encodeContent,
      decodeContent,
    ));
  it('leaves of every type', () => keeps(leaf, encodeLeaf, decodeLeaf));
});

describe('log', () => {
  it('checkpoints', () => keeps(checkpoint, encodeCheckpoint, decodeCheckpoint));
  it('signed notes', () => keeps(parsedNote, encodeNote, parseNote));
  it('proof bundles', () => keeps(proofBundle, encodeProofBundle, decodeProofBundle));
  it('requests to a witness', () => keeps(addCheckpoint, encodeAddCheckpoint, decodeAddCheckpoint));
  it('bundles of three entries', () => {
    const three = fc.array(upTo(600), { minLength: 3, maxLength: 3 });
    keeps(three, encodeEntryBundle, (encoded) => [...decodeEntryBundle(encoded, 3)]);
  });
  it('keys', () => {
    keeps(signer, encodeSignerKey, parseSignerKey, 100);
    keeps(signer.map(verifierOf), encodeVerifierKey, parseVerifierKey, 100);
  });
});

describe('keys and settings', () => {
  const keys: Uint8Array[] = [];
  beforeAll(() => {
    const random = seededRandom('identity');
    for (let i = 0; i < 8; i++) {
      const privateKey = { scalar: encodeScalar(BigInt(i + 1)), seed: random.bytes(64) };
      keys.push(hybridPublicKey(privateKey, options));
    }
  });
  const threeKeys = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 3, maxLength: 3 });
  const custodyOf = (picked: readonly number[]) => {
    const [vault, link, quarantine] = picked.map((i) => keys[i]) as [Uint8Array, Uint8Array, Uint8Array];
    return { vault, link, quarantine };
  };
  const category = fc.record(
    { id: fc.constantFrom('party', 'league', 'x-1', 'a'), label: fc.constantFrom('Youth League', '共青团', 'x') },
    { requiredKeys: ['id'] },
  );
  const categories = fc.uniqueArray(category, { minLength: 1, maxLength: 4, selector: ({ id }) => id });

  it('settings', () => {
    const settings = fc
      .tuple(threeKeys, fc.constantFrom('tiny' as const, 'standard' as const), categories)
      .map(([picked, preset, known]) => ({ custody: custodyOf(picked), policy: makePolicy(preset, known) }));
    keeps(settings, encodeSettings, decodeSettings, 300);
  });
  it('public keys', () => {
    const epochs = fc
      .uniqueArray(fc.nat(100_000), { maxLength: 4 })
      .map((days) => [...days].sort((a, b) => a - b).map((epoch, i) => ({ epoch, expires: epoch + 7, publicKey: keys[i] as Uint8Array })));
    const publicKeys: fc.Arbitrary<PublicKeys> = fc
      .tuple(threeKeys, epochs, categories)
      .map(([picked, list, known]) => ({ ...custodyOf(picked), epochs: list, categories: known }));
    keeps(publicKeys, encodePublicKeys, decodePublicKeys, 200);
  });
});
