import type { Entry } from '../../index.js';
import { type Command, EXIT } from './command.js';
import { padEnd } from './print.js';
import { withRegistry } from './shell.js';

/** What fits on a screen. */
const ONE_SCREEN = 20;
const MOST = Number.MAX_SAFE_INTEGER;

export const entries: Command = {
  name: 'entries',
  summary: 'the published entries, in register order',
  usage: ['entries --dir D [--from N] [--limit N]'],
  details: [`--from N    the first register number; numbers have gaps`, `--limit N   how many; ${ONE_SCREEN} unless said, with --json all`],
  options: { dir: 'text', from: 'text', limit: 'text' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const json = args.flag('json');
    const from = args.whole('from', 0, MOST - 1) ?? 0;
    const limit = args.whole('limit', 1, MOST - 1) ?? (json ? MOST - 1 : ONE_SCREEN);
    return withRegistry(dir, shell, async (registry) => {
      const { output } = shell;
      let given = 0;
      let more: number | undefined;
      output.out(json ? '{"entries":[' : HEADER);
      // One more than asked for, to know whether to say "more".
      for await (const entry of registry.entries({ from, limit: limit + 1 })) {
        if (given === limit) more = entry.registerNumber;
        else output.out(json ? `${given === 0 ? '' : ','}\n${JSON.stringify(entry)}` : row(entry));
        given++;
        if ((await output.drain?.()) === false) break;
      }
      if (json) output.out('\n]}\n');
      else if (given === 0) output.out('  none\n');
      else if (more !== undefined) output.out(`More: --from ${more}\n`);
      return EXIT.ok;
    });
  },
};

const WIDTHS = [8, 24, 26, 9, 8, 7, 9];
const HEADER = line(['number', 'name', 'categories', 'evidence', 'period', 'shown', 'changed']);

function row(entry: Entry): string {
  const { registerNumber, name, categories, evidence, period, display, text } = entry;
  const first = line([
    String(registerNumber),
    name ?? '(removed)',
    categories.join('+'),
    evidence,
    period ?? '',
    display,
    changedWords(entry),
  ]);
  const quoted = (text ?? '').split('\n').map((each) => `${' '.repeat(10)}${each}\n`);
  return text === undefined ? first : first + quoted.join('');
}

function changedWords({ retracted, amendments }: Entry): string {
  const words = [...(retracted ? ['retracted'] : []), ...(amendments > 0 ? [`amended ${amendments}×`] : [])];
  return words.join(', ');
}

function line(cells: readonly string[]): string {
  return `${cells
    .map((cell, i) => padEnd(cell, WIDTHS[i] ?? 0))
    .join('  ')
    .trimEnd()}\n`;
}
