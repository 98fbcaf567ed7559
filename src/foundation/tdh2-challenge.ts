import type { CryptoOptions } from './backend.js';
import { LABELS } from './labels.js';
import { sha256 } from './sha256.js';
import { hashTupleBy } from './tuple.js';

/** Ē compressed 33 ‖ challenge 32 ‖ response 32. */
export const TAG_LENGTH = 97;

/** What the challenge of a TDH2 tag is computed over; points compressed (33) except E (65, as in `enc`). */
export interface TagTranscript {
  readonly context: Uint8Array;
  readonly ephemeralPoint: Uint8Array;
  readonly eBar: Uint8Array;
  readonly a: Uint8Array;
  readonly aBar: Uint8Array;
}

/** The 32-byte hash itself, which is what the tag carries; prover and verifier both reduce it modulo n. */
export function tagChallenge({ context, ephemeralPoint, eBar, a, aBar }: TagTranscript, options: CryptoOptions = {}): Uint8Array {
  return hashTupleBy(options.backend?.sha256 ?? sha256, LABELS.tdh2Challenge, context, ephemeralPoint, eBar, a, aBar);
}
