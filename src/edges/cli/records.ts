import { type Command, EXIT } from './command.js';
import { withRegistry } from './shell.js';

export const records: Command = {
  name: 'records',
  summary: 'ids of the sealed records',
  usage: ['records --dir D'],
  details: ['In the order of the ids, which are random: it tells nothing about who came first.'],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      const { output } = shell;
      const json = args.flag('json');
      let separator = '';
      if (json) output.out('{"records":[');
      for await (const id of registry.sealed.ids()) {
        output.out(json ? `${separator}"${id}"` : `${id}\n`);
        separator = ',';
        if ((await output.drain?.()) === false) break;
      }
      if (json) output.out(']}\n');
      return EXIT.ok;
    }),
};
