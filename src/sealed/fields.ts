import * as z from 'zod';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../foundation/canonical-json.js';
import { type ErrorCode, RegistryError } from '../foundation/errors.js';
import { normaliseText, type TextRule } from './text.js';

/** What a service may add to a compartment under `extra`: whatever canonical JSON can hold (no floats, depth ≤ 16 in all). */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** A schema with the names that its errors may mention. */
export interface FieldSet {
  readonly name: 'identity' | 'contact';
  readonly code: ErrorCode;
  /** A strict object whose `extra` is `z.unknown().optional()`. */
  readonly schema: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly fields: readonly string[];
}

/** A text in canonical form; see `normaliseText`. */
export function textField(rule: TextRule, accept: (text: string) => boolean = () => true): z.ZodType<string> {
  return z.string().transform((value, context) => {
    const text = normaliseText(value, rule);
    if (text !== undefined && accept(text)) return text;
    context.issues.push({ code: 'custom', input: undefined });
    return z.NEVER;
  });
}

/** A list of 1 to `max`; its length is checked before its members are looked at. */
export function listField<T>(member: z.ZodType<T>, max: number, min = 1): z.ZodType<T[]> {
  const bounded = z.custom<unknown[]>((value) => Array.isArray(value) && value.length >= min && value.length <= max);
  return bounded.pipe(z.array(member));
}

/**
 * The input's canonical form as plain JSON, or the field set's code with the name of the first bad field.
 *
 * No ZodError leaves: its messages quote unknown keys and record paths, which may be names. Fields are named only from our own list.
 * `extra` is refused without a schema of the embedding service; with one, its parsed output is taken, and everything that schema throws is
 * translated to `<set>.extra` too.
 */
export function parseFields(set: FieldSet, input: unknown, extra?: z.ZodType): JsonObject {
  const own = parseOwn(set, input);
  const added = parseExtra(set, own['extra'], extra);
  const { extra: _, ...rest } = own;
  return plainCopy(set, added === undefined ? rest : { ...rest, extra: added }, set.name);
}

function parseOwn(set: FieldSet, input: unknown): Readonly<Record<string, unknown>> {
  let first: string;
  try {
    const parsed = set.schema.safeParse(input);
    if (parsed.success) return parsed.data;
    // Inside the try: zod builds its error when it is first read, and looks at the input again then.
    first = String(parsed.error.issues[0]?.path[0]);
  } catch {
    throw invalid(set, set.name); // a getter of the input threw
  }
  throw invalid(set, set.fields.includes(first) ? `${set.name}.${first}` : set.name);
}

function parseExtra(set: FieldSet, input: unknown, schema: z.ZodType | undefined): JsonObject | undefined {
  const field = `${set.name}.extra`;
  if (schema === undefined) {
    if (input === undefined) return undefined;
    throw invalid(set, field);
  }
  let output: unknown;
  try {
    output = schema.parse(input);
  } catch {
    throw invalid(set, field);
  }
  if (output === undefined) return undefined;
  if (Array.isArray(output) || !isPlainJson(output, 0) || typeof output !== 'object') throw invalid(set, field);
  return plainCopy(set, output as JsonObject, field);
}

/** Through the encoder and back: what is sealed is what the caller sees, without getters, prototypes or undefined members. */
function plainCopy(set: FieldSet, value: Readonly<Record<string, unknown>>, field: string): JsonObject {
  try {
    const bytes = encodeCanonicalJson(value as JsonObject);
    return decodeCanonicalJson(bytes, bytes.length) as JsonObject;
  } catch {
    throw invalid(set, field);
  }
}

/** The encoder would print a Date or a Map as `{}` and lose it in silence, so only plain objects pass. */
function isPlainJson(value: unknown, depth: number): boolean {
  if (typeof value !== 'object') return value === undefined || ['string', 'number', 'boolean'].includes(typeof value);
  if (value === null) return depth > 0;
  if (depth > 16) return false;
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isPlainJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every((item) => isPlainJson(item, depth + 1));
}

function invalid(set: FieldSet, field: string): RegistryError {
  return new RegistryError(set.code, `${field} is not valid`, { field });
}
