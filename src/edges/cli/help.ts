import { usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import type { Output } from './output.js';
import { padEnd, printJson } from './print.js';

/** `help` needs the list it stands in, so it is made with it. */
export function helpCommand(others: readonly Command[]): Command {
  const help: Command = {
    name: 'help',
    summary: 'show this list, or one command',
    usage: ['help [COMMAND]'],
    options: {},
    operands: { least: 0, most: 1 },
    run: async (args, { output }) => {
      const commands = [...others, help];
      const [name] = args.operands;
      if (name === undefined) return printOverview(commands, args.flag('json'), output);
      const command = commands.find((each) => each.name === name);
      if (command === undefined) throw usageError('no such command');
      if (args.flag('json')) printJson(output, describe(command));
      else output.out(helpOn(command));
      return EXIT.ok;
    },
  };
  return help;
}

export function helpOn(command: Command): string {
  const usage = command.usage.map((line) => `  cryptonym ${line} [--json]\n`).join('');
  const details = (command.details ?? []).map((line) => `${line}\n`).join('');
  return `${command.name}: ${command.summary}\n\n${usage}${details === '' ? '' : `\n${details}`}`;
}

function printOverview(commands: readonly Command[], json: boolean, output: Output): number {
  if (json) printJson(output, { commands: commands.map(describe) });
  else {
    output.out('cryptonym keeps real names sealed and shows aliases and counts.\n\n');
    for (const { name, summary } of commands) output.out(`  ${padEnd(name, 10)}${summary}\n`);
    output.out('\nEvery command takes --json. Exit codes: 0 ok, 1 failed, 2 wrong use, 3 integrity.\n');
    output.out('No name or secret goes on the command line: other people on the machine can see it there.\n');
  }
  return EXIT.ok;
}

function describe({ name, summary, usage }: Command) {
  return { name, summary, usage: usage.map((line) => `cryptonym ${line} [--json]`) };
}
