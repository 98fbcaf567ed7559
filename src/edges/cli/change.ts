import type { EntryChange } from '../../index.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { printJson } from './print.js';
import { readText } from './read-input.js';
import { type Shell, withRegistry } from './shell.js';

/** More than any text or name may have. */
const MAX_BYTES = 16 * 1024;

export const change: Command = {
  name: 'change',
  summary: 'change a published entry, for a person who was called back',
  usage: [
    'change --dir D --entry ID (--retract | --remove-content | --veto | --evidence contact|verified)',
    'change --dir D --entry ID (--text-stdin | --name-stdin) < FILE',
  ],
  details: [
    'The log says that the registry did it. Like a statement it waits some days for its batch.',
    '--retract           the statement no longer stands; it stays to be seen',
    '--remove-content    name and text are taken away; leaf and counts stay',
    '--veto              the real name is not shown at the wish of whoever has the phrase',
    '--evidence          better evidence',
    '--text-stdin        a new text from stdin; empty: none',
    '--name-stdin        the real name from stdin instead of the alias',
  ],
  options: {
    dir: 'text',
    entry: 'text',
    retract: 'flag',
    'remove-content': 'flag',
    veto: 'flag',
    evidence: 'text',
    'text-stdin': 'flag',
    'name-stdin': 'flag',
  },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const entry = args.need('entry');
    const asked = await readChange(args, shell);
    return withRegistry(dir, shell, async (registry) => {
      const { dueOn } = await registry.changeEntry(entry, asked);
      if (args.flag('json')) printJson(shell.output, { dueOn });
      else if ('veto' in asked) shell.output.out('Vetoed: the real name will not be shown at the wish of whoever has the phrase.\n');
      else shell.output.out(`Taken in. The first batch that may carry it is that of ${dueOn}. Next: cryptonym publish.\n`);
      return EXIT.ok;
    });
  },
};

const CHANGES: Readonly<Record<string, (args: Arguments, shell: Shell) => Promise<EntryChange>>> = {
  retract: async () => ({ retract: true }),
  'remove-content': async () => ({ removeContent: true }),
  veto: async () => ({ veto: true }),
  evidence: async (args) => {
    const evidence = args.oneOf('evidence', ['contact', 'verified'] as const);
    if (evidence === undefined) throw usageError('--evidence is missing');
    return { evidence };
  },
  'text-stdin': async (_, shell) => ({ text: await readLines(shell) }),
  'name-stdin': async (_, shell) => ({ name: await readLines(shell) }),
};

async function readChange(args: Arguments, shell: Shell): Promise<EntryChange> {
  const given = Object.entries(CHANGES).filter(([name]) => args.flag(name));
  const [only] = given;
  if (only === undefined || given.length > 1) throw usageError('give exactly one change; see cryptonym help change');
  return only[1](args, shell);
}

/** Without the line end that an editor or `echo` leaves. */
async function readLines(shell: Shell): Promise<string> {
  return (await readText(shell.stdin, MAX_BYTES, 'STATEMENT_INVALID')).replace(/\r?\n$/, '');
}
