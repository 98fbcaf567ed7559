import { Arguments, usageError } from './arguments.js';
import type { Command } from './command.js';
import { EXIT } from './command.js';
import { COMMANDS } from './commands.js';
import { helpOn } from './help.js';
import { reportError } from './report-error.js';
import type { Shell } from './shell.js';

/** Runs one command line (without the program's name) and resolves to its exit code. It never rejects. */
export async function runCli(argv: readonly string[], shell: Shell): Promise<number> {
  const json = argv.includes('--json');
  try {
    const [first, ...rest] = argv;
    if (first === '--help' || first === '-h') return await runCli(['help', ...rest], shell);
    const command = find(first);
    const args = new Arguments(
      rest.map((word) => (word === '-h' ? '--help' : word)),
      command.options,
      command.operands,
    );
    if (args.flag('help')) {
      shell.output.out(helpOn(command));
      return EXIT.ok;
    }
    return await command.run(args, shell);
  } catch (error) {
    const code = reportError(error, shell.output, json);
    if (code === EXIT.usage && !json) shell.output.err('Try: cryptonym help, or cryptonym help COMMAND\n');
    return code;
  }
}

function find(name: string | undefined): Command {
  if (name === undefined) throw usageError('which command?');
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) throw usageError('no such command');
  return command;
}
