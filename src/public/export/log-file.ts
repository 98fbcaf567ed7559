import { assertBytes, utf8 } from '../../foundation/bytes.js';
import { decodeByEncoding, type JsonValue, printCanonicalJson } from '../../foundation/canonical-json.js';
import { parseVerifierKey } from '../../log/note.js';
import { assertPolicy, type Policy } from '../../vocabulary/policy.js';
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
const MAX_WITNESSES = 65_536;

/** Canonical JSON {format, key, origin, policy, witnesses}, at most 128 KiB. Throws `EXPORT_INVALID`. */
export function encodeLogFile(file: LogFile): Uint8Array {
  try {
    const bytes = utf8(logText(file));
    if (bytes.length <= MAX_LOG_FILE_BYTES) return bytes;
  } catch {
    // What breaks a rule is refused with the one code of the format.
  }
  throw malformed();
}

/** Strict inverse of `encodeLogFile`. Throws `EXPORT_INVALID`. */
export function decodeLogFile(bytes: Uint8Array): LogFile {
  assertBytes(bytes, 'log.json');
  const file = decodeByEncoding(bytes, MAX_LOG_FILE_BYTES, (members) => members as unknown as LogFile, logText);
  if (file === undefined) throw malformed();
  const { key, origin, policy, witnesses } = file;
  return { key, origin, policy, witnesses };
}

function logText({ key, origin, policy, witnesses }: LogFile): string {
  if (parseVerifierKey(key).name !== origin || typeof witnesses !== 'string' || witnesses.length > MAX_WITNESSES) throw malformed();
  return printCanonicalJson({ format: FORMAT, key, origin, policy: policyJson(policy), witnesses });
}

function policyJson(policy: Policy): JsonValue {
  assertPolicy(policy);
  const { preset, categories, k, delayDays, maxHoldDays, sortMinimum, sortMaxWaitDays } = policy;
  return {
    preset,
    categories: categories.map(({ id, label }) => ({ id, label })),
    k,
    delayDays,
    maxHoldDays,
    sortMinimum,
    sortMaxWaitDays,
  };
}

function malformed(): Error {
  return exportInvalid('malformed log.json');
}
