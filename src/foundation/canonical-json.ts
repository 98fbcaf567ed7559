import { assertBytes, fromUtf8, isWellFormed, utf8 } from './bytes.js';
import { RegistryError } from './errors.js';

/** The JSON values our formats use: no floats, so RFC 8785 number printing is integer printing. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** Deepest nesting any of our formats needs; checked on the bytes, before the parser runs. */
const MAX_DEPTH = 16;

/**
 * RFC 8785 (JCS) for the integers-only profile: keys sorted by UTF-16 code units, no white space, minimal escapes.
 * Throws TypeError for a value outside the profile (float, unsafe integer, undefined in an array, lone surrogate).
 * Members whose value is `undefined` are left out.
 */
export function encodeCanonicalJson(value: JsonValue): Uint8Array {
  return utf8(print(value, 0));
}

/** The text whose UTF-8 `encodeCanonicalJson` gives. Throws as it does. */
export function printCanonicalJson(value: JsonValue): string {
  return print(value, 0);
}

/** A parsed JSON object whose members nobody has looked at yet. */
export type JsonMembers = Readonly<Record<string, JsonValue>>;

/**
 * Decodes a format by writing it again: `read` picks the members of the parsed object without looking at them, `write` refuses (throws)
 * whatever breaks a rule and prints canonical JSON. What is not exactly the text that `write` gives is refused: other members, a member
 * twice, `__proto__`, white space, another order. So the rules stand once, in the encoder. Byte length is checked first.
 * Throws what `malformed` makes for whatever is refused, TypeError for what is no bytes.
 */
export function decodeByEncoding<Value>(
  bytes: Uint8Array,
  maxBytes: number,
  read: (members: JsonMembers) => Value,
  write: (value: Value) => string,
  malformed: () => Error,
): Value {
  assertBytes(bytes, 'bytes');
  if (bytes.length > maxBytes) throw malformed();
  try {
    const text = fromUtf8(bytes);
    // However deep it nests: a parser that runs out of stack throws, and what is written nests as deep as the format.
    const value = read(JSON.parse(text) as JsonMembers);
    // Strict UTF-8 has one spelling for each text, so equal texts are equal bytes.
    if (write(value) === text) return value;
  } catch {
    // Whatever it is, a format has one code.
  }
  throw malformed();
}

function print(value: JsonValue | undefined, depth: number): string {
  if (depth <= MAX_DEPTH) {
    if (isScalar(value)) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map((item) => print(item, depth + 1)).join(',')}]`;
    if (typeof value === 'object') {
      const members = value as Readonly<Record<string, JsonValue | undefined>>;
      // Without a comparison of its own, `sort` goes by UTF-16 code units, as RFC 8785 §3.2.3 asks.
      const names = Object.keys(members).sort();
      const printed = names
        .filter((name) => members[name] !== undefined)
        .map((name) => `${print(name, depth + 1)}:${print(members[name], depth + 1)}`);
      return `{${printed.join(',')}}`;
    }
  }
  // Another number, a lone surrogate, too deep a nest, no JSON at all: a bug of the caller, for whom the value says which.
  throw new TypeError('not a value of canonical JSON');
}

/** Of numbers the safe integers, of strings the well-formed. */
function isScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  return typeof value === 'string' ? isWellFormed(value) : value === null || typeof value === 'boolean';
}

/**
 * Strict inverse: accepts exactly the bytes `encodeCanonicalJson` would write, so duplicate keys, white space, other key orders,
 * floats and overlong escapes are all refused. Byte length and depth are checked first.
 * Throws RegistryError `JSON_INVALID`.
 */
export function decodeCanonicalJson(bytes: Uint8Array, maxBytes: number): JsonValue {
  const invalid = (): RegistryError => new RegistryError('JSON_INVALID', 'not canonical JSON');
  if (bytes.length > maxBytes || nestsTooDeeply(bytes)) throw invalid();
  let value: JsonValue;
  let isCanonical: boolean;
  try {
    const text = fromUtf8(bytes);
    value = JSON.parse(text, refuseProto) as JsonValue;
    // Strict UTF-8 has one spelling for each text, so equal texts are equal bytes.
    isCanonical = print(value, 0) === text;
  } catch {
    throw invalid();
  }
  if (!isCanonical) throw invalid();
  return value;
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new TypeError('refused key');
  return value;
}

/** Counts open brackets outside strings; 10^6 of them would otherwise keep the parser busy for a quarter of a second. */
export function nestsTooDeeply(bytes: Uint8Array, maxDepth = MAX_DEPTH): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}
