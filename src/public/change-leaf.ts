import { CHANGED_BY, type ChangedBy, EVIDENCES, type Evidence } from '../vocabulary/words.js';
import { isHex, isOneOf, isOrdinal, type Shape } from './shape.js';

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

export function isEvidence(word: unknown): boolean {
  return isOneOf(EVIDENCES, word);
}

export function isHash(value: unknown): boolean {
  return isHex(value, 32);
}

function isSignature(value: unknown): boolean {
  return value === undefined || isHex(value, 64);
}

const ENTRY: Shape = { batch: isOrdinal, entry: isOrdinal };
const WITHDRAWAL: Shape = { ...ENTRY, by: (word) => isOneOf(CHANGED_BY, word), signature: isSignature };

/** The members of leaves of changes. */
export const CHANGE_SHAPES: Readonly<Record<ChangeLeaf['type'], Shape>> = {
  amendment: { ...WITHDRAWAL, number: isOrdinal, kind: (word) => isOneOf(AMENDMENT_KINDS, word), contentHash: isHash },
  raise: { ...ENTRY, from: isEvidence, to: isEvidence },
  retraction: WITHDRAWAL,
  removal: WITHDRAWAL,
};

/**
 * The holder's change stands with the holder's signature, the registry's without one: nobody can say later who did it without being checked.
 * Evidence only rises, so that a count by evidence is never bettered by lowering another.
 */
export function keepsChangeRules(leaf: ChangeLeaf): boolean {
  if (leaf.type === 'raise') return EVIDENCES.indexOf(leaf.from) < EVIDENCES.indexOf(leaf.to);
  return (leaf.by === 'holder') === (leaf.signature !== undefined);
}
