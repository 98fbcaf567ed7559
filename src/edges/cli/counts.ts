import type { Counts } from '../../index.js';
import { type Command, EXIT } from './command.js';
import type { Output } from './output.js';
import { printFacts, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const counts: Command = {
  name: 'counts',
  summary: 'the published numbers',
  usage: ['counts --dir D'],
  options: { dir: 'text' },
  run: (args, shell) =>
    withRegistry(args.need('dir'), shell, async (registry) => {
      const result = await registry.counts();
      if (args.flag('json')) printJson(shell.output, result);
      else printCounts(result, shell.output);
      return EXIT.ok;
    }),
};

function printCounts(counts: Counts, output: Output): void {
  const { policy, perDay, latestBatch } = counts;
  printFacts(output, [
    ['statements', counts.total],
    ['standing', counts.standing],
    ['retracted', counts.retracted],
    ['a day on average, without imports', String(perDay.average)],
    ['as of', counts.asOf ?? 'nothing published yet'],
    [
      'last batch',
      latestBatch === undefined ? '-' : `number ${latestBatch.batch}, ${latestBatch.date}, statements: ${latestBatch.statements}`,
    ],
  ]);
  const groups = {
    'by category': counts.byCategory,
    'by evidence': counts.byEvidence,
    'by display': counts.byDisplay,
    'by origin': counts.byOrigin,
  };
  for (const [title, group] of Object.entries(groups)) {
    output.out(`${title}\n`);
    printFacts(output, Object.entries(group));
  }
  output.out(`\n${counts.note}\n`);
  if (policy.linkable) output.out('This policy publishes so fast that whoever sees a call and the next batch can match them.\n');
}
