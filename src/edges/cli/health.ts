import type { Health } from '../../index.js';
import { type Command, EXIT } from './command.js';
import type { Output } from './output.js';
import { counted, printFacts, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const health: Command = {
  name: 'health',
  summary: 'check every store; exit code 3 when there are problems',
  usage: ['health --dir D'],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      const result = await registry.health();
      if (args.flag('json')) printJson(shell.output, result);
      else printHealth(result, shell.output);
      return result.ok ? EXIT.ok : EXIT.integrity;
    }),
};

function printHealth(health: Health, output: Output): void {
  output.out(health.ok ? 'No problems found.\n' : `${counted(health.problems.length, 'problem')} found:\n`);
  for (const { store, problem } of health.problems) output.out(`  ${store}: ${problem}\n`);
  for (const { store, problem } of health.notices) output.out(`note: ${store}: ${problem}\n`);
  printFacts(output, [
    ['waiting to be sorted', health.inbox.waiting],
    ['in quarantine', health.inbox.quarantined],
    ['sealed records', health.records],
    ['waiting to be published', health.pool.waiting],
    ['changes of entries that wait', health.pool.changes],
    ['published entries', health.entries],
    ['claim rows, dummies included', health.claims],
    ['epoch keys until', `${health.epochs.lastDay ?? 'none'} (${counted(health.epochs.daysLeft, 'day')} left)`],
    ['age of the shred key', health.kek.ageDays === undefined ? 'none yet' : counted(health.kek.ageDays, 'day')],
    ['policy', `${health.policy.preset}, k = ${health.policy.k}`],
  ]);
  if (health.linkable) output.out('linkable: this policy lets whoever sees a call and the next batch match them.\n');
}
