import { performance } from 'node:perf_hooks';
import type { Output } from './output.js';
import { grouped } from './print.js';

const BAR = 24;
const QUIET_MILLISECONDS = 5000;

/** Shows on stderr how far a long work is: a moving line for somebody who watches, else a line now and then. Numbers only. */
export class ImportProgress {
  readonly #output: Output;
  readonly #total: number;
  readonly #what: string;
  readonly #now: () => number;
  readonly #start: number;
  #lastLine = Number.NEGATIVE_INFINITY;

  constructor(output: Output, total: number, now: () => number = () => performance.now(), what = 'rows') {
    this.#what = what;
    this.#output = output;
    this.#total = total;
    this.#now = now;
    this.#start = now();
  }

  /** `rows` (or whatever is counted) are dealt with; `skipped` of them by an earlier run. */
  show(rows: number, skipped: number): void {
    const elapsed = Math.max(1, this.#now() - this.#start);
    if (!this.#output.isTTY && this.#now() - this.#lastLine < QUIET_MILLISECONDS) return;
    this.#lastLine = this.#now();
    const perSecond = ((rows - skipped) * 1000) / elapsed;
    const left = perSecond > 0 ? `, ${duration((this.#total - rows) / perSecond)} left` : '';
    const numbers = `${grouped(rows)} of ${grouped(this.#total)} ${this.#what}, ${grouped(Math.round(perSecond))} a second${left}`;
    if (!this.#output.isTTY) {
      this.#output.err(`${numbers}\n`);
      return;
    }
    const done = this.#total === 0 ? BAR : Math.round((rows / this.#total) * BAR);
    this.#output.err(`\r\x1b[K[${'='.repeat(done)}${' '.repeat(BAR - done)}] ${numbers}`);
  }

  /** Clears the moving line. */
  end(): void {
    if (this.#output.isTTY) this.#output.err('\r\x1b[K');
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
