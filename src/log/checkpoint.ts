import { toBase64 } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import type { Ed25519Verify } from '../foundation/verify-primitives.js';
import { HASH_LENGTH } from './hashing.js';
import { lineReader } from './lines.js';
import { openNote } from './note.js';
import { parsePolicy, requireQuorum } from './policy.js';
import { parseVerifierKey, sameVerifier } from './verifier-key.js';

/** What a log commits to: its first `size` records, by their root. */
export interface Checkpoint {
  /** The log's name, which is also its key's name. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

const read = /* @__PURE__ */ lineReader('NOTE_INVALID', 'checkpoint');

/** The text of a checkpoint's note: three lines (C2SP tlog-checkpoint, "Note text"). Throws RangeError. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint;
  if (origin === '' || origin.includes('\n')) throw new RangeError('origin must be one line');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('size must be a whole number');
  if (root.length !== HASH_LENGTH) throw new RangeError('root must be 32 bytes');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the text of a note that was opened. Extension lines are passed over. Throws `NOTE_INVALID`, also for sizes from 2^53 on. */
export function decodeCheckpoint(text: string): Checkpoint {
  const [origin = '', size, root, ...more] = text.split('\n');
  // Every line not empty, and the newline at the end leaves one empty part.
  if (origin === '' || more.pop() !== '' || more.includes('')) throw read.invalid();
  return { origin, size: read.decimal(size), root: read.hash(root) };
}

/** Whom a reader trusts. It must not come from the log itself. */
export interface LogTrust {
  /** Verifier key of the log (type 1); its name is the log's origin. */
  readonly key: string;
  /** C2SP tlog-policy; its log lines, if any, must name `key`. Without a policy no witness is asked for. */
  readonly policy?: string;
  /** Seconds since 1970: cosignatures before that do not count. Without it a checkpoint of any age is taken. */
  readonly notBefore?: number;
  /** The same for cosignatures after that: a witness whose clock runs ahead would look fresh for ever. Give now and what clocks may differ. */
  readonly notAfter?: number;
}

export interface OpenedCheckpoint extends Checkpoint {
  /** The whole note: with the log's signature on it, two that contradict convict the log before anybody. */
  readonly note: string;
  /** The witnesses whose cosignatures count, by the names of their keys, with the times they signed (seconds). */
  readonly witnesses: readonly { readonly name: string; readonly time: number }[];
}

/**
 * Opens a checkpoint: signature of the log's key, its origin, and the policy's quorum of witnesses. Throws `NOTE_INVALID`,
 * `WITNESSES_TOO_FEW`, or `LOG_POLICY_INVALID`.
 *
 * Without a policy whoever holds the log's key can show different trees to different readers; with one, only together with a quorum.
 */
export function openCheckpoint(note: string, trust: LogTrust, verify?: Ed25519Verify): OpenedCheckpoint {
  const log = parseVerifierKey(trust.key);
  if (log.type !== 1) throw new RegistryError('NOTE_INVALID', 'not the key of a log');
  const policy = parsePolicy(trust.policy ?? 'quorum none');
  if (policy.logs.length > 0 && !policy.logs.some(({ key }) => sameVerifier(key, log)))
    throw new RegistryError('LOG_POLICY_INVALID', 'the policy is for other logs');
  const { text, verified } = openNote(note, [log, ...policy.witnesses.map(({ key }) => key)], verify);
  const checkpoint = decodeCheckpoint(text);
  if (!verified.some(({ verifier }) => verifier === log)) throw new RegistryError('NOTE_INVALID', 'not signed by the log');
  if (checkpoint.origin !== log.name) throw new RegistryError('NOTE_INVALID', 'a checkpoint of another log');
  const counted = verified.filter(
    ({ timestamp: time }) => time !== undefined && time >= (trust.notBefore ?? 1) && time <= (trust.notAfter ?? time),
  );
  requireQuorum(policy, new Set(counted.map(({ verifier }) => verifier)));
  return { ...checkpoint, note, witnesses: counted.map(({ name, timestamp = 0 }) => ({ name, time: timestamp })) };
}
