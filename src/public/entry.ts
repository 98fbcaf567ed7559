import { equalBytes, fromHex, toHex } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import { type EntryId, idOfPublicKey, idToHex } from '../vocabulary/ids.js';
import type { Period } from '../vocabulary/period.js';
import type { Display, Evidence, Origin } from '../vocabulary/words.js';
import { type Content, contentHash, decodeContent } from './content.js';
import type { EntryRow } from './ports.js';
import { publishedStanding, statementLeafOf } from './standing.js';

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
  /** It was taken back; the count says so and the entry stays. */
  readonly retracted: boolean;
  /** How often text or name were amended; display, evidence, name and text are those of today. */
  readonly amendments: number;
  /** `h` of the content as it is now, from the statement's leaf or its last amendment's; 64 lower-case hex digits. */
  readonly contentHash: string;
  /** Ed25519 public key, 64 lower-case hex digits: whoever changes the entry signs with its private half. */
  readonly entryKey: string | undefined;
}

/**
 * The entry of a stored row. The content is checked against the leaf that carries its hash, and the id against the content's key: a store
 * that was tampered with cannot show another name. Throws `STORE_INTEGRITY`.
 */
export function entryFromRow(row: EntryRow): Entry {
  const leaf = statementLeafOf(row);
  const { display, evidence, amendments, retracted, removed, lastAmendment } = publishedStanding(row);
  const current = lastAmendment?.contentHash ?? leaf.contentHash;
  const content = openContent(row, current);
  if (removed && content !== undefined) throw integrity();
  const { batch, type, categories, origin } = leaf;
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
    retracted,
    amendments,
    contentHash: current,
    entryKey: content?.entryKey,
  };
}

function openContent({ id, salt, content }: EntryRow, expected: string): Content | undefined {
  if (content === undefined) return undefined;
  if (salt === undefined || trusting(() => toHex(contentHash(salt, content))) !== expected) throw integrity();
  const opened = trusting(() => decodeContent(content));
  // Leaves know no ids: else two entries could change places, register number and content together.
  if (!equalBytes(idOfPublicKey(fromHex(opened.entryKey)), id)) throw integrity();
  return opened;
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
