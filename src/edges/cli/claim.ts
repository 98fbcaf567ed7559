import type { Registry } from '../../index.js';
import { type Claim, findClaim, makeRequest, readReply, type Reply, type Wish } from '../../person.js';
import { type Arguments, usageError } from './arguments.js';
import { checkClaim } from './claim-check.js';
import { printReply, printStatus } from './claim-output.js';
import { type Command, EXIT } from './command.js';
import { readText } from './read-input.js';
import { type Shell, withRegistry } from './shell.js';

/** A phrase, a PIN and a text of 2 KiB fit several times. */
const MAX_BYTES = 16 * 1024;
const REQUESTS = ['retract', 'erase', 'remove-content', 'veto', 'amend', 'show-name'] as const;
const OF_CHECK = ['sealed', 'key', 'witnesses', 'max-age'];
type Requested = (typeof REQUESTS)[number];
/** How often one request may be made again from here after it was refused. */
const MOST_ATTEMPTS = 8;

export const claim: Command = {
  name: 'claim',
  summary: 'what a claim phrase leads to, and what its holder asks for',
  usage: [
    'claim --dir D [--pin] < phrase',
    'claim --dir D [--pin] --retract | --erase | --remove-content | --veto | --amend | --show-name',
    'claim --dir D [--pin] --reply REQUEST [--number N]',
    'claim --dir D [--pin] --check DIR|URL --sealed DATE [--key VKEY] [--witnesses FILE [--max-age DAYS]]',
  ],
  details: [
    'Reads the phrase from the first line of standard input; with --pin the PIN from the next. Then for --amend the new text (all the rest; empty:',
    'no text), for --show-name the real name. It sorts first, as far as the policy lets it.',
    'A wrong, unknown or mistyped phrase and a wrong PIN are one error, OPEN_FAILED: nobody can tell which.',
    '--reply shows the answer to an earlier request, e.g. --reply retract; for amend and show-name with the number that was shown then.',
    '--check  is the entry in this export, by its latest date, unaltered? The registry is asked for nothing but the row of the phrase. --sealed is the',
    'day of the registration, --key the log’s key from somewhere else. After the phrase (and PIN) standard input has what was stated, as JSON:',
    '{"alias": "…", "categories": ["…"], "text": "…"}, with "name" for "alias" where the real name is shown, "evidence" where it is not stated. Without',
    'it the entry is shown, to be compared. Exit codes: 0 it is there, or need not be yet; 1 not to be read; 3 it is missing or altered.',
  ],
  options: {
    dir: 'text',
    pin: 'flag',
    reply: 'text',
    number: 'text',
    retract: 'flag',
    erase: 'flag',
    'remove-content': 'flag',
    veto: 'flag',
    amend: 'flag',
    'show-name': 'flag',
    check: 'text',
    sealed: 'text',
    key: 'text',
    witnesses: 'text',
    'max-age': 'text',
  },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const request = requestOf(args);
    if (args.text('check') !== undefined)
      return checkClaim(args, shell, async () => {
        const { phrase, pin, lines } = await readPhrase(args, shell);
        const claim = await withRegistry(dir, shell, (registry) => claimOf(registry, phrase, pin));
        return { claim, rest: lines.join('\n') };
      });
    const { phrase, pin, lines } = await readPhrase(args, shell);
    return withRegistry(dir, shell, async (registry) => {
      const found = await claimOf(registry, phrase, pin);
      if (request === undefined) await status(registry, found, args, shell);
      else if (request.made) await ask(registry, found, await wishOf(registry, found, request.operation, lines), args, shell);
      else printReply(await latestReply(registry, found, request), args.flag('json'), shell.output);
      return EXIT.ok;
    });
  },
};

async function readPhrase(args: Arguments, shell: Shell) {
  const lines = (await readText(shell.stdin, MAX_BYTES, 'OPEN_FAILED')).split(/\r?\n/);
  const phrase = lines.shift() ?? '';
  const pin = args.flag('pin') ? (lines.shift() ?? '') : undefined;
  return { phrase, pin, lines };
}

async function claimOf(registry: Registry, phrase: string, pin: string | undefined): Promise<Claim> {
  await registry.sort();
  return findClaim(phrase, (locator) => registry.lookUp(locator), pin === undefined ? {} : { pin });
}

interface RequestWords {
  readonly operation: Requested;
  readonly number: number;
  /** False: only its reply is wanted. */
  readonly made: boolean;
}

function requestOf(args: Arguments): RequestWords | undefined {
  const asked = REQUESTS.filter((operation) => args.flag(operation));
  const reply = args.oneOf('reply', REQUESTS);
  const number = args.whole('number', 1, 0xffffffff);
  const isCheck = args.text('check') !== undefined;
  if (asked.length + (reply === undefined ? 0 : 1) + (isCheck ? 1 : 0) > 1) throw usageError('one request, --reply or --check at a time');
  if (!isCheck && OF_CHECK.some((name) => args.text(name) !== undefined))
    throw usageError('--sealed, --key and --witnesses go with --check');
  const numbered = reply === 'amend' || reply === 'show-name';
  if (numbered !== (number !== undefined)) throw usageError('--number goes with --reply amend and --reply show-name');
  const operation = reply ?? asked[0];
  return operation === undefined ? undefined : { operation, number: number ?? 0, made: reply === undefined };
}

async function status(registry: Registry, found: Claim, args: Arguments, shell: Shell): Promise<void> {
  const entry = await registry.entryStatus(found.entryId);
  const record = await registry.recordStatus(found.recordId);
  printStatus({ recordId: found.recordId, entryId: found.entryId, entry, record }, args.flag('json'), shell.output);
}

async function wishOf(registry: Registry, found: Claim, operation: Requested, lines: readonly string[]): Promise<Wish> {
  if (operation !== 'amend' && operation !== 'show-name') return { operation };
  const number = ((await registry.entryStatus(found.entryId))?.amendments ?? 0) + 1;
  return operation === 'amend' ? { operation, number, text: lines.join('\n') } : { operation, number, name: lines[0] ?? '' };
}

async function ask(registry: Registry, found: Claim, wish: Wish, args: Arguments, shell: Shell): Promise<void> {
  const number = 'number' in wish ? (wish.number ?? 0) : 0;
  const attempt = (await replies(registry, found, wish.operation, number)).length;
  const options = { ...shell.injected, attempt };
  const { bytes, place } = makeRequest(found, wish, await registry.publicKeys(), options);
  await registry.apply(bytes);
  await registry.sort();
  const reply = await readReply(found, place, (locator) => registry.lookUp(locator));
  printReply({ operation: wish.operation, number, reply }, args.flag('json'), shell.output);
}

async function latestReply(registry: Registry, found: Claim, { operation, number }: RequestWords) {
  return { operation, number, reply: (await replies(registry, found, operation, number)).at(-1) };
}

/** The replies to a request and its repetitions, in order. */
async function replies(registry: Registry, found: Claim, operation: string, number: number): Promise<readonly Reply[]> {
  const all: Reply[] = [];
  while (all.length < MOST_ATTEMPTS) {
    const reply = await readReply(found, { operation, number, attempt: all.length }, (locator) => registry.lookUp(locator));
    if (reply === undefined) break;
    all.push(reply);
  }
  return all;
}
