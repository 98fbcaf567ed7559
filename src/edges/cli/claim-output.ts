import type { EntryStatus, RecordStatus, Reply } from '../../person.js';
import type { Output } from './output.js';
import { printFacts, printJson } from './print.js';

export interface ClaimFound {
  readonly recordId: string;
  readonly entryId: string;
  readonly entry: EntryStatus | undefined;
  readonly record: RecordStatus | undefined;
}

/** The one output in which record and entry stand side by side: for the person, who holds both. */
export function printStatus({ recordId, entryId, entry, record }: ClaimFound, json: boolean, output: Output): void {
  const status = wordOf(entry, record);
  if (json) {
    const { state: _, ...facts } = entry ?? {
      state: 'waiting',
      retracted: false,
      removed: false,
      amendments: 0,
      nameLocked: false,
      pending: [],
    };
    printJson(output, { recordId, entryId, status, registerNumber: null, record: record ?? null, ...facts });
    return;
  }
  const pending = entry?.pending ?? [];
  printFacts(output, [
    ['record id', recordId],
    ['entry id', entryId],
    ['status', status],
    ...(entry?.registerNumber === undefined ? [] : [['register number', String(entry.registerNumber)] as const]),
    ...(pending.length === 0 ? [] : [['waits for a batch', pending.join(', ')] as const]),
  ]);
}

/** What a person asks first: is it still there, and does the public see it? */
function wordOf(entry: EntryStatus | undefined, record: RecordStatus | undefined): string {
  if (record === 'erased') return 'erased';
  if (entry?.removed === true) return 'removed';
  if (entry?.retracted === true) return 'retracted';
  return entry?.state ?? 'waiting';
}

export interface Answer {
  readonly operation: string;
  readonly number: number;
  readonly reply: Reply | undefined;
}

export function printReply({ operation, number, reply }: Answer, json: boolean, output: Output): void {
  if (json) {
    printJson(output, { operation, number, reply: reply ?? null });
    return;
  }
  const called = number === 0 ? operation : `${operation} ${number}`;
  if (reply === undefined) {
    output.out(`${called}: no answer yet. A later sort does it; ask with: cryptonym claim --reply ${operation}\n`);
    return;
  }
  printFacts(output, [
    [called, reply.reason === undefined ? reply.result : `${reply.result} (${reply.reason})`],
    ...(reply.dueOn === undefined ? [] : [['not before', reply.dueOn] as const]),
    ...(reply.finalOn === undefined ? [] : [['gone from every backup on', reply.finalOn] as const]),
  ]);
}
