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

export interface ProcessOutput extends Output {
  /** Once everything is written. False where some of what was asked for was lost, and not because its reader had seen enough. */
  finish(): Promise<boolean>;
}

/**
 * The process's own streams. A closed pipe is not an error: the work goes on, the text goes nowhere. A full disk is one: a key, a list or a
 * phrase that is shown only once may be lost.
 */
export function processOutput(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): ProcessOutput {
  const closed = new Set<NodeJS.WriteStream>();
  let lost = false;
  for (const stream of [stdout, stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      closed.add(stream);
      lost ||= stream === stdout && code !== 'EPIPE';
    });
  }
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
    finish: async () => {
      // Errors are told a turn after the write.
      do await nextTurn();
      while (!closed.has(stdout) && stdout.writableLength > 0);
      return !lost;
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
