import { systemClock } from '../foundation/clock.js';
import { systemRandom } from '../foundation/random.js';
import { Secret } from '../foundation/secret.js';
import { assertBytes, wipe } from '../foundation/bytes.js';
import { makeClaim } from '../claims/make-claim.js';
import { encodeStatement } from '../public/statement.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import type { SealedCompartments } from '../sealed/record.js';
import { sealRecord } from '../sealed/seal-record.js';
import { type EntryId, ID_LENGTH, idToHex } from '../vocabulary/ids.js';
import { COUNTER_ENVELOPE_LENGTH, encodeInner, MATCHER_ENVELOPE_LENGTH, REGISTRAR_SIGNATURE_LENGTH } from './inner-format.js';
import { prepareRegistration, type PreparedRegistration, type SubmitOptions } from './prepare-registration.js';
import type { Registration } from './registration.js';
import { currentEpoch, wrapSubmission } from './wrap-submission.js';

export interface MakeSubmissionOptions extends SubmitOptions {
  /** 16 bytes that the members of one call share; sealed in the `link` compartment. Default: random, alike in form. */
  readonly groupId?: Uint8Array;
  /** 16 bytes that say which registrar took the call; sealed in the `link` compartment. Default: random. */
  readonly registrarMark?: Uint8Array;
}

export interface MadeSubmission {
  /** 24 KiB; give them to `registry.accept` or to the intake server. */
  readonly bytes: Uint8Array;
  /** Public id of the entry that will appear; 32 hex digits. */
  readonly entryId: EntryId;
  /** The claim phrase, if one was asked for. Show it to the person once and forget it. */
  readonly claim?: Secret<string>;
  /** The sealed inside, for `rewrapSubmission` until the intake has answered. Holds the link between record and entry: forget it then. */
  readonly inner: Secret<Uint8Array>;
}

/**
 * Checks, seals and wraps one registration with public keys only: whoever runs this cannot open what it made (P1).
 *
 * Everything is done in memory, nothing is sent. The result has the same size for everybody. Construction: docs/spec/submission.md.
 * Throws `REGISTRATION_INVALID`, `IDENTITY_INVALID`, `CONTACT_INVALID`, `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE`, `CATEGORY_UNKNOWN`,
 * `ALIAS_INVALID`, `STATEMENT_LEAKS_NAME`, `STATEMENT_LEAKS_CONTACT`, `COMPARTMENT_TOO_LARGE`, `PIN_INVALID`, `EPOCH_EXPIRED`.
 */
export function makeSubmission(registration: Registration, publicKeys: PublicKeys, options: MakeSubmissionOptions = {}): MadeSubmission {
  const epoch = currentEpoch(publicKeys.epochs, options.clock ?? systemClock);
  const prepared = prepareRegistration(registration, publicKeys.categories, options);
  const random = options.random ?? systemRandom;
  const claim = makeClaim(prepared.kappa, prepared.claim, random);
  const shred = random.bytes(32);
  const compartments = sealCompartments(prepared, shred, publicKeys, options);
  const inner = encodeInner({
    recordId: prepared.keys.recordId,
    shred,
    ...compartments,
    salt: prepared.keys.salt,
    statement: encodeStatement(prepared.statement),
    locator: claim.row.locator,
    claimRow: claim.row.row,
    matcherEnvelope: random.bytes(MATCHER_ENVELOPE_LENGTH),
    counterEnvelope: random.bytes(COUNTER_ENVELOPE_LENGTH),
    registrarSignature: random.bytes(REGISTRAR_SIGNATURE_LENGTH),
  });
  wipe(prepared.kappa, shred);
  return {
    bytes: wrapSubmission(inner, epoch, options),
    entryId: idToHex(prepared.keys.entryId),
    ...(claim.phrase === undefined ? {} : { claim: claim.phrase }),
    inner: new Secret(inner),
  };
}

/**
 * A retry: the same sealed inside under today's epoch key. The registry recognises it as the same registration.
 * Throws `EPOCH_EXPIRED`.
 */
export function rewrapSubmission(inner: Secret<Uint8Array>, publicKeys: PublicKeys, options: SubmitOptions = {}): Uint8Array {
  return wrapSubmission(inner.reveal(), currentEpoch(publicKeys.epochs, options.clock ?? systemClock), options);
}

function sealCompartments(
  prepared: PreparedRegistration,
  shred: Uint8Array,
  publicKeys: PublicKeys,
  options: MakeSubmissionOptions,
): SealedCompartments {
  const random = options.random ?? systemRandom;
  const groupId = options.groupId ?? random.bytes(ID_LENGTH);
  const registrarMark = options.registrarMark ?? random.bytes(ID_LENGTH);
  assertBytes(groupId, 'groupId', ID_LENGTH);
  assertBytes(registrarMark, 'registrarMark', ID_LENGTH);
  return sealRecord(
    {
      recordId: prepared.keys.recordId,
      identity: prepared.identity,
      contact: prepared.contact,
      link: { entryId: prepared.keys.entryId, groupId, registrarMark },
      shred,
      vaultKey: publicKeys.vault,
      linkKey: publicKeys.link,
    },
    options,
  );
}
