import { assertBytes, equalBytes, fromBase64, toBase64 } from '../../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../../foundation/canonical-json.js';
import { RegistryError } from '../../foundation/errors.js';
import { splitPublicKey } from '../../foundation/hybrid-kem.js';
import { decodePoint } from '../../foundation/p256-group.js';
import { assertCategories, type Category } from '../../vocabulary/categories.js';

/**
 * All that a sealing device needs. Public: whoever has it can write and never read. Whoever can *replace* it can read everything sealed
 * from then on, so it travels with the program or over a channel the device can check.
 */
export interface PublicKeys {
  /** Hybrid public key (1249 bytes) for identity and contact. */
  readonly vault: Uint8Array;
  /** For the link compartment; never the vault key. */
  readonly link: Uint8Array;
  /** For submissions that cannot be opened or stored. */
  readonly quarantine: Uint8Array;
  /** Published ahead, ascending; may be empty. */
  readonly epochs: readonly EpochPublicKey[];
  readonly categories: readonly Category[];
}

/** The part of `PublicKeys` that the custody ceremony gives: what a registry is created with. */
export type CustodyPublicKeys = Pick<PublicKeys, 'vault' | 'link' | 'quarantine'>;

export interface EpochPublicKey {
  /** The day (since 1970-01-01) it seals for. */
  readonly epoch: number;
  /** The first day on which intake refuses it. */
  readonly expires: number;
  readonly publicKey: Uint8Array;
}

const VERSION = 1;
const MAX_BYTES = 1024 * 1024;
const MAX_EPOCHS = 512;
const MAX_DAY = 0xffffffff;
const MAX_LABEL = 256;

/** Canonical JSON (docs/spec/sealed-compartment.md, "Public keys"). Throws `KEYS_INVALID` for keys `decodePublicKeys` would refuse. */
export function encodePublicKeys(keys: PublicKeys): Uint8Array {
  assertPublicKeys(keys);
  const bytes = encodeCanonicalJson({
    v: VERSION,
    vault: toBase64(keys.vault),
    link: toBase64(keys.link),
    quarantine: toBase64(keys.quarantine),
    epochs: keys.epochs.map(({ epoch, expires, publicKey }) => ({ epoch, expires, key: toBase64(publicKey) })),
    categories: keys.categories.map(({ id, label }) => ({ id, label })),
  });
  if (bytes.length > MAX_BYTES) throw invalid();
  return bytes;
}

/** Inverse of `encodePublicKeys`; at most 1 MiB. Throws `KEYS_INVALID`. */
export function decodePublicKeys(bytes: Uint8Array): PublicKeys {
  assertBytes(bytes, 'public keys');
  try {
    const file = object(decodeCanonicalJson(bytes, MAX_BYTES), ['v', 'vault', 'link', 'quarantine', 'epochs', 'categories']);
    if (file['v'] !== VERSION) throw invalid();
    const keys: PublicKeys = {
      vault: key(file['vault']),
      link: key(file['link']),
      quarantine: key(file['quarantine']),
      epochs: list(file['epochs']).map(epochOf),
      categories: list(file['categories']).map(categoryOf),
    };
    assertPublicKeys(keys);
    return keys;
  } catch {
    throw invalid();
  }
}

/** The three keys differ (a quorum for one must not open another's), epochs ascend, every point lies on the curve. Throws `KEYS_INVALID`. */
function assertPublicKeys(keys: PublicKeys): void {
  const { vault, link, quarantine, epochs } = keys;
  try {
    for (const publicKey of [vault, link, quarantine, ...epochs.map((epoch) => epoch.publicKey)])
      decodePoint(splitPublicKey(publicKey).point);
    assertCategories(keys.categories);
  } catch (error) {
    throw error instanceof TypeError ? error : invalid();
  }
  const distinct = !equalBytes(vault, link) && !equalBytes(vault, quarantine) && !equalBytes(link, quarantine);
  const labelled = keys.categories.every(({ label }) => label === undefined || (label.length >= 1 && label.length <= MAX_LABEL));
  if (!distinct || !labelled || epochs.length > MAX_EPOCHS || !epochs.every((epoch, i) => isOrdered(epoch, epochs[i - 1]))) throw invalid();
}

function isOrdered(current: EpochPublicKey, previous: EpochPublicKey | undefined): boolean {
  return isDay(current.epoch) && isDay(current.expires) && current.expires > current.epoch && (previous?.epoch ?? -1) < current.epoch;
}

function isDay(day: number): boolean {
  return Number.isInteger(day) && day >= 0 && day <= MAX_DAY;
}

function epochOf(value: JsonValue): EpochPublicKey {
  const { epoch, expires, key: publicKey } = object(value, ['epoch', 'expires', 'key']);
  if (typeof epoch !== 'number' || typeof expires !== 'number') throw invalid();
  return { epoch, expires, publicKey: key(publicKey) };
}

function categoryOf(value: JsonValue): Category {
  const { id, label } = object(value, ['id', 'label']);
  if (typeof id !== 'string') throw invalid();
  if (label === undefined) return { id };
  if (typeof label !== 'string') throw invalid();
  return { id, label };
}

function key(value: JsonValue | undefined): Uint8Array {
  if (typeof value !== 'string') throw invalid();
  return fromBase64(value);
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw invalid();
  return value as readonly JsonValue[];
}

function object(value: JsonValue, fields: readonly string[]): { readonly [field: string]: JsonValue | undefined } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  if (!Object.keys(value).every((field) => fields.includes(field))) throw invalid();
  return value as { readonly [field: string]: JsonValue | undefined };
}

function invalid(): RegistryError {
  return new RegistryError('KEYS_INVALID', 'malformed public keys');
}
