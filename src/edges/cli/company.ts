import type { Policy } from '../../index.js';
import { counted, grouped } from './print.js';

/** A sentence on submissions that were not sorted, with the rule of the policy where it is that for which they wait. */
export function whatWaits(waiting: number, { sortMinimum, sortMaxWaitDays }: Policy): string {
  const one = waiting === 1;
  // So many have company: what still waits has failed and is tried again.
  if (waiting >= sortMinimum) return `${counted(waiting, 'submission')} still ${one ? 'waits' : 'wait'} to be sorted.`;
  const age = sortMaxWaitDays === 1 ? 'a day' : counted(sortMaxWaitDays, 'day');
  const rule = `sorted when ${grouped(sortMinimum)} are there, or when ${one ? 'it is' : 'they are'} ${age} old`;
  return `${counted(waiting, 'submission waits', 'submissions wait')} for company: ${rule}.`;
}
