/** Where a command writes. `out` is for what was asked for, `err` for progress and errors. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** True when somebody watches `err`: progress is then a line that moves. */
  readonly isTTY: boolean;
  /** For long output: waits until the reader has caught up. False when nobody reads any more (`| head`). */
  readonly drain?: () => Promise<boolean>;
}

/** Text above this waits for its reader, so that a million entries do not pile up in memory. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** The process's own streams. A closed pipe is not an error: the work goes on, the text goes nowhere. */
export function processOutput(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Output {
  const closed = new Set<NodeJS.WriteStream>();
  for (const stream of [stdout, stderr]) stream.on('error', () => closed.add(stream));
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (!closed.has(stream)) stream.write(text);
  };
  return {
    out: (text) => write(stdout, text),
    err: (text) => write(stderr, text),
    isTTY: stderr.isTTY,
    drain: async () => {
      while (!closed.has(stdout) && stdout.writableLength > MOST_WAITING_BYTES) await nextTurn();
      return !closed.has(stdout);
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
