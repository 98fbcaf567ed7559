import { toBase64 } from '../foundation/bytes.js';
import { hashLines, lineReader } from './lines.js';
import { MAX_NOTE_BYTES } from './note.js';
import { assertCount, MAX_RECORD_LENGTH } from './tile.js';

/** A record's place in a log, provable offline (C2SP tlog-proof). Nothing in it is verified until `verifyInclusion` and `openCheckpoint` were. */
export interface ProofBundle {
  readonly index: number;
  /** Inclusion proof, from the leaf's sibling up; at most 63 hashes. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
  /** Anything the application likes, 1 to 65,535 bytes; not authenticated. Here: the record. */
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_BUNDLE_BYTES = MAX_NOTE_BYTES + Math.ceil(MAX_RECORD_LENGTH / 3) * 4 + 4096;
const read = /* @__PURE__ */ lineReader('PROOF_INVALID', 'proof bundle');

/** Throws RangeError for a bundle no decoder would take. */
export function encodeProofBundle(bundle: ProofBundle): string {
  const { index, proof, checkpoint, extra } = bundle;
  assertCount(index, 'index');
  if (extra !== undefined && (extra.length < 1 || extra.length > MAX_RECORD_LENGTH)) throw new RangeError('extra is 1 to 65535 bytes');
  return `${HEADER}\n${extra === undefined ? '' : `extra ${toBase64(extra)}\n`}index ${index}\n${hashLines(proof)}\n${checkpoint}`;
}

/** Throws `PROOF_INVALID`. The checkpoint is not looked into. */
export function decodeProofBundle(text: string): ProofBundle {
  const { lines, rest } = read.head(read.text(text, MAX_BUNDLE_BYTES));
  const [header, ...more] = lines;
  const extra = more[0]?.startsWith('extra ') ? read.base64(more.shift()?.slice(6)) : undefined;
  const index = more.shift();
  if (header !== HEADER || !index?.startsWith('index ') || rest === '') throw read.invalid();
  if (extra !== undefined && (extra.length < 1 || extra.length > MAX_RECORD_LENGTH)) throw read.invalid();
  const bundle = { index: read.decimal(index.slice(6)), proof: read.hashes(more), checkpoint: rest };
  return extra === undefined ? bundle : { ...bundle, extra };
}
