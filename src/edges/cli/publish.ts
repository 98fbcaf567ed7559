import type { PublishOptions } from '../../index.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { whatWaits } from './company.js';
import { counted, printFacts, printJson } from './print.js';
import { nowOf, type Shell, withRegistry } from './shell.js';

export const publish: Command = {
  name: 'publish',
  summary: 'publish the batch of the day',
  usage: ['publish --dir D [--at DATE | --now]'],
  details: [
    'Run it once a day at a fixed hour. It sorts first.',
    '--at DATE   the day of the batch: 2026-11-21, or a time with its zone like 2026-11-21T20:00:00Z',
    '--now       take the whole pool as one extra batch; small cells are still held',
    'Where the folder has keys/log/witnesses (docs/operations-log.md), it waits a minute for them to cosign.',
  ],
  options: { dir: 'text', at: 'text', now: 'flag' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const options = when(args);
    return withRegistry(dir, shell, async (registry) => {
      warnOfFuture(options, shell);
      const result = await registry.publish(options);
      const { output } = shell;
      // A timer that nobody reads must stop too.
      const code = result.conflicts > 0 ? EXIT.integrity : EXIT.ok;
      if (args.flag('json')) {
        printJson(output, { ...result, batch: result.batch ?? null });
        return code;
      }
      if (result.batch !== undefined) output.out(`Batch ${result.batch}: published ${counted(result.published, 'statement')}.\n`);
      else output.out(result.alreadyPublished ? 'This day’s batch went out before; nothing published.\n' : 'Nothing to publish.\n');
      if (result.batch !== undefined) {
        const changes = result.changes === 0 ? [] : [['changes of entries', result.changes] as const];
        printFacts(output, [['smallest group of equal categories', result.smallestCell], ...changes]);
      }
      if (result.waiting > 0) output.out(`${whatWaits(result.waiting, registry.policy)}\n`);
      if (result.waitsForWitnesses) output.err('Too few witnesses have cosigned so far: nothing new is shown. Run it again later.\n');
      if (result.conflicts > 0)
        output.err('ALARM: a witness has seen another history of this log. Stop, and read docs/operations-log.md.\n');
      if (result.held > 0) {
        output.out(`Held, because too few share their categories: ${counted(result.held, 'statement')}.\n`);
        printFacts(output, Object.entries(result.heldCells), '    ');
      }
      return code;
    });
  },
};

/** Dates in the log only go on: after a batch of next year every one until then would have to be of next year too. */
function warnOfFuture({ at }: PublishOptions, shell: Shell): void {
  if (at !== undefined && at.getTime() - nowOf(shell) > DAY_MILLISECONDS)
    shell.output.err(
      'WARNING: --at is more than a day ahead of the clock. No batch before that day can follow, and it cannot be undone.\n',
    );
}

function when(args: Arguments): PublishOptions {
  const at = args.text('at');
  if (at === undefined) return args.flag('now') ? { now: true } : {};
  if (args.flag('now')) throw usageError('--at and --now exclude each other');
  return { at: parseDate(at) };
}

const DAY_MILLISECONDS = 86_400_000;
const DATE = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

function parseDate(text: string): Date {
  const [, day] = DATE.exec(text) ?? [];
  const date = new Date(text);
  // JavaScript reads 2026-02-30 as the second of March in places.
  const real = day !== undefined && !Number.isNaN(date.getTime()) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (!real || date.getTime() < 0) throw usageError('--at must be a date like 2026-11-21 or a time like 2026-11-21T20:00:00Z');
  return date;
}
