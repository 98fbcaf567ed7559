import type { Claim } from '../claims/claim.js';
import { deriveReplyKeys, type ReplyPlace } from '../claims/reply-keys.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { type Clock, systemClock, today } from '../foundation/clock.js';
import { publicKeyOfSeed, signMessage } from '../foundation/ed25519.js';
import { deriveKey } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import { u32 } from '../foundation/tuple.js';
import { normaliseShownName } from '../public/alias.js';
import { changeMessage } from '../public/change.js';
import { normaliseText } from '../public/text.js';
import type { PublicKeys } from '../sealed/keys/public-keys.js';
import type { ChangeKind } from '../vocabulary/words.js';
import { encodeInnerRequest } from './inner-format.js';
import { entrySeedOf, recordSeedOf } from './kappa-keys.js';
import { encodeRequest, type EntryOperation, type Operation, type RecordOperation, type Request } from './request-format.js';
import { currentEpoch, wrapSubmission } from './wrap-submission.js';

/** What a person may ask. `number` of an amendment: published amendments + 1 (`EntryStatus.amendments`), so that an old one cannot be played again. */
export type Wish =
  | { readonly operation: 'amend'; readonly number: number /** New text, at most 2 KiB; empty: none. */; readonly text: string }
  | { readonly operation: 'show-name'; readonly number: number; readonly name: string }
  | { readonly operation: 'retract' | 'remove-content' | 'veto' | 'erase' }
  /** `number`: any; default the day, so that whoever has the phrase finds today's answer again. */
  | { readonly operation: 'status' | 'record-status'; readonly number?: number };

export interface MakeRequestOptions extends CryptoOptions {
  readonly clock?: Clock;
  /** 0 (default), 1, 2 …: one more for a request that is made again because the first was refused. */
  readonly attempt?: number;
}

export interface MadeRequest {
  /** 24 KiB; give them to `registry.apply` or to the intake server. They look like any submission. */
  readonly bytes: Uint8Array;
  /** Where `readReply` finds the answer. */
  readonly place: ReplyPlace;
}

const ZERO_SALT = new Uint8Array(32);
const NO_SIGNATURE = new Uint8Array(64);

/** Operations that leave a leaf, which carries the holder's signature. */
const KINDS: Readonly<Partial<Record<Operation, ChangeKind>>> = {
  amend: 'text',
  'show-name': 'name',
  retract: 'retraction',
  'remove-content': 'removal',
};

/**
 * A request of the holder of a claim, sealed as a registration is: whoever watches the line or seizes the inbox cannot tell it from one.
 *
 * A request about the entry is signed by the entry's key, one about the record by the record's; none names both, so that no request joins
 * the two worlds. Text and name are brought into their canonical form here. Throws `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE`, `ALIAS_INVALID`,
 * `EPOCH_EXPIRED`; RangeError for a number that is none; TypeError for an amendment without text.
 */
export function makeRequest(
  claim: Claim,
  wish: Wish,
  publicKeys: Pick<PublicKeys, 'epochs'>,
  options: MakeRequestOptions = {},
): MadeRequest {
  const clock = options.clock ?? systemClock;
  const epoch = currentEpoch(publicKeys.epochs, clock);
  const { kappa, replySeed } = claim.secret.reveal();
  const { operation } = wish;
  const number = numberOf(wish, clock);
  const attempt = options.attempt ?? 0;
  const addressed = { number, ...deriveReplyKeys(replySeed, operation, number, attempt) };
  const request = isOfRecord(operation)
    ? encodeRequest({ ...addressed, operation, ...NO_CHANGE }, recordSeedOf(kappa), options)
    : encodeRequest({ ...addressed, operation, ...changeOf(operation, wish, number, kappa, options) }, entrySeedOf(kappa), options);
  return { bytes: wrapSubmission(encodeInnerRequest(request), epoch, options), place: { operation, number, attempt } };
}

/** 32 bytes: the salt of amendment `number`. It follows from κ, so the holder can recompute the leaf of the new content. */
export function amendedSalt(kappa: Uint8Array, number: number): Uint8Array {
  return deriveKey(entrySeedOf(kappa), LABELS.amendedSalt, u32(number));
}

type ChangePart = Pick<Request, 'salt' | 'value' | 'changeSignature'>;
const NO_CHANGE: ChangePart = { salt: ZERO_SALT, value: '', changeSignature: NO_SIGNATURE };

function changeOf(operation: EntryOperation, wish: Wish, number: number, kappa: Uint8Array, options: CryptoOptions): ChangePart {
  const kind = KINDS[operation];
  if (kind === undefined) return NO_CHANGE;
  const value = wishedValue(wish);
  const salt = kind === 'text' || kind === 'name' ? amendedSalt(kappa, number) : ZERO_SALT;
  const seed = entrySeedOf(kappa);
  const message = changeMessage({ kind, entryPublicKey: publicKeyOfSeed(seed, options), number, salt, value });
  return { salt, value, changeSignature: signMessage(message, seed, options) };
}

function wishedValue(wish: Wish): string {
  // A text left out by mistake would take the published one away.
  if (wish.operation === 'amend' && typeof wish.text !== 'string') throw new TypeError('text must be a string; empty takes the text away');
  if (wish.operation === 'amend') return normaliseText(wish.text) ?? '';
  return wish.operation === 'show-name' ? normaliseShownName(wish.name) : '';
}

function numberOf(wish: Wish, clock: Clock): number {
  if (wish.operation === 'status' || wish.operation === 'record-status') return wish.number ?? today(clock);
  if (wish.operation !== 'amend' && wish.operation !== 'show-name') return 0;
  if (!Number.isInteger(wish.number) || wish.number < 1) throw new RangeError('amendments are numbered 1, 2, 3 …');
  return wish.number;
}

function isOfRecord(operation: Operation): operation is RecordOperation {
  return operation === 'erase' || operation === 'record-status';
}
