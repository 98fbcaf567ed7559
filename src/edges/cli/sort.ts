import { type Command, EXIT } from './command.js';
import { whatWaits } from './company.js';
import { counted, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const sort: Command = {
  name: 'sort',
  summary: 'move what waits into the vault and the pool',
  usage: ['sort --dir D'],
  details: ['Waits for company: the policy says for how many submissions, or how many days. It prints both while they wait.'],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      const result = await registry.sort();
      if (args.flag('json')) printJson(shell.output, result);
      else if (!result.ran && result.waiting === 0) shell.output.out('Nothing waits.\n');
      else if (!result.ran) shell.output.out(`Not sorted yet. ${whatWaits(result.waiting, registry.policy)}\n`);
      else {
        shell.output.out(
          `Sorted ${counted(result.sorted, 'submission')}; ${result.waiting} still ${result.waiting === 1 ? 'waits' : 'wait'}.\n`,
        );
        if (result.quarantined > 0)
          shell.output.out(`${counted(result.quarantined, 'submission')} went to quarantine: custodians can open them.\n`);
      }
      return EXIT.ok;
    }),
};
