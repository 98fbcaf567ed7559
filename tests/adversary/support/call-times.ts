import type { AttackResult } from './report.js';
import { seize, seizeEntries } from './seized.js';

/** An entry as the published register shows it; `day` counts from the day of the first call. */
export interface Published {
  readonly entry: string;
  readonly number: number;
  readonly day: number;
}

/** Everything published in a directory, in register order. */
export function publishedIn(directory: string, firstDay: number): Published[] {
  const dayOfBatch = new Map(
    seize(directory, 'public/public.db', 'batches').map(({ id, columns }) => [
      Number(id.readBigUInt64BE()),
      (columns[1] as number) - firstDay,
    ]),
  );
  return seizeEntries(directory)
    .map(({ id, columns, bytes }) => ({
      entry: id.toString('hex'),
      number: columns[1] as number,
      day: dayOfBatch.get(Number(/"batch":(\d+)/u.exec(bytes.toString('latin1'))?.[1])) as number,
    }))
    .sort((a, b) => a.number - b.number);
}

/** Entries of each day, in register order. */
export function batchesOf(published: readonly Published[]): Map<number, string[]> {
  const byDay = new Map<number, string[]>();
  for (const { day, entry } of published) byDay.set(day, [...(byDay.get(day) ?? []), entry]);
  return byDay;
}

/** What was seen on the line: the entry of each call, in the order of the calls (for scoring), and how many came in a day. */
export interface Calls {
  readonly entries: readonly string[];
  readonly perDay: number;
}

const LONGEST_DELAY = 28;
/** Names of the guesses. The delay is public policy, so he knows in which batches a call may be. */
export const GUESSES = {
  samePlace: Array.from({ length: LONGEST_DELAY + 1 }, (_, days) => `S10 call and entry, same place in the batch ${days} days later`),
  smallestBatch: 'S10 call and entry, first of the smallest batch',
  sameRank: 'S10 call and entry, same rank among all',
} as const;

/** Every guess, each for all calls. */
export function matchByTime(published: readonly Published[], calls: Calls, k: number): AttackResult[] {
  const byDay = batchesOf(published);
  const dayOf = (call: number): number => Math.floor(call / calls.perDay);
  const guesses: [string, (call: number) => string | undefined][] = [
    // In each batch he takes the place that the call had in its day.
    ...GUESSES.samePlace.map((name, days): [string, (call: number) => string | undefined] => [
      name,
      (call) => placed(byDay.get(dayOf(call) + days), (call % calls.perDay) / calls.perDay),
    ]),
    [GUESSES.smallestBatch, (call) => smallest(byDay, dayOf(call))?.[0]],
    [GUESSES.sameRank, (call) => published[call]?.entry],
  ];
  const trials = calls.entries.length;
  return guesses.map(([attack, guess]) => {
    const hits = calls.entries.filter((entry, call) => guess(call) === entry).length;
    return { attack, hits, trials, chance: 1 / k, bound: 1 / k };
  });
}

const placed = (batch: readonly string[] | undefined, share: number): string | undefined => batch?.[Math.floor(share * batch.length)];

function smallest(byDay: ReadonlyMap<number, readonly string[]>, day: number): readonly string[] | undefined {
  const possible = Array.from({ length: LONGEST_DELAY }, (_, i) => byDay.get(day + 1 + i)).filter((batch) => batch !== undefined);
  return possible.sort((a, b) => a.length - b.length)[0];
}
