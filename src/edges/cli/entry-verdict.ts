import { RegistryError } from '../../index.js';
import { latestPublication } from '../../person.js';
import { decodeLogFile, type EntryFinding, type ExportReader } from '../../verify.js';
import { EXIT } from './command.js';
import { unreadable } from './export-source.js';
import { printFacts, printJson } from './print.js';
import type { PublishedEntry } from './published-entry.js';
import { nowOf, type Shell } from './shell.js';

/** The longest delay of a policy; and no registry may have rules under which a statement waits longer in all. */
const MOST_DELAY_DAYS = 28;
const MOST_WAITING_DAYS = 28 + MOST_DELAY_DAYS + 366;

/** What is to be told of one entry. */
export interface EntryVerdict extends Omit<EntryFinding, 'checkpoint'> {
  readonly entryId: string;
  /** By which it must be there, if that is known. */
  readonly latest: string | undefined;
  /** Looked for by its id alone: nobody said what was stated. */
  readonly byId: boolean;
  /** For people to compare, where it was found by its id. */
  readonly said?: PublishedEntry['said'] | undefined;
}

/** The date by which a statement of that day must be in the register, by the rules that the export names. Throws `EXPORT_INVALID`. */
export async function latestDate(reader: ExportReader, sealed: string): Promise<string> {
  const file = await reader.read('log.json');
  if (file === undefined) throw unreadable('there is no export here');
  const { policy } = decodeLogFile(file);
  const { sortMaxWaitDays, delayDays, maxHoldDays } = policy;
  // Whoever writes such rules into the export would never be late.
  if (sortMaxWaitDays + (delayDays === 'auto' ? MOST_DELAY_DAYS : delayDays) + maxHoldDays > MOST_WAITING_DAYS)
    throw new RegistryError('EXPORT_INVALID', 'the rules in log.json let a statement wait for ever');
  return latestPublication(sealed, policy);
}

/** What an entry that is not there is: overdue also where time has gone on and no batch with it. Without a latest date it must be there now. */
export function absence(latest: string | undefined, asOf: string | null, shell: Shell): 'waiting' | 'missing' {
  const today = new Date(nowOf(shell)).toISOString().slice(0, 10);
  return latest === undefined || (asOf ?? '') > latest || today > latest ? 'missing' : 'waiting';
}

/** One plain sentence, and what follows from it. Exit code 3 where the entry is missing or not as it was stated. */
export function printVerdict(verdict: EntryVerdict, json: boolean, { output }: Shell): number {
  const { status, differs, latest, said, date } = verdict;
  const ok = status !== 'missing' && wrongs(verdict).length === 0;
  const late = latest !== undefined && date !== undefined && date > latest;
  if (json) printJson(output, { ok, ...verdict, late });
  else if (status === 'published') {
    output.out(`${publishedSentence(verdict)}\n`);
    if (late) output.out(`It came late: it had to be there by ${latest}.\n`);
    for (const what of differs) output.out(`  ${what.padEnd(12)}  ${DIFFERENCES[what]}\n`);
    if (said !== undefined) printSaid(said, output);
  } else output.out(absentSentences(verdict));
  return ok ? EXIT.ok : EXIT.integrity;
}

/** Whoever took the content away by an own signature took with it what an own amendment had signed: to be told, but no alarm. */
function wrongs({ differs, removed }: EntryVerdict): EntryFinding['differs'] {
  return differs.filter((what) => what !== 'unverifiable' || removed !== 'holder');
}

function publishedSentence(verdict: EntryVerdict): string {
  const { entryId, registerNumber, batch, date, amended, retracted, removed, byId } = verdict;
  const there = `entry ${entryId} is in the register since ${date} (number ${registerNumber}, batch ${batch})`;
  if (wrongs(verdict).length > 0) return `ALTERED: ${there}, but not as it was stated.`;
  const since = [
    ...(amended === undefined ? [] : [`amended by the ${amended}`]),
    ...(retracted === undefined ? [] : [`retracted by the ${retracted}`]),
    ...(removed === undefined ? [] : [`its content removed by the ${removed}`]),
  ];
  const unaltered = byId ? 'as the log committed to it' : 'unaltered';
  return `There: ${there}, ${since.length === 0 ? unaltered : `${unaltered} but for what the log says: ${since.join(', ')}`}.`;
}

function absentSentences({ entryId, status, latest, asOf, byId }: EntryVerdict): string {
  const absent = `entry ${entryId} is not in the register, ${asOf === null ? 'which has no batch yet' : `which goes up to ${asOf}`}`;
  if (status === 'waiting') return `Not there yet: ${absent}. It must be there by ${latest}.\n`;
  return [
    `MISSING: ${absent}${latest === undefined ? '' : `; it had to be there by ${latest}`}.\n`,
    ...(latest !== undefined && (asOf ?? '') <= latest ? ['Unless this export is an old copy: then ask for a newer one.\n'] : []),
    ...(byId ? ['Nor is one found by its id whose content was removed: claim --check finds it, from what was stated.\n'] : []),
  ].join('');
}

const DIFFERENCES: Readonly<Record<EntryFinding['differs'][number], string>> = {
  content: 'key, name, text or month are not those that were stated, and no amendment says so',
  categories: 'the leaf has other categories',
  display: 'the leaf says otherwise whether the name is an alias',
  evidence: 'the leaf, or who raised it, says another evidence; if that was told to you, give the new word',
  withheld: 'the content is not there, and no removal says so',
  signature: 'a change in the holder’s name that the holder’s key did not sign',
  unverifiable: 'an amendment in the holder’s name, and the content that was signed is gone; if you did not ask for one, ask the registry',
  copies: 'it was published more than once',
};

function printSaid({ name, text, period, categories, display, evidence }: PublishedEntry['said'], output: Shell['output']): void {
  printFacts(output, [
    ['name', `${plain(name)}${display === 'name' ? ' (a real name)' : ''}`],
    ['categories', categories.join('+')],
    ['evidence', evidence],
    ['period', period],
    ...(text ?? '').split('\n').map((line, i) => [i === 0 ? 'text' : '', plain(line)] as const),
  ]);
  output.out('Compare it with what was said: only who said it knows.\n');
}

/** An export may hold anything, and a terminal obeys control characters. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => (/[\u200c\u200d]/.test(character) ? character : '\ufffd'));
}
