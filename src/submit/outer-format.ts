import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { assertBytes, utf8 } from '../foundation/bytes.js';
import { HYBRID_ENC_LENGTH } from '../foundation/hybrid-kem.js';
import { POINT_LENGTH } from '../foundation/p256-group.js';

/** One size for every operation, client and person (docs/spec/submission.md): the network learns that something was sent. */
export const SUBMISSION_LENGTH = 24 * 1024;

const MAGIC = utf8('cn/sub/1');
/** magic ‖ epoch ‖ expires: in clear, and bound as associated data. */
export const SUBMISSION_HEADER_LENGTH = MAGIC.length + 4 + 4;
const TAG_LENGTH = 16;
const CIPHERTEXT_LENGTH = SUBMISSION_LENGTH - SUBMISSION_HEADER_LENGTH - HYBRID_ENC_LENGTH;
/** Length of the padded inside. */
export const INNER_LENGTH = CIPHERTEXT_LENGTH - TAG_LENGTH;

export interface OuterSubmission {
  /** Day number whose epoch key it is sealed to. */
  readonly epoch: number;
  /** First day on which intake refuses it. */
  readonly expires: number;
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function encodeHeader(epoch: number, expires: number): Uint8Array {
  return new ByteWriter().fixed(MAGIC, MAGIC.length).u32(epoch).u32(expires).finish();
}

export function encodeOuter(outer: OuterSubmission): Uint8Array {
  return new ByteWriter()
    .fixed(encodeHeader(outer.epoch, outer.expires), SUBMISSION_HEADER_LENGTH)
    .fixed(outer.enc, HYBRID_ENC_LENGTH)
    .fixed(outer.ciphertext, CIPHERTEXT_LENGTH)
    .finish();
}

/** What stands in clear, without copying the rest. Throws `SUBMISSION_INVALID` for another length or magic. */
export function decodeHeader(submission: Uint8Array): Pick<OuterSubmission, 'epoch' | 'expires'> {
  assertBytes(submission, 'submission');
  const reader = new ByteReader(submission, 'submission', SUBMISSION_LENGTH, 'SUBMISSION_INVALID').expect(MAGIC);
  const header = { epoch: reader.u32(), expires: reader.u32() };
  if (submission.length !== SUBMISSION_LENGTH) throw reader.invalid();
  return header;
}

/** 32 bytes of the ML-KEM ciphertext, and the ephemeral point. */
const ENC_TAIL_LENGTH = 32 + POINT_LENGTH;
const ENC_END = SUBMISSION_HEADER_LENGTH + HYBRID_ENC_LENGTH;

/** Where the parts of a submission lie by which it is named: header, end of the encapsulated key (97 bytes), authentication tag. */
export const NAMING_PARTS: readonly { readonly start: number; readonly end: number }[] = [
  { start: 0, end: SUBMISSION_HEADER_LENGTH },
  { start: ENC_END - ENC_TAIL_LENGTH, end: ENC_END },
  { start: SUBMISSION_LENGTH - TAG_LENGTH, end: SUBMISSION_LENGTH },
];

/** Windows on `submission`. Throws `SUBMISSION_INVALID`. Says nothing about whether the inside opens. */
export function decodeOuter(submission: Uint8Array): OuterSubmission {
  const reader = new ByteReader(submission, 'submission', SUBMISSION_LENGTH, 'SUBMISSION_INVALID').expect(MAGIC);
  const outer = {
    epoch: reader.u32(),
    expires: reader.u32(),
    enc: reader.view(HYBRID_ENC_LENGTH),
    ciphertext: reader.view(CIPHERTEXT_LENGTH),
  };
  reader.end();
  return outer;
}
