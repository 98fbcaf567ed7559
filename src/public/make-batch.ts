import type { CryptoOptions } from '../foundation/backend.js';
import { compareBytes, toHex } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import type { Sha256 } from '../foundation/sha256.js';
import { dateOfDay } from '../vocabulary/period.js';
import type { Policy } from '../vocabulary/policy.js';
import { applyChanges } from './apply-changes.js';
import { contentHash, encodeContentOf } from './content.js';
import { addIncrements, incrementsOf, tallyFromCounters } from './counts/counters.js';
import type { SelectedItem, Selection } from './hold.js';
import { encodeLeaf, type StatementLeaf } from './leaf.js';
import type { DueChange, NewBatch, NewEntry, PoolItem, PublicState } from './ports.js';
import { waitingStatement } from './waiting-statement.js';

/** A batch before the tree has grown over its leaves. */
export type BatchDraft = Omit<NewBatch, 'tiles'>;

export interface BatchRequest {
  /** What the store holds now; `appendBatch` refuses the batch if that has changed since. */
  readonly state: PublicState;
  readonly selection: Pick<Selection, 'publish' | 'smallestCell'>;
  /** Changes of published entries that are due; left out: none. */
  readonly changes?: readonly DueChange[];
  readonly day: number;
  /** True for a batch that does not use up the day's regular one. */
  readonly extra: boolean;
  readonly policy: Pick<Policy, 'k'>;
}

/**
 * Turns a selection into one batch: a tally leaf, one leaf per statement in entryId order, which is random and so tells nothing, and one leaf
 * per change. Pure. A regular day on which nothing is due has its batch too, of one tally leaf: it uses up the day, and shows that the log is
 * alive. Nothing selected for an extra batch: `undefined`.
 *
 * Every pool item and change is checked once more, because the log cannot be taken back: an item whose statement, cell or digest do not belong
 * together throws `STORE_INTEGRITY` and nothing is published. RangeError if a cell below `k` would go out with its period.
 */
export function makeBatch(request: BatchRequest, options: CryptoOptions = {}): BatchDraft | undefined {
  const { state, selection, changes: due = [], day, extra, policy } = request;
  if (selection.publish.length === 0 && due.length === 0 && extra) return undefined;
  assertCellsMayGo(selection.publish, policy.k);
  const selected = [...selection.publish].sort((a, b) => compareBytes(a.item.id, b.item.id));
  if (selected.some(({ item }, i) => i > 0 && compareBytes((selected[i - 1] as SelectedItem).item.id, item.id) === 0)) {
    throw integrity('an entry id lies twice in the pool');
  }

  const batch = (state.lastBatch?.batch ?? 0) + 1;
  const prepared = selected.map(({ item, coarsen }) => prepare(item, coarsen, batch, options.backend?.sha256));
  const { leaves: changed, changes } = applyChanges(due, batch, state.logSize + 1 + prepared.length, options);
  const leaves = [...prepared.map(({ leaf }) => leaf), ...changed];
  const increments = incrementsOf(leaves);
  const counters = addIncrements(state.counters, increments);
  if ([...counters.values()].some((count) => count < 0)) throw integrity('a counter would fall below zero');
  const tally = {
    type: 'tally',
    batch,
    date: dateOfDay(day),
    before: tallyFromCounters(state.counters),
    after: tallyFromCounters(counters),
  } as const;
  return {
    summary: {
      batch,
      day,
      extra,
      statements: prepared.length,
      live: prepared.filter(({ leaf }) => leaf.origin === 'live').length,
      smallestCell: selection.smallestCell,
    },
    expectedSize: state.logSize,
    leaves: [tally, ...leaves].map(encodeLeaf),
    entries: prepared.map(({ entry }) => entry),
    changes,
    increments,
  };
}

function prepare(
  item: PoolItem,
  coarsen: boolean,
  batch: number,
  sha256: Sha256 | undefined,
): { readonly leaf: StatementLeaf; readonly entry: NewEntry } {
  const statement = waitingStatement(item, sha256);
  const content = encodeContentOf(statement, coarsen);
  const { categories, display, evidence, origin } = statement;
  return {
    leaf: { type: 'statement', batch, categories, display, evidence, origin, contentHash: toHex(contentHash(item.salt, content, sha256)) },
    entry: { id: item.id, digest: item.digest, salt: item.salt, content },
  };
}

/** The second lock behind `selectDue`: whatever chose the items, no small cell shows the month of its statements. */
function assertCellsMayGo(publish: readonly SelectedItem[], k: number): void {
  const sizes = new Map<string, number>();
  for (const { item } of publish) sizes.set(item.cell, (sizes.get(item.cell) ?? 0) + 1);
  if (publish.some(({ item, coarsen }) => !coarsen && (sizes.get(item.cell) ?? 0) < k))
    throw new RangeError('a cell below k must be coarsened');
}

function integrity(problem: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', problem);
}
