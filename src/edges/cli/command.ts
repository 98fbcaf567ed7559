import type { Arguments, OptionSpecs } from './arguments.js';
import type { Shell } from './shell.js';

/** Programs rely on these (docs/cli.md). */
export const EXIT = { ok: 0, failed: 1, usage: 2, integrity: 3 } as const;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows `cryptonym`; one line for each form. */
  readonly usage: readonly string[];
  /** More for `help NAME`, in plain sentences. */
  readonly details?: readonly string[];
  readonly options: OptionSpecs;
  /** How many words without an option's name it takes; none unless said. */
  readonly operands?: { readonly least: number; readonly most: number };
  /** Resolves to the exit code. */
  run(args: Arguments, shell: Shell): Promise<number>;
}
