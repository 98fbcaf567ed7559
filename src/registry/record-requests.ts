import type { Reply } from '../claims/reply.js';
import type { SignedRequest } from '../submit/request-format.js';
import { idOfPublicKey } from '../vocabulary/ids.js';
import type { RegistryContext } from './context.js';
import { eraseShreds, recordStatuses } from './erase.js';

/**
 * One reply for each request, in order; `undefined` where the registry does not know the record. Whoever signed holds the record's key: its
 * hash is the id, so nobody asks about another's record. Erasures come first; repeats are answered alike. A window of shreds changes in any
 * case, also for no requests at all: every chunk of the sort looks as if it had erased somebody.
 */
export async function applyRecordRequests(
  context: RegistryContext,
  requests: readonly SignedRequest[],
  windowSize: number,
): Promise<readonly (Reply | undefined)[]> {
  const ids = requests.map(({ publicKey }) => idOfPublicKey(publicKey));
  const toErase = ids.filter((_, i) => requests[i]?.operation === 'erase');
  const days = (await eraseShreds(context, toErase, windowSize)).values();
  const statuses = await recordStatuses(context, ids);
  return requests.map(({ operation }, i) => {
    if (operation === 'erase') return erased(days.next().value);
    const record = statuses[i];
    return record === undefined ? undefined : { result: 'done', record };
  });
}

function erased(finalOn: string | undefined): Reply | undefined {
  return finalOn === undefined ? undefined : { result: 'done', record: 'erased', finalOn };
}
