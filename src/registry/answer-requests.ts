import type { ClaimRow } from '../claims/ports.js';
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
  /** The replies, to be stored in one transaction with the claim rows: apart from them they would lie apart. */
  readonly replies: readonly ClaimRow[];
}

/**
 * Does what people who came back ask for, and leaves each an answer that only they can read. A request is about an entry or about a record,
 * never both, so the two worlds are written apart; replies lie among the claim rows under mailboxes that only κ's holder can derive.
 *
 * May be repeated after a crash: every effect is insert-if-absent or already there, and the first reply stays.
 */
export async function answerEntryRequests(context: RegistryContext, rows: readonly RequestRow[]): Promise<AnsweredRequests> {
  const requests = rows.map(({ opened }) => opened.request);
  return answers(context, zip(rows, await applyEntryRequests(context, requests)));
}

/** The same for records. A window of shreds changes whatever is asked; `windowSize`: among how many rows an erasure hides. */
export async function answerRecordRequests(
  context: RegistryContext,
  rows: readonly RequestRow[],
  windowSize: number,
): Promise<AnsweredRequests> {
  const requests = rows.map(({ opened }) => opened.request);
  return answers(context, zip(rows, await applyRecordRequests(context, requests, windowSize)));
}

/** True for a request about the sealed side. */
export function isAboutRecord({ opened }: RequestRow): boolean {
  return RECORD_OPERATIONS.some((operation) => operation === opened.request.operation);
}

function answers(context: RegistryContext, outcomes: readonly (readonly [RequestRow, Reply | undefined])[]): AnsweredRequests {
  const answered = outcomes.filter((each): each is readonly [RequestRow, Reply] => each[1] !== undefined);
  const replies = answered.map(([{ opened }, reply]) => {
    const { mailbox, replyKey } = opened.request;
    return { locator: mailbox, row: sealReply(mailbox, replyKey, reply, cryptoOptions(context)) };
  });
  const unknown = outcomes.filter(([, reply]) => reply === undefined).map(([row]) => row);
  return { answered: answered.map(([row]) => row), unknown, replies };
}

function zip<A, B>(left: readonly A[], right: readonly B[]): readonly (readonly [A, B])[] {
  return left.map((one, i) => [one, right[i] as B] as const);
}
