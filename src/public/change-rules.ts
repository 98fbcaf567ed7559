import { equalBytes, toHex } from '../foundation/bytes.js';
import { EVIDENCES, kindsOfSlot } from '../vocabulary/words.js';
import { amendContent } from './amend-content.js';
import type { PendingChange } from './ports.js';
import type { EntryStanding, PublishedStanding } from './standing.js';

/** A change as somebody asks for it; its due day is drawn when it is accepted. */
export type ProposedChange = Omit<PendingChange, 'dueDay'>;

export type ChangeRefusal = 'number' | 'value' | 'retracted' | 'removed' | 'evidence' | 'locked' | 'pending';

export type ChangeVerdict =
  | { readonly verdict: 'allowed' }
  /** This very change waits already. */
  | { readonly verdict: 'waiting'; readonly dueDay: number }
  /** This very change is published. */
  | { readonly verdict: 'done' }
  | { readonly verdict: 'refused'; readonly reason: ChangeRefusal };

/**
 * The rules of changes, all of them (docs/spec/leaf.md). A change that was asked for before gets the same answer again and never a second
 * leaf: a request may be read twice after a crash, and an old one may be played again by whoever kept it.
 */
export function judgeChange(standing: EntryStanding, change: ProposedChange): ChangeVerdict {
  if (!hasCanonicalValue(standing, change)) return { verdict: 'refused', reason: 'value' };
  if (isPublished(standing, change)) return { verdict: 'done' };
  const same = standing.pending.find((waiting) => isSame(waiting, change));
  if (same !== undefined) return { verdict: 'waiting', dueDay: same.dueDay };
  // Two contents under one salt: whoever guesses the one has tested the other, and the leaf shows whether anything was changed at all.
  if (isAmendment(change.kind) && standing.salt !== undefined && equalBytes(standing.salt, change.salt))
    return { verdict: 'refused', reason: 'value' };
  const reason = refusalOf(standing, change);
  if (reason !== undefined) return { verdict: 'refused', reason };
  const inTheWay = standing.pending.some(({ kind }) => kindsOfSlot(change.kind).includes(kind));
  return inTheWay ? { verdict: 'refused', reason: 'pending' } : { verdict: 'allowed' };
}

/** Why a change does not fit an entry as it stands, whatever else waits. A batch asks it again: between asking and publication much may happen. */
export function refusalOf(
  standing: PublishedStanding & { readonly nameLocked?: boolean },
  { kind, by, number, value }: Pick<PendingChange, 'kind' | 'by' | 'number' | 'value'>,
): ChangeRefusal | undefined {
  const { retracted, removed, evidence, display, amendments } = standing;
  if (kind === 'removal') return removed ? 'removed' : undefined;
  if (retracted) return 'retracted';
  if (kind === 'retraction') return undefined;
  if (kind === 'raise') return rank(value) > rank(evidence) ? undefined : 'evidence';
  if (removed) return 'removed';
  if (kind === 'name') {
    if (by === 'holder' && standing.nameLocked === true) return 'locked';
    // As for a statement: a hostile call could else publish a third person's name.
    if (evidence === 'stated') return 'evidence';
    if (display === 'name') return 'value';
  }
  return number === amendments + 1 ? undefined : 'number';
}

/** Place in the order of evidence; -1 for a word that is none. */
function rank(evidence: string): number {
  return (EVIDENCES as readonly string[]).indexOf(evidence);
}

function isAmendment(kind: PendingChange['kind']): boolean {
  return kind === 'text' || kind === 'name';
}

function hasCanonicalValue({ content }: EntryStanding, change: ProposedChange): boolean {
  const { kind, by, value } = change;
  if (kind === 'raise') return by === 'registry' && EVIDENCES.some((word) => word === value);
  if (!isAmendment(kind)) return value === '';
  return content === undefined || amendContent(content, change) !== undefined;
}

function isSame(waiting: PendingChange, change: ProposedChange): boolean {
  if (waiting.kind !== change.kind) return false;
  if (!isAmendment(change.kind)) return waiting.value === change.value;
  const isOfSameAsker = waiting.by === change.by && waiting.number === change.number && waiting.value === change.value;
  // The registry's salt is random: asked twice, it is another one each time.
  return isOfSameAsker && (change.by === 'registry' || equalBytes(waiting.salt, change.salt));
}

function isPublished({ retracted, removed, lastAmendment }: EntryStanding, { kind, by, number, signature }: ProposedChange): boolean {
  if (kind === 'retraction') return retracted;
  if (kind === 'removal') return removed;
  // The signature covers kind, number, salt and value, and is deterministic: the leaf of this very request carries it.
  return by === 'holder' && lastAmendment?.number === number && lastAmendment.signature === toHex(signature);
}
