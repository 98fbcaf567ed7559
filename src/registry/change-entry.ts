import type { EntryStatus } from '../claims/reply.js';
import { today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { normaliseShownName } from '../public/alias.js';
import type { ProposedChange } from '../public/change-rules.js';
import { type EntryStanding, standingOf } from '../public/standing.js';
import { normaliseText } from '../public/text.js';
import { type EntryId, idFromHex } from '../vocabulary/ids.js';
import { dateOfDay } from '../vocabulary/period.js';
import type { Evidence } from '../vocabulary/words.js';
import type { RegistryContext } from './context.js';
import { entryStatusOf } from './entry-status.js';
import { proposeChanges } from './propose-changes.js';

/** A change by the registry, after a call-back in which both quorums have found out whose entry it is. Exactly one member. */
export type EntryChange =
  | { readonly text: string }
  | { readonly name: string }
  | { readonly evidence: Exclude<Evidence, 'stated'> }
  | { readonly retract: true }
  | { readonly removeContent: true }
  | { readonly veto: true };

/**
 * Takes a change into the public store, where it waits for a batch like a holder's; a name without the seven days, since the person was called
 * back. `dueOn` (`YYYY-MM-DD`) is the first batch that may carry it; a veto works at once. The same change again while it waits: the same answer.
 * An empty text takes the text away.
 *
 * Throws `ENTRY_UNKNOWN`, `CHANGE_REFUSED`, `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE`, `ALIAS_INVALID`, `FORMAT_INVALID` (id), `STORE_BUSY`;
 * TypeError for a change that has not exactly one member.
 */
export async function changeEntry(context: RegistryContext, entryId: EntryId, change: EntryChange): Promise<{ readonly dueOn: string }> {
  const id = idFromHex(entryId);
  const wanted = readChange(change);
  const standing = await standingOfId(context, id);
  if (standing === undefined) throw new RegistryError('ENTRY_UNKNOWN', 'no such entry');
  const ask = wanted === 'veto' ? wanted : proposedBy(context, id, standing, wanted);
  const [outcome] = await proposeChanges(context, [{ id, ask }]);
  const verdict = outcome?.verdict;
  if (verdict?.verdict === 'waiting') return { dueOn: dateOfDay(verdict.dueDay) };
  if (verdict?.verdict === 'done' && wanted === 'veto') return { dueOn: dateOfDay(today(context.clock)) };
  if (verdict?.verdict === 'refused') throw refused(verdict.reason);
  if (verdict?.verdict === 'done') throw refused(wanted === 'veto' || wanted.kind === 'retraction' ? 'retracted' : 'removed');
  throw new RegistryError('STORE_BUSY', 'another change came in meanwhile', { retryable: true });
}

/** Undefined for an entry no store has. `FORMAT_INVALID` for what is not an id. */
export async function entryStatus(context: RegistryContext, entryId: EntryId): Promise<EntryStatus | undefined> {
  const standing = await standingOfId(context, idFromHex(entryId));
  return standing && entryStatusOf(standing);
}

async function standingOfId(context: RegistryContext, id: Uint8Array): Promise<EntryStanding | undefined> {
  const [row] = (await context.stores.public.standings([id])).values();
  return row && standingOf(row);
}

type Wanted = Pick<ProposedChange, 'kind' | 'value'>;

function readChange(change: EntryChange): Wanted | 'veto' {
  const members = Object.entries(change) as readonly (readonly [string, unknown])[];
  const [name, value] = members[0] ?? [];
  if (members.length !== 1) throw new TypeError('a change has exactly one member');
  if (value === true && name === 'veto') return 'veto';
  if (value === true && name === 'retract') return { kind: 'retraction', value: '' };
  if (value === true && name === 'removeContent') return { kind: 'removal', value: '' };
  if (typeof value !== 'string') throw new TypeError('not a change');
  if (name === 'text') return { kind: 'text', value: normaliseText(value) ?? '' };
  if (name === 'name') return { kind: 'name', value: normaliseShownName(value) };
  if (name === 'evidence' && (value === 'contact' || value === 'verified')) return { kind: 'raise', value };
  throw new TypeError('not a change');
}

function proposedBy(context: RegistryContext, id: Uint8Array, standing: EntryStanding, { kind, value }: Wanted): ProposedChange {
  const isAmendment = kind === 'text' || kind === 'name';
  return {
    id,
    kind,
    by: 'registry',
    number: isAmendment ? standing.amendments + 1 : 0,
    value,
    salt: isAmendment ? context.random.bytes(32) : new Uint8Array(32),
    signature: new Uint8Array(64),
  };
}

function refused(reason: string): RegistryError {
  return new RegistryError('CHANGE_REFUSED', `the change does not fit the entry: ${reason}`);
}
