import { fromHex, toHex } from '../foundation/bytes.js';
import type { CryptoOptions } from '../foundation/backend.js';
import { verifySignature } from '../foundation/ed25519.js';
import { RegistryError } from '../foundation/errors.js';
import { type ChangeKind, EVIDENCES, type Evidence } from '../vocabulary/words.js';
import { amendContent } from './amend-content.js';
import { changeMessage } from './change.js';
import type { ChangeLeaf } from './change-leaf.js';
import { refusalOf } from './change-rules.js';
import { type Content, contentHash, decodeContent } from './content.js';
import { entryFromRow } from './entry.js';
import type { BatchChanges, ChangedEntry, DueChange, EntryRow, PendingChange, SettledChange } from './ports.js';
import { type PublishedStanding, publishedStanding } from './standing.js';

/** What is withdrawn comes before what is amended: whoever takes a statement back on the day its name was to be shown shows no name. */
const ORDER: readonly ChangeKind[] = ['raise', 'retraction', 'removal', 'name', 'text'];

export interface AppliedChanges {
  /** By register number, then in the order above. */
  readonly leaves: readonly ChangeLeaf[];
  readonly changes: BatchChanges;
}

/**
 * The leaves of the changes that are due, and what the store must write. `firstIndex` is the log index of the first of them. Changes that no
 * longer fit (an amendment of what was retracted meanwhile) are settled without a leaf.
 *
 * A holder's signature is verified once more, for the log cannot be taken back: a store that somebody wrote into publishes nothing under the
 * holder's name. Throws `STORE_INTEGRITY`.
 */
export function applyChanges(due: readonly DueChange[], batch: number, firstIndex: number, options: CryptoOptions = {}): AppliedChanges {
  const sorted = [...due].sort((a, b) => a.entry.index - b.entry.index || ORDER.indexOf(a.change.kind) - ORDER.indexOf(b.change.kind));
  const leaves: ChangeLeaf[] = [];
  const settled: SettledChange[] = [];
  const states = new Map<number, EntryState>();
  for (const { change, entry } of sorted) {
    const state = states.get(entry.index) ?? stateOf(entry);
    const { id, kind, salt } = change;
    const fits = fitsNow(state, change);
    settled.push({ id, kind, salt, published: fits });
    if (!fits) continue;
    const { leaf, after } = publishChange(state, change, batch, firstIndex + leaves.length, options);
    leaves.push(leaf);
    states.set(entry.index, after);
  }
  return { leaves, changes: { settled, entries: [...states.values()].map(changedEntryOf) } };
}

type Signer = { readonly by: 'registry' } | { readonly by: 'holder'; readonly signature: string };

/** As when it was asked for: between asking and publication much may happen. */
function fitsNow(state: EntryState, change: PendingChange): boolean {
  if (refusalOf(state.standing, change) !== undefined) return false;
  if (change.kind !== 'text' && change.kind !== 'name') return true;
  const content = contentOf(state);
  return content !== undefined && amendContent(content, change) !== undefined;
}

interface EntryState {
  readonly row: EntryRow;
  readonly standing: PublishedStanding;
  readonly at: Pick<ChangedEntry['changed'], 'amendedAt' | 'retractedAt' | 'removedAt'>;
  /** What the batch makes of the content. */
  readonly content: ChangedEntry['content'];
}

function stateOf(row: EntryRow): EntryState {
  // Also checks that the content is the one its leaf promises, before it is amended.
  entryFromRow(row);
  const { amendedAt, retractedAt, removedAt } = row.changed ?? {};
  return { row, standing: publishedStanding(row), at: { amendedAt, retractedAt, removedAt }, content: 'kept' };
}

function changedEntryOf({ row, standing, at, content }: EntryState): ChangedEntry {
  const { amendments, display, evidence } = standing;
  return { id: row.id, changed: { amendments, display, evidence, ...at }, content };
}

function publishChange(
  state: EntryState,
  change: PendingChange,
  batch: number,
  index: number,
  options: CryptoOptions,
): { readonly leaf: ChangeLeaf; readonly after: EntryState } {
  const { row, standing, at } = state;
  const entry = row.index;
  if (change.kind === 'raise') {
    const to = evidenceOf(change.value);
    return {
      leaf: { type: 'raise', batch, entry, from: standing.evidence, to },
      after: { ...state, standing: { ...standing, evidence: to } },
    };
  }
  const content = contentOf(state);
  const signer = signerOf(change, content, options);
  if (change.kind === 'retraction') {
    const after = { ...state, standing: { ...standing, retracted: true }, at: { ...at, retractedAt: index } };
    return { leaf: { type: 'retraction', batch, entry, ...signer }, after };
  }
  if (change.kind === 'removal') {
    const after = { ...state, standing: { ...standing, removed: true }, at: { ...at, removedAt: index }, content: 'removed' as const };
    return { leaf: { type: 'removal', batch, entry, ...signer }, after };
  }
  const { kind, number, salt } = change;
  const bytes = content && amendContent(content, change);
  if (bytes === undefined) throw integrity('a content is missing');
  const hash = toHex(contentHash(salt, bytes));
  const leaf = { type: 'amendment', batch, entry, number, kind, contentHash: hash, ...signer } as const;
  const display = kind === 'name' ? ('name' as const) : standing.display;
  const after = { ...standing, amendments: number, lastAmendment: leaf, display };
  return { leaf, after: { ...state, standing: after, at: { ...at, amendedAt: index }, content: { salt, content: bytes } } };
}

function contentOf({ row, content }: EntryState): Content | undefined {
  if (content === 'removed') return undefined;
  const bytes = content === 'kept' ? row.content : content.content;
  return bytes === undefined ? undefined : decodeContent(bytes);
}

/** Once the content is removed its key is gone too; what came in was checked against the entry's id. */
function signerOf(change: PendingChange, content: Content | undefined, options: CryptoOptions): Signer {
  const { kind, by, number, salt, value, signature } = change;
  if (by === 'registry') return { by };
  if (content !== undefined) {
    try {
      const message = changeMessage({ kind, entryPublicKey: fromHex(content.entryKey), number, salt, value });
      verifySignature(signature, message, fromHex(content.entryKey), options);
    } catch {
      throw integrity('a change is not signed by the entry’s key');
    }
  }
  return { by, signature: toHex(signature) };
}

function evidenceOf(value: string): Evidence {
  const evidence = EVIDENCES.find((word) => word === value);
  if (evidence === undefined) throw integrity('a change holds no evidence');
  return evidence;
}

function integrity(problem: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', problem);
}
