import * as z from 'zod';
import { isRealDate } from './birth-date.js';
import { type FieldSet, type JsonObject, listField, parseFields, textField } from './fields.js';

/** Who somebody is. Lives only in the sealed `identity` compartment; a seized record without the vault quorum shows none of it. */
export interface Identity {
  /** 1–8 names in any script, e.g. the name in characters, in pinyin, a former name. Each 1–256 code points. */
  readonly names: readonly string[];
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, 1850 to 2100. */
  readonly birthDate?: string;
  /** 1–32 code points. */
  readonly sex?: string;
  /** 1–256 code points. */
  readonly birthplace?: string;
  /** Whether the person spoke, or somebody spoke for them. */
  readonly declared?: 'self' | 'relayed';
  /** Fields of the embedding service, through its own schema. */
  readonly extra?: JsonObject;
}

const schema = z.strictObject({
  names: listField(textField({ max: 256 }), 8),
  birthDate: textField({ max: 10 }, isRealDate).optional(),
  sex: textField({ max: 32 }).optional(),
  birthplace: textField({ max: 256 }).optional(),
  declared: z.enum(['self', 'relayed']).optional(),
  extra: z.unknown().optional(),
});

const IDENTITY: FieldSet = { name: 'identity', code: 'IDENTITY_INVALID', schema, fields: Object.keys(schema.shape) };

/**
 * The canonical form of an identity as it came from a person or a service; normalising twice changes nothing.
 * Unknown fields are refused, nothing is coerced. Throws `IDENTITY_INVALID` with `details.field` (`identity.names`, or `identity` for an
 * unknown field) and never a value of the input.
 *
 * `extra` is a zod schema for the service's own fields. Its output must be a JSON object of strings, safe integers, booleans, null and
 * nested objects or arrays of these. Without it, any `extra` is refused.
 */
export function normaliseIdentity(input: unknown, extra?: z.ZodType): Identity {
  return parseFields(IDENTITY, input, extra) as unknown as Identity;
}
