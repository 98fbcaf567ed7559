import { assertBytes, utf8 } from '../../foundation/bytes.js';
import { decodeByEncoding, printCanonicalJson } from '../../foundation/canonical-json.js';
import { parseVerifierKey } from '../../log/note.js';
import { isCategoryId } from '../../vocabulary/categories.js';
import type { Policy } from '../../vocabulary/policy.js';
import { isCount } from '../shape.js';
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

/** Canonical JSON {format, key, origin, policy, witnesses}, at most 128 KiB. Throws `EXPORT_INVALID`, `NOTE_INVALID` for a malformed key. */
export function encodeLogFile(file: LogFile): Uint8Array {
  return utf8(logText(file));
}

/**
 * Strict inverse of `encodeLogFile`. Of the policy the form is checked, not whether a registry may have such numbers. Throws `EXPORT_INVALID`.
 */
export function decodeLogFile(bytes: Uint8Array): LogFile {
  assertBytes(bytes, 'log.json');
  const file = decodeByEncoding(bytes, MAX_LOG_FILE_BYTES, (members) => members as unknown as LogFile, logText);
  if (file === undefined) throw malformed();
  const { key, origin, policy, witnesses } = file;
  return { key, origin, policy, witnesses };
}

function logText({ key, origin, policy, witnesses }: LogFile): string {
  const { preset, k, delayDays, maxHoldDays, sortMinimum, sortMaxWaitDays } = policy;
  const numbers = [k, delayDays === 'auto' ? 1 : delayDays, maxHoldDays, sortMinimum, sortMaxWaitDays];
  const categories = policy.categories.map(({ id, label }) => ({ id, label }));
  const texts = [preset, witnesses, ...categories.map(({ id, label = id }) => (isCategoryId(id) ? label : undefined))];
  const isWhole = numbers.every((number) => isCount(number, 1)) && texts.every((text) => typeof text === 'string');
  const rules = { preset, categories, k, delayDays, maxHoldDays, sortMinimum, sortMaxWaitDays };
  const text = printCanonicalJson({ format: FORMAT, key, origin, policy: rules, witnesses });
  if (!isWhole || parseVerifierKey(key).name !== origin || text.length > MAX_LOG_FILE_BYTES) throw malformed();
  return text;
}

function malformed(): Error {
  return exportInvalid('malformed log.json');
}
