import { type Reply, sealReply } from '../claims/reply.js';
import { RECORD_OPERATIONS } from '../submit/request-format.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { applyEntryRequests } from './entry-requests.js';
import type { RequestRow } from './judge-submissions.js';
import { applyRecordRequests } from './record-requests.js';

export interface AnsweredRequests {
  /** Done or refused; each has its reply. */
  readonly answered: readonly RequestRow[];
  /** About an entry or a record that no store has (yet). */
  readonly unknown: readonly RequestRow[];
}

/**
 * Does what people who came back ask for, and leaves each an answer that only they can read. A request is about an entry or about a record,
 * never both, so the two worlds are written apart; replies lie among the claim rows under mailboxes that only κ's holder can derive.
 *
 * `windowSize`: rows of the shred store among which an erasure hides.
 *
 * May be repeated after a crash: every effect is insert-if-absent or already there, and the first reply stays.
 */
export async function answerRequests(context: RegistryContext, rows: readonly RequestRow[], windowSize: number): Promise<AnsweredRequests> {
  const isOfRecord = ({ opened }: RequestRow): boolean => RECORD_OPERATIONS.some((operation) => operation === opened.request.operation);
  const ofRecords = rows.filter(isOfRecord);
  const ofEntries = rows.filter((row) => !isOfRecord(row));
  const requests = (some: readonly RequestRow[]) => some.map(({ opened }) => opened.request);
  const outcomes = [
    ...zip(ofRecords, await applyRecordRequests(context, requests(ofRecords), windowSize)),
    ...zip(ofEntries, await applyEntryRequests(context, requests(ofEntries))),
  ];
  if (rows.length === 0) return { answered: [], unknown: [] };
  const answered = outcomes.filter((each): each is readonly [RequestRow, Reply] => each[1] !== undefined);
  await context.stores.claims.insert(
    answered.map(([{ opened }, reply]) => {
      const { mailbox, replyKey } = opened.request;
      return { locator: mailbox, row: sealReply(mailbox, replyKey, reply, cryptoOptions(context)) };
    }),
  );
  const unknown = outcomes.filter(([, reply]) => reply === undefined).map(([row]) => row);
  return { answered: answered.map(([row]) => row), unknown };
}

function zip<A, B>(left: readonly A[], right: readonly B[]): readonly (readonly [A, B])[] {
  return left.map((one, i) => [one, right[i] as B] as const);
}
