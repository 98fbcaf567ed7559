import { type ErrorCode, RegistryError } from '../../index.js';
import { decodeLogFile, type ExportReader, type LogTrust, parseVerifierKey } from '../../verify.js';
import { type Arguments, usageError } from './arguments.js';
import { EXIT } from './command.js';
import { sourceOf, unreadable } from './export-source.js';
import { fileBytes, readText } from './read-input.js';
import { reportError } from './report-error.js';
import { nowOf, type Shell } from './shell.js';

/** What was read and is wrong; everything else was not read at all. */
const WRONG: readonly ErrorCode[] = [
  'REPLAY_FAILED',
  'LOG_INCONSISTENT',
  'PROOF_INVALID',
  'NOTE_INVALID',
  'WITNESSES_TOO_FEW',
  'EXPORT_INVALID',
  'FORMAT_INVALID',
];
const MAX_POLICY_BYTES = 64 * 1024;
const MOST_DAYS = 3650;
const SECONDS_A_DAY = 86_400;
/** Exports are written while others read them. */
const ATTEMPTS = 3;

/** Runs a check: exit code 3 where what was checked is wrong, 1 where it could not be read. */
export async function withVerdict(args: Arguments, { output }: Shell, check: () => Promise<number>): Promise<number> {
  try {
    return await check();
  } catch (error) {
    const code = reportError(error, output, args.flag('json'));
    return error instanceof RegistryError && WRONG.includes(error.code) ? EXIT.integrity : code;
  }
}

/** Whom to trust, from `--key` and `--witnesses`; `known` is a key from elsewhere. Throws `USAGE`. */
export async function trustOf(args: Arguments, known: string | undefined, shell: Shell): Promise<LogTrust | undefined> {
  const key = args.text('key') ?? known;
  if (args.text('key') !== undefined) assertKey(args.need('key'));
  const file = args.text('witnesses');
  const policy = file === undefined ? undefined : await readText(fileBytes(file, '--witnesses'), MAX_POLICY_BYTES, 'LOG_POLICY_INVALID');
  const maxAge = args.whole('max-age', 1, MOST_DAYS);
  if (maxAge !== undefined && policy === undefined) throw usageError('--max-age is about the times of witnesses: give --witnesses too');
  if (key === undefined) return undefined;
  const now = Math.floor(nowOf(shell) / 1000);
  // Clocks differ, by less than a day.
  const times = maxAge === undefined ? {} : { notBefore: now - maxAge * SECONDS_A_DAY, notAfter: now + SECONDS_A_DAY };
  return { key, ...(policy === undefined ? {} : { policy }), ...times };
}

function assertKey(key: string): void {
  try {
    parseVerifierKey(key);
  } catch {
    throw usageError('--key is no verifier key: NAME+ID+BASE64');
  }
}

/** An export to check and whom to trust for it; `option` named the place. Throws `USAGE`. */
export async function exportToCheck(
  place: string,
  option: string,
  args: Arguments,
  shell: Shell,
): Promise<{ readonly reader: ExportReader; readonly trust: LogTrust }> {
  const source = await sourceOf(place);
  if ('file' in source) throw usageError(`${option} takes a folder or an address`);
  return { reader: source.reader, trust: await trustFor(source.reader, args, shell) };
}

/** Whom to trust for an export: `--key`, else the `known` key, else the one that the export says is its own. Throws `USAGE`. */
export async function trustFor(reader: ExportReader, args: Arguments, shell: Shell, known?: string): Promise<LogTrust> {
  const trust = (await trustOf(args, known, shell)) ?? (await trustOf(args, await keyOfExport(reader, shell), shell));
  if (trust === undefined) throw usageError('--key is missing');
  return trust;
}

/** The key that an export says is its own. */
async function keyOfExport(reader: ExportReader, { output }: Shell): Promise<string> {
  const file = await reader.read('log.json');
  if (file === undefined) throw unreadable('there is no export here');
  output.err('warning: no --key was given. A key taken from the export itself proves only that the export agrees with itself.\n');
  return decodeLogFile(file).key;
}

/**
 * Does the work on an export that may be brought up to date meanwhile: the checkpoint is read once, and when something does not fit and
 * there is another checkpoint or other counts by then, all is done again. Not when `isFinal` says of a failure that it stands whatever comes.
 * Whoever serves the export answers the second reading too, so it never takes the place of the failure: a silent server hides nothing.
 */
export async function withSteadyExport<T>(
  reader: ExportReader,
  work: (steady: ExportReader) => Promise<T>,
  isFinal: () => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const checkpoint = await reader.read('checkpoint');
    if (checkpoint === undefined) throw unreadable('there is no export here');
    const counts = await readOrNothing(reader, 'counts.json');
    try {
      return await work({ read: (path) => (path === 'checkpoint' ? Promise.resolve(checkpoint) : reader.read(path)) });
    } catch (error) {
      if (attempt === ATTEMPTS || isFinal()) throw error;
      if (
        !isAnother(await readOrNothing(reader, 'checkpoint'), checkpoint) &&
        !isAnother(await readOrNothing(reader, 'counts.json'), counts)
      )
        throw error;
    }
  }
}

async function readOrNothing(reader: ExportReader, path: string): Promise<Uint8Array | undefined> {
  try {
    return await reader.read(path);
  } catch {
    return undefined;
  }
}

function isAnother(now: Uint8Array | undefined, before: Uint8Array | undefined): boolean {
  return now !== undefined && before !== undefined && Buffer.compare(now, before) !== 0;
}
