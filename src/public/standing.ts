import { RegistryError } from '../foundation/errors.js';
import type { Display, Evidence } from '../vocabulary/words.js';
import type { AmendmentLeaf } from './change-leaf.js';
import { type Content, contentOf, decodeContent } from './content.js';
import { decodeLeaf, type Leaf, type StatementLeaf } from './leaf.js';
import type { EntryRow, PendingChange, StandingRow } from './ports.js';
import { decodeStatement } from './statement.js';

/** How an entry stands: what decides whether a change of it is allowed. */
export interface EntryStanding {
  /** Undefined while it waits in the pool. */
  readonly registerNumber: number | undefined;
  /** As of the last change. */
  readonly display: Display;
  readonly evidence: Evidence;
  /** Published amendments (`text` and `name`). */
  readonly amendments: number;
  /** The last of them. */
  readonly lastAmendment: AmendmentLeaf | undefined;
  readonly retracted: boolean;
  readonly removed: boolean;
  /** True after a veto. */
  readonly nameLocked: boolean;
  readonly pending: readonly PendingChange[];
  /** As it will be or is published; undefined once it was removed. */
  readonly content: Content | undefined;
  /** Of the published content. */
  readonly salt?: Uint8Array | undefined;
}

/** What the log says of an entry. */
export type PublishedStanding = Omit<EntryStanding, 'nameLocked' | 'pending' | 'content' | 'salt'>;

/** Reads a store's row. Throws `STORE_INTEGRITY` for one whose parts do not belong together. */
export function standingOf(row: StandingRow): EntryStanding {
  const { published, nameLocked, pending } = row;
  try {
    if (published !== undefined) {
      const content = published.content && decodeContent(published.content);
      return { ...publishedStanding(published), nameLocked, pending, content, salt: published.salt };
    }
    const statement = decodeStatement(row.statement as Uint8Array);
    const { display, evidence } = statement;
    const fresh = { registerNumber: undefined, amendments: 0, lastAmendment: undefined, retracted: false, removed: false };
    return { ...fresh, display, evidence, nameLocked, pending, content: contentOf(statement, false) };
  } catch {
    throw integrity();
  }
}

/** The same of a published entry by itself, without what waits. */
export function publishedStanding(row: EntryRow): PublishedStanding {
  const { index, changed } = row;
  const leaf = statementLeafOf(row);
  return {
    registerNumber: index,
    display: changed?.display ?? leaf.display,
    evidence: changed?.evidence ?? leaf.evidence,
    amendments: changed?.amendments ?? 0,
    lastAmendment: amendmentOf(row),
    retracted: changed?.retractedAt !== undefined,
    removed: changed?.removedAt !== undefined,
  };
}

/** The leaf an entry was published with. Throws `STORE_INTEGRITY`. */
export function statementLeafOf({ leaf }: Pick<EntryRow, 'leaf'>): StatementLeaf {
  const statement = read(leaf);
  if (statement.type !== 'statement') throw integrity();
  return statement;
}

/** The entry's last amendment; it must be about this entry and be the counted one. Throws `STORE_INTEGRITY`. */
export function amendmentOf({ index, changed, amendment }: EntryRow): AmendmentLeaf | undefined {
  const amendments = changed?.amendments ?? 0;
  if (amendments === 0 && amendment === undefined) return undefined;
  const leaf = amendment === undefined ? undefined : read(amendment);
  if (leaf?.type !== 'amendment' || leaf.entry !== index || leaf.number !== amendments) throw integrity();
  return leaf;
}

/** A row that cannot be read at all is the store's fault, not the caller's. */
function read(bytes: Uint8Array): Leaf {
  try {
    return decodeLeaf(bytes);
  } catch {
    throw integrity();
  }
}

function integrity(): RegistryError {
  return new RegistryError('STORE_INTEGRITY', 'an entry does not belong to its leaves');
}
