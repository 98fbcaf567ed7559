import * as z from 'zod';
import { type FieldSet, type JsonObject, listField, parseFields, textField } from './fields.js';

/** How somebody is reached, and what to do when they are caught. Sealed apart from the identity, to the same vault key. */
export interface Contact {
  /** 1–8 numbers as they were said; each at most 32 code points with at least 3 digits of any script. */
  readonly phones?: readonly string[];
  /** 1–8 addresses, each at most 254 code points with exactly one `@`, not at an end. */
  readonly emails?: readonly string[];
  /** At most 1024 code points; the only field with line feeds. */
  readonly address?: string;
  readonly workplace?: string;
  /** A language as people name it, or a BCP 47 tag. */
  readonly language?: string;
  /** When a call is safe, in words. */
  readonly safeHours?: string;
  readonly mayContact?: boolean;
  readonly relativesAbroad?: string;
  /** Whether the case may be exposed when the person is arrested, and to whom (0–8 recipients in words). */
  readonly ifCaught?: { readonly disclose: boolean; readonly to: readonly string[] };
  /** 1–8 files kept elsewhere: SHA-256 as 64 lower-case hex digits, and where. */
  readonly attachments?: readonly { readonly hash: string; readonly pointer: string }[];
  /** Fields of the embedding service, through its own schema. */
  readonly extra?: JsonObject;
}

const schema = z.strictObject({
  phones: listField(textField({ max: 32 }, hasThreeDigits), 8).optional(),
  emails: listField(textField({ max: 254 }, isAddress), 8).optional(),
  address: textField({ max: 1024, lines: true }).optional(),
  workplace: textField({ max: 256 }).optional(),
  language: textField({ max: 64 }).optional(),
  safeHours: textField({ max: 256 }).optional(),
  mayContact: z.boolean().optional(),
  relativesAbroad: textField({ max: 1024 }).optional(),
  ifCaught: z.strictObject({ disclose: z.boolean(), to: listField(textField({ max: 256 }), 8, 0) }).optional(),
  attachments: listField(
    z.strictObject({ hash: textField({ max: 64 }, (text) => /^[0-9a-f]{64}$/.test(text)), pointer: textField({ max: 512 }) }),
    8,
  ).optional(),
  extra: z.unknown().optional(),
});

const CONTACT: FieldSet = { name: 'contact', code: 'CONTACT_INVALID', schema, fields: Object.keys(schema.shape) };

/**
 * The canonical form of a contact; `{}` when nothing is known. Rules and errors as in `normaliseIdentity`, with code `CONTACT_INVALID` and
 * field names like `contact.phones`.
 */
export function normaliseContact(input: unknown, extra?: z.ZodType): Contact {
  return parseFields(CONTACT, input, extra);
}

function hasThreeDigits(text: string): boolean {
  return (text.match(/\p{Nd}/gu) ?? []).length >= 3;
}

function isAddress(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at < text.length - 1 && at === text.lastIndexOf('@') && !/\s/.test(text);
}
