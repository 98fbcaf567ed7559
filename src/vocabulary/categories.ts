import { isWellFormed } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';

/** A configured organisation (or whatever the register counts), e.g. `{ id: 'league', label: 'Youth League' }`. */
export interface Category {
  /** 1–32 characters of `a–z 0–9 -`, beginning with a letter. Appears on leaves. */
  readonly id: string;
  /** For people; any language. Defaults to the id. */
  readonly label?: string;
}

export const MAX_CATEGORIES_PER_STATEMENT = 8;
const MAX_CONFIGURED = 64;
const MAX_LABEL = 128;
const CATEGORY_ID = /^[a-z][a-z0-9-]{0,31}$/;

export function isCategoryId(id: unknown): boolean {
  return typeof id === 'string' && CATEGORY_ID.test(id);
}

/**
 * The canonical form of a statement's categories: a set of 1–8 configured ids, sorted.
 * Throws `STATEMENT_INVALID` (none, too many, twice the same) or `CATEGORY_UNKNOWN`.
 */
export function categorySet(ids: readonly string[], known: readonly Category[]): readonly string[] {
  if (ids.length < 1 || ids.length > MAX_CATEGORIES_PER_STATEMENT || new Set(ids).size !== ids.length) {
    throw new RegistryError('STATEMENT_INVALID', `categories must be a set of 1 to ${MAX_CATEGORIES_PER_STATEMENT}`, {
      field: 'statement.categories',
    });
  }
  for (const id of ids) {
    if (!known.some((category) => category.id === id)) {
      throw new RegistryError('CATEGORY_UNKNOWN', 'a category is not configured in this registry', { field: 'statement.categories' });
    }
  }
  return [...ids].sort();
}

/** The key of a publication cell: the sorted set, joined. */
export function cellKey(categories: readonly string[]): string {
  return categories.join('+');
}

/** Checks a registry's configuration. Throws `POLICY_INVALID`. */
export function assertCategories(categories: readonly Category[]): void {
  const ids = categories.map((category) => category.id);
  if (ids.length < 1 || ids.length > MAX_CONFIGURED || new Set(ids).size !== ids.length || !ids.every(isCategoryId)) {
    throw new RegistryError('POLICY_INVALID', `categories: 1 to ${MAX_CONFIGURED} different ids of a-z, 0-9 and -`);
  }
  if (!categories.every(({ label = '' }) => isWellFormed(label) && label.length <= MAX_LABEL)) {
    throw new RegistryError('POLICY_INVALID', `a category's label has at most ${MAX_LABEL} characters`);
  }
}
