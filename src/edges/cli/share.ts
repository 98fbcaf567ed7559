import { inspectShare } from '../../custodian.js';
import { type Command, EXIT } from './command.js';
import { printFacts, printJson } from './print.js';
import { fileBytes, MAX_SHARE_BYTES, readText } from './read-input.js';

export const share: Command = {
  name: 'share',
  summary: 'check one custodian’s share: whose it is, and that it is whole',
  usage: ['share FILE'],
  details: ['Nothing is opened and nothing secret is shown. When all custodians see the same set id, any quorum of them can open.'],
  options: {},
  operands: { least: 1, most: 1 },
  run: async (args, { output }) => {
    const info = inspectShare(await readText(fileBytes(String(args.operands[0]), 'share'), MAX_SHARE_BYTES, 'SHARE_INVALID'));
    if (args.flag('json')) {
      printJson(output, info);
      return EXIT.ok;
    }
    output.out('This share is whole.\n');
    printFacts(output, [
      ['key', info.purpose],
      ['custodian', `${info.custodian} of ${info.custodians}`],
      ['needed together', info.quorum],
      ['set id', info.setId],
      ['key id', info.keyId],
    ]);
    return EXIT.ok;
  },
};
