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

export const LEAF_TYPES = ['tally', 'statement', 'amendment', 'raise', 'retraction', 'removal', 'release'] as const;
