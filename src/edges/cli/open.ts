import { type CompartmentName, inspectShare, type OpenedRecord, openRecord, type Secret, Secret as Sealed } from '../../custodian.js';
import { RegistryError, type SealedRecord } from '../../index.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import type { Output } from './output.js';
import { padEnd, printJson } from './print.js';
import { fileBytes, MAX_SHARE_BYTES, readText } from './read-input.js';
import { readRecordFile, sealedRecordOf } from './record-file.js';
import { type Shell, withRegistry } from './shell.js';

const COMPARTMENTS: readonly CompartmentName[] = ['identity', 'contact', 'link'];
const MOST_FILES = 48;

export const open: Command = {
  name: 'open',
  summary: 'open one record with a quorum of custodians’ shares',
  usage: [
    'open --record-file F --shares FILE… [--compartments identity,contact,link]',
    'open --dir D --record ID --shares FILE… [--compartments identity,contact,link]',
  ],
  details: [
    'Prints a real name. Vault shares open identity and contact, link shares open the tie to the entry.',
    'Unless told otherwise it opens what the given shares are for.',
    '--record-file   what cryptonym records --record ID --out F wrote on the registry’s machine: it needs no registry here. Destroy the file',
    '                after use: it holds the shred, and an erasure does not reach it.',
    '--dir           for trials: shares never belong on the machine of a registry in use.',
  ],
  options: { dir: 'text', record: 'text', 'record-file': 'text', shares: 'list', compartments: 'text' },
  operands: { least: 0, most: MOST_FILES },
  run: async (args, shell) => {
    const find = recordIn(args, shell);
    const files = filesOf(args);
    const asked = compartmentsOf(args);
    const shares: Secret<string>[] = [];
    for (const file of files) shares.push(new Sealed(await readText(fileBytes(file, '--shares'), MAX_SHARE_BYTES, 'SHARE_INVALID')));
    const compartments = asked ?? openable(shares);
    const sealed = await find();
    const opened = await openRecord(sealed, shares, compartments);
    if (args.flag('json')) printJson(shell.output, { recordId: sealed.recordId, ...opened });
    else printOpened(opened, shell.output);
    return EXIT.ok;
  },
};

/** Where the record is, read only when called: a file, or a registry. */
function recordIn(args: Arguments, shell: Shell): () => Promise<SealedRecord> {
  const file = args.text('record-file');
  if (file === undefined) {
    if (args.text('dir') === undefined && args.text('record') === undefined)
      throw usageError('--record-file is missing, or --dir and --record');
    const [dir, record] = [args.need('dir'), args.need('record')];
    return () => withRegistry(dir, shell, (registry) => sealedRecordOf(registry, record));
  }
  if (args.text('dir') !== undefined || args.text('record') !== undefined)
    throw usageError('--record-file stands for --dir and --record: give one of the two');
  return () => readRecordFile(file);
}

/** Several files may follow one `--shares`. */
function filesOf(args: Arguments): readonly string[] {
  const named = args.list('shares');
  if (named.length === 0) throw usageError('--shares is missing');
  return [...named, ...args.operands];
}

function compartmentsOf(args: Arguments): readonly CompartmentName[] | undefined {
  const words = args.text('compartments')?.split(',');
  return words?.map((word) => {
    const name = COMPARTMENTS.find((each) => each === word.trim());
    if (name === undefined) throw usageError(`--compartments takes ${COMPARTMENTS.join(', ')}, joined by commas`);
    return name;
  });
}

function openable(shares: readonly Secret<string>[]): readonly CompartmentName[] {
  const purposes = new Set(shares.map((share, i) => purposeOf(share, i + 1)));
  const compartments = COMPARTMENTS.filter((name) => purposes.has(name === 'link' ? 'link' : 'vault'));
  if (compartments.length === 0) throw new RegistryError('SHARES_TOO_FEW', 'none of these shares opens a record');
  return compartments;
}

/** A file that is no share at all has no custodian's number; its place on the command line tells which. */
function purposeOf(share: Secret<string>, place: number): string {
  try {
    return inspectShare(share).purpose;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.details.custodian !== undefined) throw error;
    throw new RegistryError(error.code, error.message, { row: place });
  }
}

function printOpened(opened: OpenedRecord, output: Output): void {
  for (const [compartment, fields] of Object.entries(opened)) {
    output.out(`${compartment}\n`);
    const sorted = Object.entries(fields as Record<string, unknown>).sort(([a], [b]) => rank(a) - rank(b));
    for (const [name, value] of sorted) output.out(`  ${padEnd(name, 17)}${shown(value)}\n`);
  }
}

/** What a reader looks for first; the rest follows as it is stored. */
const FIRST = ['names', 'birthDate', 'sex', 'birthplace', 'declared', 'phones', 'emails', 'address', 'workplace', 'entryId'];

function rank(field: string): number {
  const place = FIRST.indexOf(field);
  return place < 0 ? FIRST.length : place;
}

/** One line each; whatever is not plain text is shown as JSON. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('\n', ', ');
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(' · ');
  return JSON.stringify(value);
}
