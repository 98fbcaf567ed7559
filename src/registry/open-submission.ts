import type { CryptoOptions } from '../foundation/backend.js';
import { equalBytes, fromHex, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { hpkeOpen } from '../foundation/hpke-open.js';
import { type HybridPrivateKey, keyIdOf } from '../foundation/hybrid-kem.js';
import type { PreparedHybridKey } from '../foundation/hybrid-kem-open.js';
import { LABELS } from '../foundation/labels.js';
import { assertKnownCategories, decodeWithDigest, type Statement } from '../public/statement.js';
import { decodeCompartment } from '../sealed/compartment.js';
import { recordDigest } from '../sealed/record.js';
import { decodeInside, type InnerSubmission } from '../submit/inner-format.js';
import { decodeOuter, encodeHeader } from '../submit/outer-format.js';
import { decodeRequest, type SignedRequest } from '../submit/request-format.js';
import type { Category } from '../vocabulary/categories.js';
import { idOfPublicKey } from '../vocabulary/ids.js';
import type { RegistrySettings } from './settings.js';

/** A submission whose outer layer was opened and whose public part is valid. The compartments stay sealed. */
export interface OpenedSubmission {
  /** The compartments, both envelopes and the signature are windows on `padded`: a store is given copies. */
  readonly inner: InnerSubmission;
  /** The padded inside, for the quarantine. */
  readonly padded: Uint8Array;
  readonly statement: Statement;
  readonly entryId: Uint8Array;
  /** Tells a retry from a collision on the sealed side … */
  readonly recordDigest: Uint8Array;
  /** … and on the public side. The two digests have nothing in common: a shared one would be a link table. */
  readonly statementDigest: Uint8Array;
}

/** A request whose signature is good; whether it may be done is asked when it is. */
export interface OpenedRequest {
  readonly request: SignedRequest;
  readonly padded: Uint8Array;
}

/** Opens the outer layer with its epoch's private key. Throws `OPEN_FAILED` or `SUBMISSION_INVALID`. */
export function openOuter(submission: Uint8Array, epochKey: HybridPrivateKey | PreparedHybridKey, options: CryptoOptions): Uint8Array {
  const outer = decodeOuter(submission);
  return hpkeOpen(
    {
      privateKey: epochKey,
      enc: outer.enc,
      info: utf8(LABELS.submissionOuter),
      aad: encodeHeader(outer.epoch, outer.expires),
      ciphertext: outer.ciphertext,
    },
    options,
  );
}

/**
 * Checks everything that can be checked without opening a compartment: shape, that each compartment is sealed to this registry's keys, every
 * rule of the published part, a request's signature. Accepted = opened and valid (P8).
 * Throws the coded error of the first rule broken.
 */
export function checkInside(
  padded: Uint8Array,
  settings: RegistrySettings,
  options: CryptoOptions,
  rules: InsideRules = insideRules(settings),
): OpenedSubmission | OpenedRequest {
  const inside = decodeInside(padded);
  if ('request' in inside) return { request: decodeRequest(inside.request, options), padded };
  return checkRegistration(inside.inner, padded, rules, options);
}

/** What `checkInside` asks of a registration, worked out once for many. */
export interface InsideRules {
  readonly vaultKeyId: Uint8Array;
  readonly linkKeyId: Uint8Array;
  readonly categories: readonly Category[];
}

export function insideRules({ custody, policy }: RegistrySettings): InsideRules {
  return { vaultKeyId: keyIdOf(custody.vault), linkKeyId: keyIdOf(custody.link), categories: policy.categories };
}

function checkRegistration(inner: InnerSubmission, padded: Uint8Array, rules: InsideRules, options: CryptoOptions): OpenedSubmission {
  assertSealedTo(inner.identity, 'identity', rules.vaultKeyId);
  assertSealedTo(inner.contact, 'contact', rules.vaultKeyId);
  assertSealedTo(inner.link, 'link', rules.linkKeyId);
  const { statement, digest } = decodeWithDigest(inner.statement, inner.salt, options.backend?.sha256);
  assertKnownCategories(statement, rules.categories);
  return {
    inner,
    padded,
    statement,
    entryId: idOfPublicKey(fromHex(statement.entryKey)),
    recordDigest: recordDigest(inner, inner.shred, options),
    statementDigest: digest,
  };
}

function assertSealedTo(bytes: Uint8Array, name: 'identity' | 'contact' | 'link', keyId: Uint8Array): void {
  const sealed = decodeCompartment(bytes);
  // Exactly one wrap: another number would make the record's size a marker.
  const [wrap, ...more] = sealed.wraps;
  if (sealed.compartment !== name || more.length > 0 || wrap === undefined || !equalBytes(wrap.keyId, keyId)) {
    throw new RegistryError('SUBMISSION_INVALID', 'a compartment is not sealed to this registry');
  }
}
