import { type GroupMember, type Registered, type Registration, RegistryError, type SharedFields } from '../../index.js';
import { type Command, EXIT } from './command.js';
import type { Output } from './output.js';
import { counted, printFacts, printJson } from './print.js';
import { fileBytes, parseJson, readText } from './read-input.js';
import { withRegistry } from './shell.js';

/** Hundreds of people in one call. */
const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 16;

export const register: Command = {
  name: 'register',
  summary: 'take one registration, or the people of one call',
  usage: ['register --dir D < registration.json', 'register --dir D --file F'],
  details: [
    'JSON: {"identity": {"names": ["…"]}, "contact": {…}, "statement": {"alias": "…", "categories": ["…"]}, "channel": "phone"}',
    'A list of these is one call: all of them are stored, or none. What they have in common may be given once:',
    '{"shared": {"contact": {…}, "statement": {"categories": ["…"]}}, "members": [{"identity": {…}, "statement": {"alias": "…"}}, …]}',
    'A claim phrase is shown once and stored nowhere.',
  ],
  options: { dir: 'text', file: 'text' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const file = args.text('file');
    const text = await readText(file === undefined ? shell.stdin : fileBytes(file, '--file'), MAX_BYTES, 'JSON_INVALID');
    const input = parseJson(text, MAX_DEPTH);
    return withRegistry(dir, shell, async (registry) => {
      const call = callOf(input);
      if (call === undefined) {
        const registered = await registry.register(input as Registration);
        if (args.flag('json')) printJson(shell.output, revealed(registered));
        else printRegistered([registered], shell.output);
        return EXIT.ok;
      }
      const { accepted } = await registry.registerGroup(call.members, { shared: call.shared });
      if (args.flag('json')) printJson(shell.output, { accepted: accepted.map((one) => ({ member: one.member, ...revealed(one) })) });
      else printRegistered(accepted, shell.output);
      return EXIT.ok;
    });
  },
};

interface Call {
  readonly members: readonly GroupMember[];
  readonly shared?: SharedFields;
}

/** A list, or an object with `members`; anything else is one registration, and the library judges it. */
function callOf(input: unknown): Call | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const call = (Array.isArray(input) ? { members: input } : input) as Call;
  if (!('members' in call)) return undefined;
  if (!Array.isArray(call.members) || call.members.length === 0)
    throw new RegistryError('GROUP_INVALID', 'a call has at least one person', { field: 'members' });
  if (Object.keys(call).some((member) => member !== 'members' && member !== 'shared'))
    throw new RegistryError('GROUP_INVALID', 'a call has only "members" and "shared"');
  return call;
}

/** The phrase as text: this output is the one place where it appears. */
function revealed({ submissionId, entryId, claim }: Registered) {
  return { submissionId, entryId, ...(claim === undefined ? {} : { claim: claim.reveal() }) };
}

function printRegistered(accepted: readonly Registered[], output: Output): void {
  output.out(`Registered ${counted(accepted.length, 'person', 'people')}. Next: cryptonym sort, cryptonym publish.\n`);
  for (const { entryId, claim } of accepted) {
    printFacts(output, [['entry id', entryId], ...(claim === undefined ? [] : [['claim phrase', claim.reveal()] as const])]);
  }
  if (accepted.some(({ claim }) => claim !== undefined))
    output.out('A claim phrase is shown only now. Give it to the person; it is stored nowhere.\n');
}
