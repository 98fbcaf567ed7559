import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { utf8 } from '../foundation/bytes.js';
import { HYBRID_ENC_LENGTH } from '../foundation/hybrid-kem.js';

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

/** Throws `SUBMISSION_INVALID`. Says nothing about whether the inside opens. */
export function decodeOuter(submission: Uint8Array): OuterSubmission {
  const reader = new ByteReader(submission, 'submission', SUBMISSION_LENGTH, 'SUBMISSION_INVALID').expect(MAGIC);
  const outer = {
    epoch: reader.u32(),
    expires: reader.u32(),
    enc: reader.fixed(HYBRID_ENC_LENGTH),
    ciphertext: reader.fixed(CIPHERTEXT_LENGTH),
  };
  reader.end();
  return outer;
}
