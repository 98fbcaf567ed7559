import type { Counts, Entry, Registry } from '../../../index.js';
import { counted, displayWidth, grouped, padEnd } from '../print.js';
import type { Narrator } from './narrator.js';
import { Totals } from './totals.js';

/** The public register as a reader has it who trusts no counter and reads every entry. */
export interface Wall {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly totals: Totals;
}

export async function readWall(registry: Registry): Promise<Wall> {
  const entries = new Map<string, Entry>();
  const totals = new Totals();
  for await (const entry of registry.entries()) {
    entries.set(entry.entryId, entry);
    totals.addEntry(entry);
  }
  return { entries, totals };
}

export function printCounts(narrator: Narrator, counts: Counts): void {
  const { total, byCategory, byEvidence, byDisplay, byOrigin, perDay } = counts;
  const list = (numbers: Readonly<Record<string, number>>): string =>
    Object.entries(numbers)
      .map(([word, number]) => `${word} ${grouped(number)}`)
      .join(', ');
  narrator.line(
    `${counted(total, 'statement')} published, in ${counted(counts.batches, 'batch', 'batches')}, as of ${counts.asOf ?? 'never'}`,
  );
  narrator.line(`    by category   ${list(byCategory)}  (one person may leave several)`);
  narrator.line(`    by evidence   ${list(byEvidence)}`);
  narrator.line(`    shown as      ${list(byDisplay)}`);
  narrator.line(`    origin        ${list(byOrigin)}`);
  narrator.line(`    live a day    ${perDay.average} on average over ${perDay.days} days; imports do not count`);
}

/** A dozen of those who are shown by alias, and three of those by name, from all over the register. */
export function printWall(narrator: Narrator, { entries }: Wall): void {
  const all = [...entries.values()];
  const some = (display: Entry['display'], count: number): Entry[] => {
    const of = all.filter((entry) => entry.display === display);
    return of.filter((_, i) => i % Math.max(1, Math.floor(of.length / count)) === 0).slice(0, count);
  };
  const shown = [...some('alias', 12), ...some('name', 3)];
  const width = Math.max(0, ...shown.map(({ name = '' }) => displayWidth(name)));
  narrator.line('');
  for (const { registerNumber, name = '', categories, evidence, period = '', text } of shown) {
    const columns = [String(registerNumber).padStart(7), padEnd(name, width), categories.join('+').padEnd(21), evidence.padEnd(8), period];
    narrator.line(`  ${columns.join('  ')}${text === undefined ? '' : `  “${text}”`}`);
  }
}
