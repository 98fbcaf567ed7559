import { today } from '../foundation/clock.js';
import type { RegistryContext } from './context.js';
import { answerEntryRequests, answerRecordRequests, isAboutRecord } from './answer-requests.js';
import type { WaitingRow } from '../sealed/ports.js';
import { type FailedRow, judge, type Judgement, type OpenedRow } from './judge-submissions.js';
import { openRows, type SortableRow } from './open-rows.js';
import { quarantine } from './quarantine.js';
import { writeAccepted } from './write-accepted.js';

export interface SortResult {
  /** False when the policy says to wait for more submissions. */
  readonly ran: boolean;
  /** Registrations that are stored now, and were taken out of the inbox: new ones, and repetitions of what was stored before. */
  readonly sorted: number;
  /** Requests of people who came back (`./person`) that were done or refused; each has its reply. */
  readonly answered: number;
  readonly quarantined: number;
  /** Dropped unread, because their epoch's key was destroyed after its grace: 0 unless sorting stood still for a month. */
  readonly dropped: number;
  /** Submissions that still wait: for company, or for another attempt. */
  readonly waiting: number;
}

/** Most submissions read at once: 2,048 × 24 KiB = 48 MiB. About so many are written together, if there are so many. */
const PAGE = 2048;
const FAILURES_BEFORE_QUARANTINE = 3;
/** An erasure hides among so many records, or among as many as the chunk brings, if those are more. */
const LEAST_WINDOW = 128;
const NOTHING = new Uint8Array(0);

/**
 * The mix. Takes what waits, page by page, opens the outer layers, gathers what is new, and writes each store in one transaction with rows
 * sorted by its own id; only then drains the inbox. Nothing stored says which record came with which statement: no shared id, order, time or digest.
 *
 * Crash-safe without a journal: every write is insert-if-absent and the inbox rows go last, so killing it anywhere and running it again
 * ends in exactly one record and one entry. Two sorts at once are harmless for the same reason.
 *
 * A batch has `sortMinimum` new registrations, or is everything that arrived `sortMaxWaitDays` ago or earlier: nobody is sorted alone because
 * somebody else's submission is old, cannot be opened, or was sent before. Company is counted over all pages: whoever sees a submission can
 * fill the inbox around it with rubbish, but not part it from the others. (Whoever sends 63 valid registrations of his own still can:
 * docs/threat-model.md.) Store errors (`STORE_*`) pass through and count against nobody.
 */
export async function sortInbox(context: RegistryContext): Promise<SortResult> {
  const { stores, settings, clock, logger } = context;
  const { sortMinimum, sortMaxWaitDays } = settings.policy;
  await stores.tidy();
  const { count, oldestDay } = await stores.inbox.waiting();
  const waitedUntil = today(clock) - sortMaxWaitDays;
  const someWaitedLong = oldestDay !== undefined && oldestDay <= waitedUntil;
  if (count === 0 || (count < sortMinimum && !someWaitedLong))
    return { ran: false, sorted: 0, answered: 0, quarantined: 0, dropped: 0, waiting: count };

  const pages = Math.ceil(count / PAGE);
  const size = Math.ceil(count / pages);
  const arrivedUntil = count < sortMinimum ? waitedUntil : undefined;
  const total = { sorted: 0, answered: 0, quarantined: 0, dropped: 0 };
  let gathered: readonly SortableRow[] = [];
  let after: Uint8Array | undefined;
  for (let page = 1; page <= pages; page++) {
    const rows = await stores.inbox.take(size, arrivedUntil, after);
    after = rows.at(-1)?.id ?? after;
    const opened = await openRows(context, rows);
    const result = await sortPage(context, [...gathered, ...opened], { waitedUntil, isLast: page === pages });
    total.sorted += result.sorted;
    total.answered += result.answered;
    total.quarantined += result.quarantined;
    total.dropped += result.dropped;
    gathered = result.gathered;
  }
  const { count: waiting } = await stores.inbox.waiting();
  logger.info('sorted', { count: total.sorted, waiting });
  if (total.quarantined > 0) logger.warn('quarantined', { count: total.quarantined });
  return { ran: true, ...total, waiting };
}

interface PageResult {
  readonly sorted: number;
  readonly answered: number;
  readonly quarantined: number;
  readonly dropped: number;
  /** New registrations that go with those of the next page. */
  readonly gathered: readonly SortableRow[];
}

interface Turn {
  readonly waitedUntil: number;
  readonly isLast: boolean;
}

