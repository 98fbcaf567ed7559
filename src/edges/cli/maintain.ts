import { type Command, EXIT } from './command.js';
import { printFacts, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const maintain: Command = {
  name: 'maintain',
  summary: 'daily housekeeping of keys',
  usage: ['maintain --dir D'],
  details: ['Makes the epoch keys of the coming days, destroys old ones, and replaces the key over the shreds every week.'],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      const report = await registry.maintain();
      if (args.flag('json')) printJson(shell.output, report);
      else {
        shell.output.out('Maintained.\n');
        printFacts(shell.output, [
          ['epoch keys made', report.epochKeysMade],
          ['epoch keys destroyed', report.epochKeysDestroyed],
          ['submissions dropped with them', report.submissionsDropped],
          ['shreds under a new key', report.shredsRewrapped],
          ['shreds that do not open', report.shredsUnreadable],
          ['old shred keys destroyed', report.keksDestroyed],
        ]);
      }
      return EXIT.ok;
    }),
};
