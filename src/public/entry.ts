import { toHex } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { type EntryId, idToHex } from '../vocabulary/ids.js';
import type { Period } from '../vocabulary/period.js';
import type { Display, Evidence, Origin } from '../vocabulary/words.js';
import { type Content, contentHash, decodeContent } from './content.js';
import { decodeLeaf } from './leaf.js';
import type { EntryRow } from './ports.js';

/** A published statement as people see it. The public identity is name + register number: a name alone belongs to many. */
export interface Entry {
  readonly entryId: EntryId;
  /** Index in the log; there are gaps where tallies lie. */
  readonly registerNumber: number;
  readonly batch: number;
  readonly type: 'statement';
  readonly categories: readonly string[];
  readonly display: Display;
  readonly evidence: Evidence;
  readonly origin: Origin;
  /** This and the next two, and `entryKey`, are `undefined` once the content was removed. */
  readonly name: string | undefined;
  readonly text: string | undefined;
  readonly period: Period | undefined;
  readonly removed: boolean;
  /** `h` of the leaf, 64 lower-case hex digits. */
  readonly contentHash: string;
  /** Ed25519 public key, 64 lower-case hex digits: whoever changes the entry signs with its private half. */
  readonly entryKey: string | undefined;
}

/**
 * The entry of a stored row. The content is checked against the leaf: a store that was tampered with cannot show another name.
 * Throws `STORE_INTEGRITY`.
 */
export function entryFromRow(row: EntryRow): Entry {
  const leaf = trusting(() => decodeLeaf(row.leaf));
  if (leaf.type !== 'statement') throw integrity();
  const content = openContent(row, leaf.contentHash);
  const { batch, type, categories, display, evidence, origin } = leaf;
  return {
    entryId: idToHex(row.id),
    registerNumber: row.index,
    batch,
    type,
    categories,
    display,
    evidence,
    origin,
    name: content?.name,
    text: content?.text,
    period: content?.period,
    removed: content === undefined,
    contentHash: leaf.contentHash,
    entryKey: content?.entryKey,
  };
}

function openContent({ salt, content }: EntryRow, expected: string): Content | undefined {
  if (content === undefined) return undefined;
  if (salt === undefined || trusting(() => toHex(contentHash(salt, content))) !== expected) throw integrity();
  return trusting(() => decodeContent(content));
}

/** A row that cannot be read at all is the store's fault, not the caller's. */
function trusting<Value>(read: () => Value): Value {
  try {
    return read();
  } catch {
    throw integrity();
  }
}

function integrity(): RegistryError {
  return new RegistryError('STORE_INTEGRITY', 'an entry does not belong to its leaf');
}
