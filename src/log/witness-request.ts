import { hashLines, lineReader } from './lines.js';
import { MAX_NOTE_BYTES } from './note.js';
import { assertCount } from './tile.js';

/** The body of `add-checkpoint` (C2SP tlog-witness): please cosign this; here is the proof that it continues what you have seen. */
export interface AddCheckpoint {
  /** Size of the checkpoint that this witness cosigned last; 0 for none. */
  readonly oldSize: number;
  /** Consistency proof from `oldSize`; empty for 0. At most 63 hashes. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
}

const MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4096;
const read = /* @__PURE__ */ lineReader('FORMAT_INVALID', 'add-checkpoint request');

/** Throws RangeError. */
export function encodeAddCheckpoint(request: AddCheckpoint): string {
  assertCount(request.oldSize, 'oldSize');
  return `old ${request.oldSize}\n${hashLines(request.proof)}\n${request.checkpoint}`;
}

/** Form only: neither proof nor checkpoint is looked into. Throws `FORMAT_INVALID` (a witness answers 400). */
export function decodeAddCheckpoint(text: string): AddCheckpoint {
  const { lines, rest } = read.head(read.text(text, MAX_REQUEST_BYTES));
  const [old, ...hashes] = lines;
  if (!old?.startsWith('old ') || rest === '') throw read.invalid();
  return { oldSize: read.decimal(old.slice(4)), proof: read.hashes(hashes), checkpoint: rest };
}

/** The body of a 409 answer: the size the witness cosigned last, and a newline. Throws `FORMAT_INVALID`. */
export function decodeCosignedSize(body: string): number {
  if (!body.endsWith('\n')) throw read.invalid();
  return read.decimal(body.slice(0, -1));
}
