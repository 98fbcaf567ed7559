import { type Command, EXIT } from './command.js';
import { printFacts, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const erase: Command = {
  name: 'erase',
  summary: 'destroy a sealed record for good',
  usage: ['erase --dir D --record ID'],
  details: [
    'It cannot be undone. The public entry, the counts and the log stay as they are.',
    'Prints the day on which no backup of shred.db opens the record either, if maintain runs daily.',
    'If the store is busy, run it again.',
  ],
  options: { dir: 'text', record: 'text' },
  run: (args, shell) => {
    const record = args.need('record');
    return withRegistry(args.need('dir'), shell, async (registry) => {
      const { finalOn } = await registry.eraseRecord(record);
      if (args.flag('json')) printJson(shell.output, { finalOn });
      else {
        shell.output.out('Erased.\n');
        printFacts(shell.output, [['unreadable in backups from', finalOn]]);
      }
      return EXIT.ok;
    });
  },
};
