import type { Output } from '../output.js';

const SECONDS_BETWEEN_LINES = 5;

/** Tells the story in short sections. With `json` it tells it on the error stream, so that the output is one document. */
export class Narrator {
  readonly #say: (text: string) => void;
  readonly #redraw: ((text: string) => void) | undefined;
  #lastProgress = performance.now();

  constructor(output: Output, json: boolean) {
    this.#say = (text) => (json ? output.err(`${text}\n`) : output.out(`${text}\n`));
    // A terminal gets one line that is written over, a file a line every few seconds.
    this.#redraw = output.isTTY ? (text) => output.err(`\r\u001b[K${text}`) : undefined;
  }

  section(title: string): void {
    this.#say(`\n${title}\n${'─'.repeat([...title].length)}`);
  }

  line(text: string): void {
    this.#say(text);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.#say(text);
  }

  /** Work that is under way: `done` of `all`. The last one is for `line`. */
  progress(done: number, all: number, perSecond: number): void {
    const numbers = `${done.toLocaleString('en')} of ${all.toLocaleString('en')}, ${Math.round(perSecond)} a second`;
    if (this.#redraw !== undefined) {
      const filled = Math.round((done / all) * 30);
      this.#redraw(done >= all ? '' : `    [${'█'.repeat(filled)}${' '.repeat(30 - filled)}] ${numbers}`);
    } else if (done < all && performance.now() - this.#lastProgress > SECONDS_BETWEEN_LINES * 1000) {
      this.#lastProgress = performance.now();
      this.#say(`    … ${numbers}`);
    }
  }
}

/** Seconds since `start`, for people. */
export function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
