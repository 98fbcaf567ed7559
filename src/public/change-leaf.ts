import type { JsonMembers, JsonValue } from '../foundation/canonical-json.js';
import { type ChangedBy, EVIDENCES, type Evidence } from '../vocabulary/words.js';
import { isCount, isHex, isOneOf } from './shape.js';

const AMENDMENT_KINDS = ['text', 'name'] as const;

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

/** The JSON members of a leaf of a change. */
export function changeLeafJson(leaf: ChangeLeaf): JsonValue {
  const { type, batch, entry } = leaf;
  if (type === 'raise') return { v: 1, type, batch, entry, from: leaf.from, to: leaf.to };
  const common = { v: 1, type, batch, entry, by: leaf.by, sig: leaf.signature };
  return type === 'amendment' ? { ...common, number: leaf.number, kind: leaf.kind, h: leaf.contentHash } : common;
}

/** The leaf of parsed members, unchecked: what the encoder writes of it is compared with what was read. */
export function changeLeafOf(members: JsonMembers): ChangeLeaf {
  const { v: _, sig, h, ...rest } = members;
  const signature = sig === undefined ? {} : { signature: sig };
  return { ...rest, ...(h === undefined ? {} : { contentHash: h }), ...signature } as unknown as ChangeLeaf;
}

/**
 * The holder's change stands with the holder's signature, the registry's without one: nobody can say later who did it without being checked.
 * Evidence only rises, so that a count by evidence is never bettered by lowering another.
 */
export function keepsChangeRules(leaf: ChangeLeaf): boolean {
  if (!isCount(leaf.entry, 1)) return false;
  if (leaf.type === 'raise')
    return isOneOf(EVIDENCES, leaf.from) && isOneOf(EVIDENCES, leaf.to) && EVIDENCES.indexOf(leaf.from) < EVIDENCES.indexOf(leaf.to);
  if (leaf.by === 'holder' ? !isHex(leaf.signature, 64) : leaf.by !== 'registry' || leaf.signature !== undefined) return false;
  return leaf.type !== 'amendment' || (isCount(leaf.number, 1) && isOneOf(AMENDMENT_KINDS, leaf.kind) && isHex(leaf.contentHash, 32));
}
