import type { Clock, Injected } from '../../src/index.js';
import { runCli } from '../../src/edges/cli/run.js';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  readonly clock?: Clock;
  readonly isTTY?: boolean;
  /** Called with each text on stderr; call `interrupt` for a Ctrl-C. */
  readonly onErr?: (text: string, interrupt: () => void) => void;
}

/** Runs a command line in this process, as `main.ts` would, and keeps what it prints. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  let [out, err] = ['', ''];
  let listener: (() => void) | undefined;
  const injected: Injected = options.clock === undefined ? {} : { clock: options.clock };
  const code = await runCli(argv, {
    output: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
        options.onErr?.(text, () => listener?.());
      },
      isTTY: options.isTTY ?? false,
    },
    stdin: once(options.stdin),
    injected,
    onInterrupt: (given) => {
      listener = given;
      return () => {
        listener = undefined;
      };
    },
  });
  return { code, out, err };
}

async function* once(text: string | Uint8Array | undefined): AsyncIterable<Uint8Array> {
  if (text !== undefined) yield typeof text === 'string' ? new TextEncoder().encode(text) : text;
}
