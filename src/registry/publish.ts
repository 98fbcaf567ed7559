import { dayOf } from '../foundation/clock.js';
import { appendRecords } from '../log/append.js';
import { selectDue } from '../public/hold.js';
import { type BatchDraft, makeBatch } from '../public/make-batch.js';
import type { DueChange, NewBatch } from '../public/ports.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { assertCountsGoOn } from './counts-go-on.js';
import { growTree, tilesOfStore } from './log-tree.js';
import { settleLog } from './settle-log.js';
import { sortInbox } from './sort.js';

export interface PublishOptions {
  /** The day of the batch; default today. */
  readonly at?: Date;
  /** Take the whole pool as one extra batch, whatever its due days. Still honours the hold. */
  readonly now?: boolean;
}

export interface PublishResult {
  /** Number of the batch; undefined when there is none: the day's went out before, or an extra one would be empty. */
  readonly batch: number | undefined;
  readonly published: number;
  /** Changes of published entries that went out with it. */
  readonly changes: number;
  /** Due, but in a cell with fewer than k. */
  readonly held: number;
  /** Held statements by cell. */
  readonly heldCells: Readonly<Record<string, number>>;
  /** Statements in the smallest cell that went out: the achieved set size. */
  readonly smallestCell: number;
  /** Submissions that were not sorted, so that nothing of them is in the pool yet: they wait for company, or for another attempt. */
  readonly waiting: number;
  /** True when this day's batch went out before: there is one a day. */
  readonly alreadyPublished: boolean;
  /**
   * True while the last batch is not cosigned by as many witnesses as the host asks for: it is stored, but not exported, and nothing is added
   * behind it. The next call asks them again.
   */
  readonly waitsForWitnesses: boolean;
  /** Witnesses that have seen another history of this log: stop and look (docs/operations-log.md). */
  readonly conflicts: number;
}

const NOTHING: PublishResult = {
  batch: undefined,
  published: 0,
  changes: 0,
  held: 0,
  heldCells: {},
  smallestCell: 0,
  waiting: 0,
  alreadyPublished: false,
  waitsForWitnesses: false,
  conflicts: 0,
};

/**
 * One batch a day: sorts the inbox, takes what is due, holds cells with fewer than k, and appends the rest in entryId order, then
 * the changes of published entries that are due.
 * Call it once a day at a fixed hour; a second call on the same day publishes nothing. A day with nothing due has a batch of one tally leaf
 * (decision 007). Atomic: the batch is stored or it is not; then its checkpoint is signed, and cosigned where the host has witnesses.
 * A batch without its checkpoint is finished by the next call before anything is added to it.
 * Throws `STORE_BUSY` (retryable) if another publisher was faster, `STORE_INTEGRITY` where what is stored does not belong together,
 * `LOG_INCONSISTENT` and `LOG_KEY_INVALID` (docs/operations-log.md).
 */
export async function publishBatch(context: RegistryContext, options: PublishOptions): Promise<PublishResult> {
  // Also removes what an interrupted earlier batch may have left in a write-ahead log.
  const { waiting } = await sortInbox(context);
  await growTree(context);
  const before = await settleLog(context);
  if (before?.settled === false) return { ...NOTHING, waiting, waitsForWitnesses: true, conflicts: before.conflicts };
  const { public: store } = context.stores;
  const { policy } = context.settings;
  const extra = options.now === true;
  const state = await store.state();
  const lastDay = state.lastBatch?.day ?? 0;
  const asked = dayOf(options.at?.getTime() ?? context.clock.now());
  // Dates of batches never run backwards, whatever the clock does.
  const day = extra ? Math.max(asked, lastDay) : asked;
  const alreadyPublished = !extra && (day < lastDay || (state.lastRegularDay !== undefined && state.lastRegularDay >= day));
  if (!alreadyPublished) await assertCountsGoOn(store, state);
  const items = await store.due(extra ? undefined : day);
  const selection = selectDue(items, day, policy, { now: extra });
  const changes = mayGo(await store.dueChanges(extra ? undefined : day), day);
  const draft = alreadyPublished ? undefined : makeBatch({ state, selection, changes, day, extra, policy }, cryptoOptions(context));
  const batch = draft && (await withTiles(context, draft));
  if (batch !== undefined) await store.appendBatch(batch);
  const head = batch === undefined ? before : await settleLog(context);
  const published = batch?.entries.length ?? 0;
  context.logger.info('published', {
    count: published,
    held: selection.held.length,
    ...(batch === undefined ? {} : { batch: batch.summary.batch }),
  });
  return {
    batch: batch?.summary.batch,
    published,
    changes: batch?.changes?.settled.filter((change) => change.published).length ?? 0,
    held: selection.held.length,
    heldCells: Object.fromEntries(selection.heldCells),
    smallestCell: batch?.summary.smallestCell ?? 0,
    waiting,
    alreadyPublished,
    waitsForWitnesses: head?.settled === false,
    conflicts: head?.conflicts ?? 0,
  };
}

/** `now` does not shorten the days in which the person can veto that a holder of the phrase shows the real name. */
function mayGo(changes: readonly DueChange[], day: number): readonly DueChange[] {
  return changes.filter(({ change }) => !(change.kind === 'name' && change.by === 'holder' && change.dueDay > day));
}

async function withTiles({ stores, backend }: RegistryContext, draft: BatchDraft): Promise<NewBatch> {
  const { tiles } = await appendRecords(tilesOfStore(stores.public), draft.expectedSize, draft.leaves, backend.sha256);
  return { ...draft, tiles };
}
