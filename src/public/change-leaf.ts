import * as z from 'zod';
import type { JsonValue } from '../foundation/canonical-json.js';
import { CHANGED_BY, type ChangedBy, EVIDENCES, type Evidence } from '../vocabulary/words.js';

/** A new text, or the real name in the place of the alias. The statement's own leaf stays; this one carries the hash of the new content. */
export interface AmendmentLeaf {
  readonly type: 'amendment';
  readonly batch: number;
  /** Register number of the statement; so in every leaf of a change. */
  readonly entry: number;
  /** 1, 2, 3 … for each entry, without gaps. */
  readonly number: number;
  readonly kind: 'text' | 'name';
  readonly by: ChangedBy;
  /** JSON member `h`: `contentHash` of the new content, 64 lower-case hex digits. */
  readonly contentHash: string;
  /** JSON member `sig`: 128 lower-case hex digits over `changeMessage`, exactly where `by` is `holder`. */
  readonly signature?: string | undefined;
}

/** Better evidence, by the registry. */
export interface RaiseLeaf {
  readonly type: 'raise';
  readonly batch: number;
  readonly entry: number;
  readonly from: Evidence;
  readonly to: Evidence;
}

/** `retraction`: the statement no longer stands, and the count says so. `removal`: its content is taken away; leaf and counts stay. */
export interface WithdrawalLeaf {
  readonly type: 'retraction' | 'removal';
  readonly batch: number;
  readonly entry: number;
  readonly by: ChangedBy;
  readonly signature?: string | undefined;
}

export type ChangeLeaf = AmendmentLeaf | RaiseLeaf | WithdrawalLeaf;

const head = { v: z.literal(1), batch: z.int().min(1), entry: z.int().min(1) };
const signed = { by: z.enum(CHANGED_BY), sig: z.optional(z.string().regex(/^[0-9a-f]{128}$/)) };

const amendmentShape = z.strictObject({
  ...head,
  ...signed,
  type: z.literal('amendment'),
  number: z.int().min(1),
  kind: z.enum(['text', 'name']),
  h: z.string().regex(/^[0-9a-f]{64}$/),
});
const raiseShape = z.strictObject({ ...head, type: z.literal('raise'), from: z.enum(EVIDENCES), to: z.enum(EVIDENCES) });
const retractionShape = z.strictObject({ ...head, ...signed, type: z.literal('retraction') });
const removalShape = z.strictObject({ ...head, ...signed, type: z.literal('removal') });

/** Private to the leaf codec. */
export const changeLeafShapes = [amendmentShape, raiseShape, retractionShape, removalShape] as const;
type ParsedChange = z.infer<(typeof changeLeafShapes)[number]>;

/** The JSON members of a leaf of a change. */
export function changeLeafJson(leaf: ChangeLeaf): JsonValue {
  const { type, batch, entry } = leaf;
  if (type === 'raise') return { v: 1, type, batch, entry, from: leaf.from, to: leaf.to };
  const common = { v: 1, type, batch, entry, by: leaf.by, sig: leaf.signature };
  return type === 'amendment' ? { ...common, number: leaf.number, kind: leaf.kind, h: leaf.contentHash } : common;
}

/** The leaf of parsed members. */
export function changeLeafOf(members: ParsedChange): ChangeLeaf {
  const { v: _, ...rest } = members;
  if (rest.type === 'raise') return rest;
  const { sig, ...unsigned } = rest;
  const signature = sig === undefined ? {} : { signature: sig };
  if (unsigned.type !== 'amendment') return { ...unsigned, ...signature };
  const { h, ...amendment } = unsigned;
  return { ...amendment, contentHash: h, ...signature };
}

/**
 * The holder's change stands with the holder's signature, the registry's without one: nobody can say later who did it without being checked.
 * Evidence only rises, so that a count by evidence is never bettered by lowering another.
 */
export function keepsChangeRules(leaf: ChangeLeaf): boolean {
  if (leaf.type === 'raise') return EVIDENCES.indexOf(leaf.from) < EVIDENCES.indexOf(leaf.to);
  return (leaf.signature !== undefined) === (leaf.by === 'holder');
}
