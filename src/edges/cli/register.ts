import { type Registered, type Registration, RegistryError } from '../../index.js';
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
    'A list of these is one call: all of them are stored, or none. A claim phrase is shown once and stored nowhere.',
  ],
  options: { dir: 'text', file: 'text' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const file = args.text('file');
    const text = await readText(file === undefined ? shell.stdin : fileBytes(file, '--file'), MAX_BYTES, 'JSON_INVALID');
    const input = parseJson(text, MAX_DEPTH);
    return withRegistry(dir, shell, async (registry) => {
      if (!Array.isArray(input)) {
        const registered = await registry.register(input as Registration);
        if (args.flag('json')) printJson(shell.output, revealed(registered));
        else printRegistered([registered], shell.output);
        return EXIT.ok;
      }
      if (input.length === 0) throw new RegistryError('GROUP_INVALID', 'a call has at least one person');
      const { accepted } = await registry.registerGroup(input as Registration[]);
      if (args.flag('json')) printJson(shell.output, { accepted: accepted.map((one) => ({ member: one.member, ...revealed(one) })) });
      else printRegistered(accepted, shell.output);
      return EXIT.ok;
    });
  },
};

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
