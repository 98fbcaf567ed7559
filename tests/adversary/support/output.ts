import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import type { Logger } from '../../../src/index.js';
import { asPrinted } from './sinks.js';

/** Everything a library lets out in this process: what it prints, logs, warns of and answers, as a debugger would show it. */
export class Output {
  readonly #pieces: Buffer[] = [];

  readonly logger: Logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, (event: string, fields: object) => this.answer(`${event} ${shown(fields)}`)]),
  ) as unknown as Logger;

  /** Pieces so far: lines of a log, answers, writes. */
  get pieces(): number {
    return this.#pieces.length;
  }

  answer(value: unknown): void {
    this.#pieces.push(Buffer.from(shown(value)));
  }

  bytes(): Buffer {
    return asPrinted(Buffer.concat(this.#pieces.flatMap((piece) => [piece, Buffer.from('\n')])));
  }

  /** Takes what is printed meanwhile. The test tool has a console of its own that does not write to the streams. */
  async during(work: () => Promise<void>): Promise<void> {
    const take = (chunk: string | Uint8Array): boolean => this.#pieces.push(Buffer.from(chunk as Uint8Array)) > 0;
    const stream = new Writable({ write: (chunk: Buffer, _, done) => done(take(chunk) ? null : undefined) });
    const streams = [process.stdout, process.stderr];
    const before = [streams.map(({ write }) => write), globalThis.console] as const;
    const warned = (warning: Error): void => this.answer(warning);
    for (const one of streams) one.write = take;
    globalThis.console = new Console(stream, stream);
    process.on('warning', warned);
    try {
      await work();
      // Warnings are told a moment later.
      await new Promise((done) => setImmediate(done));
    } finally {
      process.off('warning', warned);
      globalThis.console = before[1];
      for (const [i, one] of streams.entries()) one.write = before[0][i] as typeof one.write;
    }
  }
}

/** As a log, a debugger and a serialiser show it, and nothing of it shortened. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  const whole = inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null });
  return `${whole}\n${JSON.stringify(value)}`;
}
