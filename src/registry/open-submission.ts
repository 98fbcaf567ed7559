import type { CryptoOptions } from '../foundation/backend.js';
import { equalBytes, fromHex, utf8 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { hpkeOpen } from '../foundation/hpke-open.js';
import { type HybridPrivateKey, keyIdOf } from '../foundation/hybrid-kem.js';
import { LABELS } from '../foundation/labels.js';
import { assertKnownCategories, decodeStatement, type Statement, statementDigest } from '../public/statement.js';
import { decodeCompartment } from '../sealed/compartment.js';
import { recordDigest } from '../sealed/record.js';
import { decodeInner, type InnerSubmission } from '../submit/inner-format.js';
import { decodeOuter, encodeHeader } from '../submit/outer-format.js';
import { idOfPublicKey } from '../vocabulary/ids.js';
import type { RegistrySettings } from './settings.js';

/** A submission whose outer layer was opened and whose public part is valid. The compartments stay sealed. */
export interface OpenedSubmission {
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

/** Opens the outer layer with its epoch's private key. Throws `OPEN_FAILED` or `SUBMISSION_INVALID`. */
export function openOuter(submission: Uint8Array, epochKey: HybridPrivateKey, options: CryptoOptions): Uint8Array {
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
 * Checks everything that can be checked without opening a compartment: shape, that each compartment is sealed to this registry's keys, and
 * every rule of the published part. Accepted = opened and valid (P8).
 * Throws the coded error of the first rule broken.
 */
export function checkInner(padded: Uint8Array, settings: RegistrySettings): OpenedSubmission {
  const inner = decodeInner(padded);
  const { custody, policy } = settings;
  assertSealedTo(inner.identity, 'identity', custody.vault);
  assertSealedTo(inner.contact, 'contact', custody.vault);
  assertSealedTo(inner.link, 'link', custody.link);
  const statement = decodeStatement(inner.statement);
  assertKnownCategories(statement, policy.categories);
  return {
    inner,
    padded,
    statement,
    entryId: idOfPublicKey(fromHex(statement.entryKey)),
    recordDigest: recordDigest(inner, inner.shred),
    statementDigest: statementDigest(statement, inner.salt),
  };
}

function assertSealedTo(bytes: Uint8Array, name: 'identity' | 'contact' | 'link', publicKey: Uint8Array): void {
  const sealed = decodeCompartment(bytes);
  const expected = keyIdOf(publicKey);
  // Exactly one wrap: another number would make the record's size a marker.
  const [wrap, ...more] = sealed.wraps;
  if (sealed.compartment !== name || more.length > 0 || wrap === undefined || !equalBytes(wrap.keyId, expected)) {
    throw new RegistryError('SUBMISSION_INVALID', 'a compartment is not sealed to this registry');
  }
}
