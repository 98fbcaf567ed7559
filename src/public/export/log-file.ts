import { utf8 } from '../../foundation/bytes.js';
import { decodeByEncoding, printCanonicalJson } from '../../foundation/canonical-json.js';
import { parseVerifierKey } from '../../log/note.js';
import { isCategoryId } from '../../vocabulary/categories.js';
import type { Policy } from '../../vocabulary/policy.js';
import { hasShape, isOrdinal, isText, pick, type Shape } from '../shape.js';
import { exportInvalid } from './export-reader.js';

/** `log.json`: what the registry says of itself. It says so itself: a key that was read here proves that the export agrees with itself, no more. */
export interface LogFile {
  /** Verifier key of the log. */
  readonly key: string;
  /** The key's name. */
  readonly origin: string;
  /** The rules of publication. */
  readonly policy: Policy;
  /** C2SP tlog-policy the registry publishes under, or empty. */
  readonly witnesses: string;
}

const FORMAT = 'cryptonym/v1/export';
const MAX_LOG_FILE_BYTES = 131_072;
const POLICY: Shape = {
  preset: isText,
  categories: (list) => (list as Policy['categories']).every(({ id, label = id }) => isCategoryId(id) && isText(label)),
  k: isOrdinal,
  delayDays: (days) => days === 'auto' || isOrdinal(days),
  maxHoldDays: isOrdinal,
  sortMinimum: isOrdinal,
  sortMaxWaitDays: isOrdinal,
};
const LOG_FILE: Shape = { key: isText, origin: isText, policy: (policy) => hasShape(policy as Policy, POLICY), witnesses: isText };

/** Canonical JSON {format, key, origin, policy, witnesses}, at most 128 KiB. Throws `EXPORT_INVALID`, `NOTE_INVALID` for a malformed key. */
export function encodeLogFile(file: LogFile): Uint8Array {
  return utf8(logText(file));
}

/**
 * Strict inverse of `encodeLogFile`. Of the policy the form is checked, not whether a registry may have such numbers. Throws `EXPORT_INVALID`.
 */
export function decodeLogFile(bytes: Uint8Array): LogFile {
  const file = decodeByEncoding(bytes, MAX_LOG_FILE_BYTES, (members) => members as unknown as LogFile, logText, malformed);
  return pick(file, LOG_FILE) as unknown as LogFile;
}

function logText(file: LogFile): string {
  if (!hasShape(file, LOG_FILE) || parseVerifierKey(file.key).name !== file.origin) throw malformed();
  const categories = file.policy.categories.map(({ id, label }) => ({ id, label }));
  const text = printCanonicalJson({ format: FORMAT, ...pick(file, LOG_FILE), policy: { ...pick(file.policy, POLICY), categories } });
  if (text.length > MAX_LOG_FILE_BYTES) throw malformed();
  return text;
}

function malformed(): Error {
  return exportInvalid('malformed log.json');
}
