import type { EntryStatus } from '../claims/reply.js';
import type { EntryStanding } from '../public/standing.js';

/** What may be told of an entry to whoever knows its id or holds its key. */
export function entryStatusOf(standing: EntryStanding): EntryStatus {
  const { registerNumber, retracted, removed, amendments, nameLocked, pending } = standing;
  return {
    state: registerNumber === undefined ? 'waiting' : 'published',
    ...(registerNumber === undefined ? {} : { registerNumber }),
    retracted,
    removed,
    amendments,
    nameLocked,
    pending: pending.map(({ kind }) => kind),
  };
}
