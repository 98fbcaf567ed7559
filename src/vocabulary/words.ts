/** Closed vocabularies that both worlds use. None can hold a name. */

/** How an entry is shown. */
export const DISPLAYS = ['alias', 'name'] as const;
export type Display = (typeof DISPLAYS)[number];

/** What the registry knows about who made the statement: only said so; reached at a contact; checked by a registrar. */
export const EVIDENCES = ['stated', 'contact', 'verified'] as const;
export type Evidence = (typeof EVIDENCES)[number];

/** `live` statements enter the per-day average, `import`ed ones (older than the system) do not. */
export const ORIGINS = ['live', 'import'] as const;
export type Origin = (typeof ORIGINS)[number];

/** What can change about a published entry: its text, from alias to real name, withdrawn, its content taken away, better evidence. */
export const CHANGE_KINDS = ['text', 'name', 'retraction', 'removal', 'raise'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** An entry has at most one waiting change in each slot. A kind is a slot, but `text` and `name` share one: both are the next amendment. */
export function kindsOfSlot(kind: ChangeKind): readonly ChangeKind[] {
  return kind === 'text' || kind === 'name' ? ['text', 'name'] : [kind];
}

/** Who changed it: whoever holds the entry's key, with a signature; or the registry, after a call-back. */
export const CHANGED_BY = ['holder', 'registry'] as const;
export type ChangedBy = (typeof CHANGED_BY)[number];

export const LEAF_TYPES = ['tally', 'statement', 'amendment', 'raise', 'retraction', 'removal', 'release'] as const;
