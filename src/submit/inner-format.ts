import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { utf8 } from '../foundation/bytes.js';
import { pad, unpadView } from '../foundation/padding.js';
import { RegistryError } from '../foundation/errors.js';
import { CLAIM_ROW_LENGTH } from '../claims/make-row.js';
import { INNER_LENGTH } from './outer-format.js';
import { MAX_REQUEST } from './request-format.js';

/**
 * The inside of a submission (docs/spec/submission.md): always the same slots, used or dummy, padded to one length.
 * It is the one place where a sealed record and its public statement lie side by side; only the sort sees it, in memory.
 */
export interface InnerSubmission {
  /** 16 bytes. */
  readonly recordId: Uint8Array;
  /** 32 bytes. */
  readonly shred: Uint8Array;
  readonly identity: Uint8Array;
  readonly contact: Uint8Array;
  readonly link: Uint8Array;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** Canonical statement. */
  readonly statement: Uint8Array;
  /** 32 bytes; random when there is no phrase. */
  readonly locator: Uint8Array;
  /** 296 bytes; random when there is no phrase. */
  readonly claimRow: Uint8Array;
  /** Person-index tags for the matcher; random bytes until a registry has one. */
  readonly matcherEnvelope: Uint8Array;
  /** Tally message for the counter; random bytes until a registry has one. */
  readonly counterEnvelope: Uint8Array;
  /** Registrar's signature and mark; random bytes when unsigned. */
  readonly registrarSignature: Uint8Array;
}

const MAGIC = utf8('cn/inn/1');
/** What a submission carries; both are padded to the same length and sealed alike. */
const OPERATION = { register: 1, request: 2 } as const;
const MAX_COMPARTMENT = 9000;
const MAX_STATEMENT = 4096;

export const MATCHER_ENVELOPE_LENGTH = 2048;
export const COUNTER_ENVELOPE_LENGTH = 1536;
export const REGISTRAR_SIGNATURE_LENGTH = 128;

/** Throws `COMPARTMENT_TOO_LARGE` if the slots do not fit, which v1 compartments with up to two wraps each always do. */
export function encodeInner(inner: InnerSubmission): Uint8Array {
  const bytes = new ByteWriter()
    .fixed(MAGIC, MAGIC.length)
    .u8(OPERATION.register)
    .fixed(inner.recordId, 16)
    .fixed(inner.shred, 32)
    .prefixed(inner.identity)
    .prefixed(inner.contact)
    .prefixed(inner.link)
    .fixed(inner.salt, 32)
    .prefixed(inner.statement)
    .fixed(inner.locator, 32)
    .fixed(inner.claimRow, CLAIM_ROW_LENGTH)
    .fixed(inner.matcherEnvelope, MATCHER_ENVELOPE_LENGTH)
    .fixed(inner.counterEnvelope, COUNTER_ENVELOPE_LENGTH)
    .fixed(inner.registrarSignature, REGISTRAR_SIGNATURE_LENGTH)
    .finish();
  return pad(bytes, INNER_LENGTH);
}

/** A request in the place of a registration. Throws RangeError for one that is too long. */
export function encodeInnerRequest(request: Uint8Array): Uint8Array {
  if (request.length > MAX_REQUEST) throw new RangeError('a request is too long');
  return pad(new ByteWriter().fixed(MAGIC, MAGIC.length).u8(OPERATION.request).prefixed(request).finish(), INNER_LENGTH);
}

/**
 * The inside of any submission: a registration's slots, the long ones as windows on `padded`, or a request's bytes. Throws
 * `SUBMISSION_INVALID`. The parts are checked by whoever uses them.
 */
export function decodeInside(padded: Uint8Array): { readonly inner: InnerSubmission } | { readonly request: Uint8Array } {
  const reader = new ByteReader(unpadInner(padded), 'submission', INNER_LENGTH, 'SUBMISSION_INVALID').expect(MAGIC);
  const operation = reader.u8();
  if (operation === OPERATION.register) return { inner: readSlots(reader) };
  if (operation !== OPERATION.request) throw reader.invalid();
  const request = reader.prefixed(MAX_REQUEST);
  reader.end();
  return { request };
}

/** A registration's inside. Throws `SUBMISSION_INVALID`, for a request too. */
export function decodeInner(padded: Uint8Array): InnerSubmission {
  const inside = decodeInside(padded);
  if (!('inner' in inside)) throw malformed();
  return inside.inner;
}

function readSlots(reader: ByteReader): InnerSubmission {
  const inner: InnerSubmission = {
    recordId: reader.fixed(16),
    shred: reader.fixed(32),
    identity: reader.prefixedView(MAX_COMPARTMENT),
    contact: reader.prefixedView(MAX_COMPARTMENT),
    link: reader.prefixedView(MAX_COMPARTMENT),
    salt: reader.fixed(32),
    statement: reader.prefixed(MAX_STATEMENT),
    locator: reader.fixed(32),
    claimRow: reader.fixed(CLAIM_ROW_LENGTH),
    matcherEnvelope: reader.view(MATCHER_ENVELOPE_LENGTH),
    counterEnvelope: reader.view(COUNTER_ENVELOPE_LENGTH),
    registrarSignature: reader.view(REGISTRAR_SIGNATURE_LENGTH),
  };
  reader.end();
  return inner;
}

function unpadInner(padded: Uint8Array): Uint8Array {
  if (padded.length !== INNER_LENGTH) throw malformed();
  try {
    return unpadView(padded);
  } catch {
    throw malformed();
  }
}

function malformed(): RegistryError {
  return new RegistryError('SUBMISSION_INVALID', 'malformed submission');
}
