import * as z from 'zod';
import type { CryptoOptions } from '../foundation/backend.js';
import { toHex, wipe } from '../foundation/bytes.js';
import { decodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { openFailed } from '../foundation/errors.js';
import type { HybridPrivateKey } from '../foundation/hybrid-kem.js';
import type { Secret } from '../foundation/secret.js';
import { idFromHex } from '../vocabulary/ids.js';
import { BUCKETS, COMPARTMENTS, type CompartmentName } from './compartment.js';
import { type Contact, normaliseContact } from './contact.js';
import { type Identity, normaliseIdentity } from './identity.js';
import { combineShares, tooFewShares } from './keys/open-shares.js';
import { parseNumbered } from './keys/parse-shares.js';
import type { ShareEnvelope, SharePurpose } from './keys/share-envelope.js';
import { decodeLink } from './link.js';
import { openCompartment } from './open-compartment.js';
import type { SealedRecord } from './record.js';

/** Exactly the compartments that were asked for. */
export interface OpenedRecord {
  readonly identity?: Identity;
  readonly contact?: Contact;
  /** Each 32 hex digits; random where the deployment put no link. */
  readonly link?: { readonly entryId: string; readonly groupId: string; readonly registrarMark: string };
}

/** The private keys of an opening; a compartment whose key is missing cannot be asked for. */
export interface OpeningKeys {
  readonly vault?: HybridPrivateKey;
  readonly link?: HybridPrivateKey;
}

/**
 * Opens the asked compartments of one record with the custodians' shares (level L1: the key is whole in this process's memory while it
 * runs; an offline station). identity and contact need a quorum of vault shares, link one of link shares. Shares of several keys may be
 * given together; a key that is not needed is never put together.
 *
 * `extra` comes out as the device sealed it: JSON, but unchecked by the service's schema.
 * Throws `SHARES_TOO_FEW`, `SHARE_BAD`, `SHARE_MIXED`, `SHARE_DUPLICATE` (custodian named), `SHARE_INVALID` (details.row: which of the given
 * texts), `OPEN_FAILED` for everything about the record itself, `FORMAT_INVALID` for a record id that is none.
 */
export async function openRecord(
  sealed: SealedRecord,
  shares: readonly (string | Secret<string>)[],
  compartments: readonly CompartmentName[],
  options: CryptoOptions = {},
): Promise<OpenedRecord> {
  const envelopes = shares.map(parseNumbered);
  const needed = new Set(compartments.map(keyPurpose));
  const keys: { vault?: HybridPrivateKey; link?: HybridPrivateKey } = {};
  try {
    for (const purpose of needed) keys[purpose] = await combineFor(purpose, envelopes, options);
    return openRecordWithKey(sealed, keys, compartments, options);
  } finally {
    for (const key of Object.values(keys)) wipe(key.scalar, key.seed);
  }
}

/**
 * Level L0: as `openRecord`, with whole private keys. For tests and one-key deployments: whoever seizes such a key file reads everything.
 * Throws `SHARES_TOO_FEW` when the key for an asked compartment is not there, otherwise like `openRecord`.
 */
export function openRecordWithKey(
  sealed: SealedRecord,
  keys: OpeningKeys,
  compartments: readonly CompartmentName[],
  options: CryptoOptions = {},
): OpenedRecord {
  const holderId = idFromHex(sealed.recordId);
  const open = (compartment: CompartmentName): Uint8Array => {
    const privateKey = keys[keyPurpose(compartment)];
    if (privateKey === undefined) throw tooFewShares();
    return openCompartment({ holderId, compartment, sealed: sealed[compartment], shred: sealed.shred, privateKey }, options);
  };
  const opened: { -readonly [K in keyof OpenedRecord]: OpenedRecord[K] } = {};
  for (const compartment of new Set(compartments)) {
    const plaintext = open(compartment);
    if (compartment === 'identity') opened.identity = readFields(plaintext, BUCKETS.identity, normaliseIdentity);
    else if (compartment === 'contact') opened.contact = readFields(plaintext, BUCKETS.contact, normaliseContact);
    else opened.link = readLink(plaintext);
  }
  return opened;
}

function keyPurpose(compartment: CompartmentName): 'vault' | 'link' {
  if (!COMPARTMENTS.includes(compartment)) throw new TypeError('no such compartment');
  return compartment === 'link' ? 'link' : 'vault';
}

async function combineFor(purpose: SharePurpose, envelopes: readonly ShareEnvelope[], options: CryptoOptions): Promise<HybridPrivateKey> {
  return combineShares(
    envelopes.filter((envelope) => envelope.purpose === purpose),
    options,
  );
}

const ANY_EXTRA = z.record(z.string(), z.unknown()).optional();

/** The device that sealed this may have been malicious: what it sealed is checked like any input before a custodian looks at it. */
function readFields<T>(plaintext: Uint8Array, bucket: number, normalise: (input: JsonValue, extra: z.ZodType) => T): T {
  try {
    return normalise(decodeCanonicalJson(plaintext, bucket), ANY_EXTRA);
  } catch {
    throw openFailed();
  }
}

function readLink(plaintext: Uint8Array): NonNullable<OpenedRecord['link']> {
  try {
    const { entryId, groupId, registrarMark } = decodeLink(plaintext);
    return { entryId: toHex(entryId), groupId: toHex(groupId), registrarMark: toHex(registrarMark) };
  } catch {
    throw openFailed();
  }
}
