import { concatBytes, equalBytes, utf8 } from '../foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { openFailed } from '../foundation/errors.js';
import { CHANGE_KINDS } from '../vocabulary/words.js';
import { ROW_BUCKET } from './make-row.js';
import type { EntryStatus, Reply } from './reply.js';

const MAGIC = utf8('cn/rpl/1');
const RESULTS = ['done', 'waiting', 'refused'] as const;
const REASONS = ['number', 'value', 'retracted', 'removed', 'evidence', 'locked', 'pending'] as const;
const STATES = ['waiting', 'published'] as const;
const RECORD_STATES = ['sealed', 'erased'] as const;
const MAX_AMENDMENTS = 0xffffffff;

/**
 * `cn/rpl/1` ‖ canonical JSON. The members have short names and flags stand only where they are true, so that the fullest reply there can be
 * fits a claim row. Throws RangeError for what `decodeReply` would refuse.
 */
export function encodeReply(reply: Reply): Uint8Array {
  const bytes = encodeUnchecked(reply);
  try {
    decodeReply(bytes);
  } catch {
    throw new RangeError('not a valid reply');
  }
  return bytes;
}

/** Strict inverse. Throws `OPEN_FAILED`. */
export function decodeReply(bytes: Uint8Array): Reply {
  if (bytes.length >= ROW_BUCKET || !equalBytes(bytes.slice(0, MAGIC.length), MAGIC)) throw openFailed();
  const reply = replyOf(parse(bytes.slice(MAGIC.length)));
  // One check in the place of many: members unknown here, wrong types and false flags do not come back as they were.
  if (!equalBytes(encodeUnchecked(reply), bytes)) throw openFailed();
  return reply;
}

function encodeUnchecked({ result, reason, dueOn, finalOn, entry, record }: Reply): Uint8Array {
  const json = { result, why: reason, due: dueOn, final: finalOn, record, entry: entry === undefined ? undefined : entryJson(entry) };
  return concatBytes(MAGIC, encodeCanonicalJson(json));
}

function entryJson({ state, registerNumber, retracted, removed, amendments, nameLocked, pending }: EntryStatus): JsonValue {
  return {
    state,
    number: registerNumber,
    retracted: flag(retracted),
    removed: flag(removed),
    amendments,
    locked: flag(nameLocked),
    pending,
  };
}

function flag(value: boolean): true | undefined {
  return value ? true : undefined;
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return decodeCanonicalJson(bytes, ROW_BUCKET);
  } catch {
    throw openFailed();
  }
}

function replyOf(value: JsonValue): Reply {
  const { result, why, due, final, entry, record } = membersOf(value);
  return {
    result: oneOf(RESULTS, result),
    ...(why === undefined ? {} : { reason: oneOf(REASONS, why) }),
    ...(due === undefined ? {} : { dueOn: dateOf(due) }),
    ...(final === undefined ? {} : { finalOn: dateOf(final) }),
    ...(entry === undefined ? {} : { entry: entryOf(entry) }),
    ...(record === undefined ? {} : { record: oneOf(RECORD_STATES, record) }),
  };
}

function entryOf(value: JsonValue): EntryStatus {
  const { state, number, retracted, removed, amendments, locked, pending } = membersOf(value);
  if (!Array.isArray(pending)) throw openFailed();
  const kinds = (pending as readonly JsonValue[]).map((kind) => oneOf(CHANGE_KINDS, kind));
  if (new Set(kinds).size !== kinds.length) throw openFailed();
  return {
    state: oneOf(STATES, state),
    ...(number === undefined ? {} : { registerNumber: whole(number, Number.MAX_SAFE_INTEGER) }),
    retracted: retracted === true,
    removed: removed === true,
    amendments: whole(amendments, MAX_AMENDMENTS),
    nameLocked: locked === true,
    pending: kinds,
  };
}

function membersOf(value: JsonValue): Readonly<Record<string, JsonValue | undefined>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw openFailed();
  return value as Readonly<Record<string, JsonValue | undefined>>;
}

function oneOf<Word extends string>(words: readonly Word[], value: JsonValue | undefined): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw openFailed();
  return word;
}

function whole(value: JsonValue | undefined, most: number): number {
  if (typeof value !== 'number' || value < 0 || value > most) throw openFailed();
  return value;
}

function dateOf(value: JsonValue): string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) throw openFailed();
  return value;
}
