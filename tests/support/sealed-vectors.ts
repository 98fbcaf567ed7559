import { fromHex, toHex, utf8 } from '../../src/foundation/bytes.js';
import {
  decodeHybridPrivateKey,
  encodeHybridPrivateKey,
  generateHybridPrivateKey,
  hybridPublicKey,
} from '../../src/foundation/hybrid-kem-open.js';
import { keyIdOf } from '../../src/foundation/hybrid-kem.js';
import { BUCKETS, type CompartmentName } from '../../src/sealed/compartment.js';
import { commitTo, shareScalar } from '../../src/sealed/keys/scalar-sharing.js';
import {
  encodeShareEnvelope,
  type ShareEnvelope,
  type SharePurpose,
  seedShareHash,
  shareSetId,
} from '../../src/sealed/keys/share-envelope.js';
import { sealCompartment } from '../../src/sealed/seal-compartment.js';
import { seededRandom } from './crypto-fixtures.js';

/** One edit of a case's bytes: remove `remove` bytes at `at`, put `insert` there. */
export interface Malformation {
  readonly name: string;
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
  readonly decode: string;
  readonly open: string;
}

export interface CompartmentCase {
  readonly name: string;
  /** Seed of the reproducible source (`seededRandom`). */
  readonly random: string;
  readonly compartment: CompartmentName;
  readonly holderId: string;
  readonly shred: string;
  readonly plaintext: string;
  readonly privateKeys: readonly string[];
  readonly sealed: string;
}

export interface ShareCase {
  readonly name: string;
  readonly random: string;
  readonly purpose: SharePurpose;
  readonly quorum: number;
  readonly custodians: number;
  readonly privateKey: string;
  /** From the sharing package, which draws from the system: frozen, not generated again. */
  readonly seedShares: readonly string[];
  readonly envelopes: readonly string[];
}

/** The compartment's bytes follow from everything else in its case. */
export function sealCase(value: Omit<CompartmentCase, 'sealed'>): string {
  const recipients = value.privateKeys.map((key) => hybridPublicKey(decodeHybridPrivateKey(fromHex(key))));
  const input = {
    holderId: fromHex(value.holderId),
    compartment: value.compartment,
    plaintext: fromHex(value.plaintext),
    shred: fromHex(value.shred),
    recipients,
  };
  return toHex(sealCompartment(input, { random: seededRandom(value.random) }));
}

/** The envelopes' bytes follow from everything else in their case. */
export function envelopesOfCase(value: Omit<ShareCase, 'envelopes'>): string[] {
  const { purpose, quorum, custodians } = value;
  const privateKey = decodeHybridPrivateKey(fromHex(value.privateKey));
  const keyId = keyIdOf(hybridPublicKey(privateKey));
  const { shares, coefficients } = shareScalar(privateKey.scalar, quorum, custodians, seededRandom(value.random));
  const seedShares = value.seedShares.map((share) => fromHex(share));
  const seedHashes = seedShares.map((share, i) => seedShareHash(purpose, keyId, i + 1, share));
  const set = { purpose, quorum, custodians, keyId, commitments: commitTo(coefficients), seedHashes };
  const setId = shareSetId(set);
  return shares.map((scalarShare, i) => {
    const envelope: ShareEnvelope = { ...set, setId, custodian: i + 1, scalarShare, seedShare: seedShares[i] as Uint8Array };
    return toHex(encodeShareEnvelope(envelope));
  });
}

export function malform(bytes: Uint8Array, { at, remove, insert }: Malformation): Uint8Array {
  const offset = at < 0 ? bytes.length + at : at;
  return new Uint8Array([...bytes.slice(0, offset), ...fromHex(insert), ...bytes.slice(offset + remove)]);
}

function key(seed: string): string {
  return toHex(encodeHybridPrivateKey(generateHybridPrivateKey({ random: seededRandom(seed) })));
}

function make(name: string, compartment: CompartmentName, plaintext: Uint8Array, keys: readonly string[]): Omit<CompartmentCase, 'sealed'> {
  return {
    name,
    random: `compartment ${name}`,
    compartment,
    holderId: toHex(seededRandom(`holder ${name}`).bytes(16)),
    shred: toHex(seededRandom(`shred ${name}`).bytes(32)),
    plaintext: toHex(plaintext),
    privateKeys: keys.map(key),
  };
}

/** What the frozen compartment cases were made from. */
export function compartmentInputs(): Omit<CompartmentCase, 'sealed'>[] {
  return [
    make('link', 'link', seededRandom('link').bytes(56), ['link key']),
    make('identity', 'identity', utf8('{"birthDate":"1970-01","names":["王小明","Wang Xiaoming"]}'), ['vault key']),
    make('contact', 'contact', utf8('{"phones":["+86 130 0000 0000"]}'), ['vault key']),
    make('empty plaintext', 'link', new Uint8Array(0), ['link key']),
    make('full bucket', 'link', new Uint8Array(BUCKETS.link - 1).fill(0x80), ['link key']),
    make('four keys', 'link', utf8('four'), ['one', 'two', 'three', 'four']),
  ];
}