/**
 * One page through all stores. The order is the promise: erasures among the rows that were there before; then `begin`, before any store has a
 * newcomer; records before statements before claim rows; requests about entries after the entries; and the inbox last of all.
 */
async function sortPage(context: RegistryContext, rows: readonly SortableRow[], turn: Turn): Promise<PageResult> {
  const { stores, settings } = context;
  const { waitedUntil } = turn;
  const judged = await judge(context, rows);
  const company = new Set(judged.fresh.map(({ recordId }) => recordId)).size >= settings.policy.sortMinimum;
  const { ready, gathered } = gather(judged.fresh, settings.policy.sortMinimum, turn);
  const mayGo = ready.filter(({ row }) => company || row.arrivedDay <= waitedUntil);
  const accepted = [...mayGo, ...judged.begun];
  const mayBeAsked = judged.requests.filter(({ row }) => company || settings.policy.sortMinimum === 1 || row.arrivedDay <= waitedUntil);
  // Erasures before the newcomers: the rows among which they hide must be such as an earlier image has.
  const windowSize = Math.max(LEAST_WINDOW, accepted.length);
  const aboutRecords = await answerRecordRequests(context, mayBeAsked.filter(isAboutRecord), windowSize);
  if (accepted.length > 0) await stores.inbox.begin(accepted.map(({ row }) => row.id));
  await writeAccepted(
    context,
    accepted.map(({ opened }) => opened),
    new Set(mayGo.map(({ recordId }) => recordId)).size,
  );

  // Entries after them: a request may be about one of this very page.
  const aboutEntries = await answerEntryRequests(
    context,
    mayBeAsked.filter((row) => !isAboutRecord(row)),
  );
  const answered = [...aboutRecords.answered, ...aboutEntries.answered];
  const unknown = [...aboutRecords.unknown, ...aboutEntries.unknown];
  const claimRows = accepted.map(({ opened: { inner } }) => ({ locator: inner.locator, row: inner.claimRow }));
  await stores.claims.insert([...claimRows, ...aboutRecords.replies, ...aboutEntries.replies]);

  const failed = [...judged.failed, ...unknown.map(({ row, opened }) => ({ row, bytes: opened.padded }))];
  const quarantined = await drainPage(context, judged, { done: [...accepted, ...answered], failed });
  return {
    sorted: accepted.length + judged.repeated.length,
    answered: answered.length,
    quarantined,
    dropped: judged.gone.length,
    gathered,
  };
}

interface Drained {
  /** Written to all stores, or answered. */
  readonly done: readonly { readonly row: WaitingRow }[];
  readonly failed: readonly FailedRow[];
}

/** What is done leaves the inbox; what failed is looked at again, and the third time goes to the quarantine. Gives how many went there. */
async function drainPage(context: RegistryContext, judged: Judgement, { done, failed }: Drained): Promise<number> {
  const { inbox } = context.stores;
  const hopeless = failed.filter(({ row }) => row.failures + 1 >= FAILURES_BEFORE_QUARANTINE);
  const again = failed.filter(({ row }) => row.failures + 1 < FAILURES_BEFORE_QUARANTINE).map(({ row }) => row.id);
  const quarantined = [
    ...hopeless.map(({ row, bytes }) => quarantine(context, row, bytes)),
    ...judged.collided.map(({ row, opened }) => quarantine(context, row, opened.padded)),
  ];
  if (again.length > 0) await inbox.countFailure(again);
  const leaving = [...done, ...judged.repeated, ...judged.collided, ...hopeless].map(({ row }) => row);
  await inbox.drain(
    [...leaving, ...judged.gone].map(({ id }) => id),
    quarantined,
  );
  return quarantined.length;
}

/**
 * Which of the new registrations are written with this page. Before the last page only a surplus is, and so many are kept back that the last
 * has company too. A repetition of one that is kept stays in the inbox: else repetitions would fill the memory.
 */
function gather(
  fresh: readonly OpenedRow[],
  sortMinimum: number,
  { isLast }: Turn,
): { readonly ready: readonly OpenedRow[]; readonly gathered: readonly SortableRow[] } {
  if (isLast) return { ready: fresh, gathered: [] };
  const firsts = [...new Map([...fresh].reverse().map((one) => [one.recordId, one])).values()].reverse();
  const surplus = firsts.length - sortMinimum;
  const ready = surplus >= Math.max(PAGE, sortMinimum) ? firsts.slice(0, surplus) : [];
  // What was opened is enough; the sealed bytes are still in the inbox.
  const gathered = firsts.slice(ready.length).map(({ row, opened }) => ({ row: { ...row, submission: NOTHING }, outcome: opened }));
  return { ready, gathered };
}
